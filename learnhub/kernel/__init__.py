"""The floor that every feature stands on; it knows no business word.

Database, clock, refusals, events, jobs, ids, text, paging, sheets, files, signing, logs.
"""
