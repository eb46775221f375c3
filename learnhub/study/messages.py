"""The words for the refusals of study."""

from __future__ import annotations

from learnhub.design.i18n import _l

WORDS = {
    "study.no_lesson": _l("There is no such lesson, or it is not offered to your unit."),
    "study.nothing_to_watch": _l("This lesson is still being prepared. Please come back in a few minutes."),
    "study.not_a_test": _l("This lesson has no test."),
    "study.bad_answers": _l("The answers do not belong to this test. Please open the test again."),
    "study.no_entry": _l("There is no such entry in your study record."),
    "study.no_viewing": _l("This viewing is not known. Please open the lesson again."),
    "study.report_token": _l("This viewing has expired. Please open the lesson again."),
    "study.report_json": _l("The report cannot be read."),
    "study.report_size": _l("A report has at most %(limit)d bytes."),
    "study.report_shape": _l("The report lacks something or carries something unknown."),
    "study.report_pieces": _l("A report has at most %(limit)d pieces."),
    "study.report_numbers": _l("Places in a lesson are whole milliseconds from 0 on."),
    "study.report_order": _l("A piece of a lesson ends after it begins."),
    "study.report_beyond_end": _l("The report speaks of a place behind the end of the lesson."),
}
