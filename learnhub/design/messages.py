"""The words for refusals of the floor itself, which knows no language."""

from __future__ import annotations

from learnhub.design.i18n import _l

WORDS = {
    "kernel.csrf": _l("The page had been open for too long. Go back, load it again and send it once more."),
    "kernel.disk_full": _l("The server's disk is full. Nothing was changed; tell the administrator."),
    "kernel.disk_failed": _l("The server could not write to its disk. Nothing was changed; tell the administrator."),
    "kernel.database_busy": _l("The server is very busy. Nothing was changed; try again in a moment."),
    "kernel.database_away": _l("The database cannot be reached. Nothing was changed; try again in a moment."),
    "kernel.csv": _l("Line %(line)d of the file cannot be read as CSV; a quotation mark is probably never closed."),
    "kernel.encoding": _l("The file is neither UTF-8 nor GB18030 text (unreadable from byte %(position)d on)."),
}
