"""The words for refused media: why, and what an editor can do."""

from __future__ import annotations

from learnhub.design.i18n import _l

WORDS = {
    "media.empty": _l(
        "The file is empty (0 bytes). Copy it from the camera or computer again and upload it once more."
    ),
    "media.text_disguised": _l(
        "This is a text file with the name of a video or sound file. Choose the recording itself."
    ),
    "media.page_disguised": _l(
        "This is a web page with another name, often what a website gives instead of the file. Download the file itself."
    ),
    "media.playlist": _l(
        "This is a playlist that only points to other files. It is refused for safety; upload the recording itself."
    ),
    "media.archive": _l("This is an archive or a program, not a recording. Unpack it and upload the file inside."),
    "media.cut_off": _l(
        "The end or the beginning of the file is missing, so it cannot be played. "
        "Wait until recording or copying has ended and upload it again."
    ),
    "media.unreadable": _l("No kind of recording that LearnHub knows. Save it as MP4 and upload it again."),
    "media.format_not_allowed": _l(
        "Files of the kind “%(format)s” are not accepted. Save the recording as MP4 and upload it again."
    ),
    "media.codec_not_allowed": _l(
        "Picture or sound are stored in a way (“%(codec)s”) that is not accepted. Save the recording as MP4 (H.264, AAC)."
    ),
    "media.no_streams": _l("The file holds neither picture nor sound. Check the recording and save it as MP4 again."),
    "media.damaged": _l("The file is damaged: its picture or sound cannot be read. Export it again from the original."),
    "media.truncated": _l(
        "The file says that it lasts %(told)s seconds, but only %(got)s can be played: it was cut off while copying. "
        "Upload it again."
    ),
    "media.too_large": _l("The file has %(mb)s MB; at most %(most_mb)s MB are accepted. Cut it into parts."),
    "media.too_long": _l(
        "The recording lasts %(minutes)s minutes; at most %(most)s are accepted. Cut it into lessons."
    ),
    "media.too_short": _l("The recording lasts only %(seconds)s seconds. Check that it is the right file."),
    "media.too_many_pixels": _l(
        "The picture (%(width)s × %(height)s) is larger than the server can handle. Save it with at most 1920 × 1080."
    ),
    "media.too_many_streams": _l(
        "The file holds %(count)s tracks; at most %(most)s are accepted. Save it as plain MP4."
    ),
    "media.rate_too_high": _l(
        "The film has %(rate)s pictures a second; at most %(most)s are accepted. Save it with 25."
    ),
    "media.took_too_long": _l("Reading the file took too long, so it was stopped. Save it as MP4 and upload it again."),
    "media.disk_full": _l("The server has no room for %(mb)s MB (%(free_mb)s MB are free). Tell the administrator."),
    "media.store_away": _l(
        "The place where media are kept does not answer. Nothing is lost; try again in a few minutes."
    ),
    "media.not_being_prepared": _l("This file is not being prepared; the list may have changed meanwhile."),
    "media.not_stopped": _l("This file waits or is being prepared already; the list may have changed meanwhile."),
    "media.original_not_whole": _l("The original is missing or damaged; bring back the file from a backup first."),
    "media.not_found": _l("There is no such medium, or it is not ready yet."),
    "media.link_expired": _l("This address has expired. Open the lesson again."),
    "media.document_encrypted": _l("The document is protected by a password. Save it without one and upload it again."),
    "media.document_cut_off": _l("The document is incomplete: its end is missing. Copy or download it again."),
    "media.document_damaged": _l("The document cannot be read. Open it in its program, save it anew and upload that."),
    "media.document_bomb": _l("The document unpacks to an unreasonable size or holds doubled parts. It is refused."),
    "media.document_too_long": _l("The document has %(pages)s pages; at most %(most)s are accepted. Divide it."),
    "captions.empty": _l("The caption file is empty."),
    "captions.too_large": _l("The caption file is too large."),
    "captions.unknown_encoding": _l("The characters of the caption file cannot be read. Save it as UTF-8."),
    "captions.not_timed_text": _l("Line %(line)s: neither WebVTT nor SRT. Save the captions as .srt or .vtt."),
    "captions.bad_time": _l("Line %(line)s: the times “%(text)s” cannot be read."),
    "captions.ends_before_start": _l("Line %(line)s: the caption ends before it begins (“%(text)s”)."),
    "captions.bad_language": _l("This is no tag of a language. Examples: zh-CN, en, bo."),
    "captions.changed_meanwhile": _l(
        "Somebody else has saved these captions meanwhile (version %(version)s). Your work is kept on this machine."
    ),
    "captions.bad_cues": _l("The captions that were sent cannot be read."),
    "captions.no_engine": _l("No engine for writing speech down is set up on this server."),
    "captions.speech_failed": _l("The speech could not be written down (%(why)s)."),
    "captions.no_cues": _l("The caption file holds no captions."),
}

ACTION_WORDS = {
    "media.added": _l("Added a media file"),
    "captions.saved": _l("Saved captions"),
    "media.made_again": _l("Had a media file prepared anew"),
    "media.sums_written": _l("Kept checksums of what had been prepared before"),
    "media.stopped": _l("Stopped the preparation of a media file"),
    "media.resumed": _l("Took up the preparation of a media file again"),
}
"""What the audit trail calls by these codes."""
