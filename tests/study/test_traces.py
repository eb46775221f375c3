"""The table of traces over HTTP: the real actions and the real path of reports, at the script's time, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from learnhub.catalog.models import LessonVersion
from learnhub.config import Settings
from learnhub.study.models import LedgerEntry, Progress
from tests.cast import Cast
from tests.study.conftest import Library, add_lesson
from tests.study.serving import HttpServer
from tests.study.traces import LENGTH_MS, Trace, read_traces, run

APART = timedelta(days=4)  # no trace lasts longer, and grace has come back until then
IN_DECEMBER = ("colleague", "sibling_learner", "township_learner")
LENGTHS = {
    "video": {"duration_ms": LENGTH_MS, "length_s": 600},
    "text": {"characters": 3_000},
    "document": {"characters": 3_000},
}


def outcome(trace: Trace, server: HttpServer) -> Trace:
    """The trace with what was really credited, to be compared with the table's."""
    run(trace, server)
    server.fold.flush()
    versions = LessonVersion.select().where(LessonVersion.lesson == server.lesson_id).order_by(LessonVersion.number)
    seen = [Progress.get_or_none(Progress.version == version) for version in versions]
    entries = list(LedgerEntry.select().where(LedgerEntry.lesson == server.lesson_id))
    return Trace(
        trace.name, trace.do, seen_ms=seen[0].seen_ms, hours=len(entries), kind=trace.kind, begins=trace.begins,
        seen_new_ms=None if trace.seen_new_ms is None else seen[1].seen_ms if seen[1] else 0,
        year=trace.year and entries[0].year, is_for_rules=trace.is_for_rules,
    )  # fmt: skip


@pytest.mark.parametrize("is_written_at_once", [True, False], ids=["written at once", "written at the end"])
def test_every_trace_gets_exactly_the_credit_of_an_honest_reading(
    cast: Cast, library: Library, settings: Settings, now: datetime, is_written_at_once: bool
) -> None:
    others = iter(IN_DECEMBER)
    for number, trace in enumerate(read_traces(), 1):
        lesson = add_lesson(library.course, 10 + number, trace.kind, now, **LENGTHS[trace.kind])
        start, who = trace.begins or now + number * APART, next(others) if trace.begins else "learner"
        server = HttpServer(cast, lesson.id, settings, start, who=who)
        server.is_written_at_once = is_written_at_once
        assert outcome(trace, server) == trace


def test_the_table_has_the_ten_traces_and_more_than_twenty_others() -> None:
    names = [trace.name for trace in read_traces()]
    assert len(set(names)) == len(names) >= 30
