"""People with an open viewing each, for the benchmarks of the path of study reports, and what their players send."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

LENGTH_MS = 3_600_000
KEY = "only-for-measuring-" * 3


def fill(url: str, learners: int) -> list[str]:
    """Writes that many learners of one long lesson into a new database; returns the tokens of their viewings."""
    from learnhub.catalog.models import Category, Course, Lesson, LessonVersion
    from learnhub.kernel.db import connect, db, transaction
    from learnhub.kernel.signing import sign
    from learnhub.migrations import migrate
    from learnhub.org.models import Person, Unit
    from learnhub.study.models import Progress, Viewing

    migrate(connect(url))
    now = datetime.now(UTC)
    with transaction():
        unit = Unit.create(code="1", name="u", level="city", path="/1/")
        category = Category.create(code="c", name="c", name_en="c", order=1)
        course = Course.create(code="c", title="c", category=category, unit=unit, level="city", changed_at=now)
        lesson = Lesson.create(course=course, key="l", number=1, title="l", kind="video")
        version = LessonVersion.create(lesson=lesson, number=1, digest="d", title="l", published_at=now)
        Person.create(id=1, name="1", name_folded="1", unit=unit, created_at=now)
        Viewing.create(
            id="v1", person=1, version=version, opened_at=now, reported_at=now, seen=[], budget_ms=10**7,
            filled_ms=int(now.timestamp() * 1000),
        )  # fmt: skip
        Progress.create(
            person=1, version=version, lesson=lesson, course=course, length_ms=LENGTH_MS, needed_ms=LENGTH_MS, seen=[],
            started_at=now, changed_at=now,
        )  # fmt: skip
        text = "CAST(n AS VARCHAR(20))"
        _copy(Person, learners, id="n", name=text, name_folded=text)
        _copy(Viewing, learners, id=f"'v' || {text}", person_id="n")
        _copy(Progress, learners, id="n", person_id="n")
    db.close()
    told = {"l": LENGTH_MS, "n": LENGTH_MS}
    later = now + timedelta(hours=1)
    return [
        sign({"v": f"v{n}", "p": n, **told}, purpose="study.beat", key=KEY, expires=later)
        for n in range(1, learners + 1)
    ]


def _copy(model: Any, last: int, **changes: str) -> None:
    """Copies a table's only row for the numbers ``n`` from 2 to ``last``; ``changes``: columns in SQL."""
    columns = [field.column_name for field in model._meta.sorted_fields]
    values = ", ".join(changes.get(name, name) for name in columns)
    table = model._meta.table_name
    model._meta.database.execute_sql(
        f"WITH RECURSIVE numbers(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < {last}) "  # noqa: S608
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table}, numbers WHERE n <= {last}"
    )


def environ_for(folder: str, url: str) -> dict[str, str]:
    """The settings of a server on that database."""
    return {
        "LEARNHUB_HOME": folder, "LEARNHUB_DATABASE_URL": url, "LEARNHUB_TOKEN_KEY": KEY, "LEARNHUB_SECRET_KEY": KEY,
        "LEARNHUB_LOG_LEVEL": "error",
    }  # fmt: skip


def request(path: str, body: dict[str, object], cookie: str = "") -> bytes:
    """The bytes of a POST."""
    sent = json.dumps(body, separators=(",", ":")).encode()
    more = f"Cookie: {cookie}\r\n" if cookie else ""
    head = f"POST {path} HTTP/1.1\r\nHost: b\r\nContent-Type: application/json\r\n{more}Content-Length: {len(sent)}\r\n\r\n"
    return head.encode() + sent


def report(token: str, seq: int, start: int, end: int) -> bytes:
    """The bytes of a report, quicker than :func:`request` makes them."""
    body = f'{{"token":"{token}","seq":{seq},"seen":[[{start},{end}]],"position_ms":{end}}}'
    return f"POST /beat HTTP/1.1\r\nHost: b\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
