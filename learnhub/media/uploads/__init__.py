"""Uploads that survive a broken line: the tus 1.0 protocol, part files, quotas, and what becomes of a whole file.

Tables: Upload (one per file that somebody sends; when it is done, it is that unit's hold on the asset), MediaQuota.
Jobs: ``media.take_in`` makes an asset of a whole upload, ``media.tidy_uploads`` removes what has expired.
"""
