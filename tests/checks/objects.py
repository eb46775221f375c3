"""One object of every kind that routes name, made in a given unit; each name says the code of the unit.

A new kind of object in an address belongs into :data:`MAKERS`, so that the matrix can put it into every place.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from learnhub.catalog.models import Category, Course, CourseAudience, Lesson, LessonVersion, MediaProposal
from learnhub.kernel import clock
from learnhub.media.models import Asset
from learnhub.media.uploads.models import Upload
from learnhub.org import audit
from learnhub.org.models import (
    Account,
    AuditLine,
    LoginSession,
    OutsideLogin,
    Person,
    Reading,
    RoleGrant,
    SecondFactor,
    Station,
    Unit,
)
from learnhub.org.roster.models import ImportRun
from learnhub.org.rules import SignInPolicy
from learnhub.proofs.models import Proof
from learnhub.sessions.models import StationSession
from learnhub.study import hours
from learnhub.study.models import Completion
from learnhub.years.models import Anomaly, DryRun, HoursClaim, Objection
from tests.cast import password_hash

POLICY = SignInPolicy()
PROVIDER = {  # a provider that is away: who may go to it is asked all the same
    "oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": "m", "oidc_client_secret": "m", "oidc_label": "m",
}  # fmt: skip

_numbers = itertools.count()


def person(unit: Unit) -> int:
    number, now = next(_numbers), clock.now()
    person = Person.create(
        staff_no=f"M{unit.code}-{number}",
        name=f"甲{unit.code}",
        name_folded=f"甲{unit.code}",
        unit=unit,
        created_at=now,
    )
    account = Account.create(
        person=person, username=f"m{number}", password_hash=password_hash(), must_change=False, created_at=now
    )
    SecondFactor.create(account=account, key="M" * 32, created_at=now, confirmed_at=now)
    OutsideLogin.create(account=account, issuer=PROVIDER["oidc_issuer"], subject=f"m{number}", linked_at=now)
    return int(person.id)


def _grant(unit: Unit) -> int:
    grant = RoleGrant.create(person=person(unit), role="auditor", unit=unit, starts_at=clock.now())
    return int(grant.id)


def login_session(unit: Unit) -> int:
    account, now = Account.get(Account.person == person(unit)), clock.now()
    session = LoginSession.create(
        token_hash=f"m{next(_numbers)}", account=account, created_at=now, seen_at=now, expires_at=now + POLICY.idle
    )
    return int(session.id)


def _station(unit: Unit) -> int:
    return int(Station.create(station_no=f"M{unit.code}-{next(_numbers)}", name=f"站点{unit.code}", unit=unit).id)


def _session(unit: Unit) -> int:
    now = clock.now()
    session = StationSession.create(
        station=_station(unit), title=f"学习{unit.code}", starts_at=now, ends_at=now + POLICY.idle
    )
    return int(session.id)


def _audit_line(unit: Unit) -> int:
    audit.record(None, "unit.renamed", "unit", unit.id, unit_id=unit.id, now=clock.now())
    return int(AuditLine.select().order_by(AuditLine.id.desc()).first().id)


def _course(unit: Unit) -> int:
    category = Category.select().first() or Category.create(code="m", name="类", name_en="kind", order=1)
    now = clock.now()
    course = Course.create(
        code=f"m{next(_numbers)}", title=f"课程{unit.code}", category=category, unit=unit, level=unit.level,
        state="published", published_at=now, changed_at=now, lesson_count=1,
    )  # fmt: skip
    CourseAudience.create(course=course, unit=unit)
    return int(course.id)


def _lesson(unit: Unit) -> int:
    lesson = Lesson.create(course=_course(unit), key="m", number=1, title="课时", kind="text")
    LessonVersion.create(
        lesson=lesson, number=1, digest="m", title="课时", body_html="<p>文</p>", body_text="文",
        length_s=60, characters=1, published_at=clock.now(),
    )  # fmt: skip
    return int(lesson.id)


def _recording(unit: Unit) -> int:
    asset = Asset.create(
        sha256=f"{next(_numbers):064}", kind="video", file_name="m.mp4", size=1, duration_ms=1000, state="ready",
        created_at=clock.now(),
    )  # fmt: skip
    lesson_id = _lesson(unit)
    LessonVersion.update(asset=asset).where(LessonVersion.lesson == lesson_id).execute()
    return lesson_id


def _claim(unit: Unit) -> int:
    day, now = clock.local_date(clock.now()), clock.now()
    claim = HoursClaim.create(
        person=person(unit), year=day.year, kind="class", title=f"班{unit.code}", organiser="校", first_day=day, last_day=day,
        centihours=100, document="0" * 64, document_name="a.pdf", document_kind="pdf", filed_at=now, state="refused",
    )  # fmt: skip
    return int(claim.id)


def _objection(unit: Unit) -> int:
    now = clock.now()
    return int(
        Objection.create(person=person(unit), year=2026, text=f"不对{unit.code}", filed_at=now, outcome="kept").id
    )


def _anomaly(unit: Unit) -> int:
    facts, now, number = {"viewing": "v", "refused_ms": 1}, clock.now(), next(_numbers)
    anomaly = Anomaly.create(
        key=f"m{number}", kind="clock", person=person(unit), unit=unit, facts=facts, happened_at=now, found_at=now
    )
    return int(anomaly.id)


def _trial(unit: Unit) -> int:
    now = clock.now()
    version = hours.keep_version(hours.shipped_texts()["yunnan-online"], entered_by=None, now=now)
    run = DryRun.create(version=version, unit=unit, year=2026, asked_by=person(unit), asked_at=now)
    return int(run.id)


def _proof(unit: Unit) -> int:
    number, now = next(_numbers), clock.now()
    proof = Proof.create(
        serial=f"M{number}", person=person(unit), kind="year", year=2026, centihours=1, rule="r", token="t",
        issued_at=now, shows=[], revoked_at=now,
    )  # fmt: skip
    return int(proof.id)


def _run(unit: Unit) -> int:
    run = ImportRun.create(
        owner=person(unit), file_name=f"{unit.code}.csv", state="planned", roots=[unit.id], columns=["name"],
        found={"headings": ["姓名"], "not_collected": [], "key": "m", "rows": 1}, refusal_params={},
        counts={"created": 1, "changed": 0, "same": 0, "refused": 0}, created_at=clock.now(),
    )  # fmt: skip
    return int(run.id)


def _upload(unit: Unit) -> int:
    now = clock.now()
    upload = Upload.create(
        person=person(unit), unit=unit, file_name=f"{unit.code}.mp4", size=1, state="receiving", created_at=now, changed_at=now,
        expires_at=now + POLICY.idle,
    )  # fmt: skip
    return int(upload.id)


def _proposal(unit: Unit) -> int:
    asset = Asset.create(
        sha256=f"{next(_numbers):064}", kind="video", file_name=f"{unit.code}.mp4", size=1, duration_ms=1000, state="ready",
        created_at=clock.now(),
    )  # fmt: skip
    proposal = MediaProposal.create(
        course=_course(unit), title=f"课时{unit.code}", asset=asset, file_name=asset.file_name, sha256=asset.sha256,
        person=person(unit), put_up_at=clock.now(),
    )  # fmt: skip
    return int(proposal.id)


def record_of(unit: Unit) -> None:
    """Somebody of the unit completes a course, and somebody else of it reads that person's record."""
    now, whose = clock.now(), person(unit)
    Completion.create(person=whose, course=_course(unit), completed_at=now)
    Reading.create(at=now, reader=person(unit), page="org.show_person", person=whose, unit=unit)


MAKERS: dict[str, Callable[[Unit], int]] = {
    "unit_id": lambda unit: int(unit.id),
    "person_id": person,
    "grant_id": _grant,
    "station_id": _station,
    "session_id": _session,
    "run_id": _run,
    "course_id": _course,
    "lesson_id": _lesson,
    "recording_id": _recording,
    "line_id": _audit_line,
    "upload_id": _upload,
}
MAKERS |= {"claim_id": _claim, "objection_id": _objection, "anomaly_id": _anomaly}
MAKERS |= {"proposal_id": _proposal}
MAKERS |= {"trial_id": _trial, "proof_id": _proof}
FIXED: dict[str, Any] = {
    "version_id": 1,
    "code": "nothing",
    "serial": "nothing",
    "language": "zh-CN",
    "token": "forged",
    "sha256": "0" * 64,
    "version": "a1",
    "asset_id": 1,
    "name": "nothing",
    "act": "retire",
    "stamp": "x",
    "filename": "nothing.css",
    "path": "nothing",
    "number": 1,
    "entry_id": 1,
    "file_format": "csv",
}
_TUS = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
BODIES: dict[str, Callable[[Unit], dict[str, Any]]] = {
    "org.grant_role": lambda unit: {"data": {"role": "auditor", "unit_id": unit.id}},
    "org.print_slips": lambda unit: {"data": {"key": f"m{next(_numbers):019}", "person": person(unit)}},
    "org.merge_people": lambda unit: {"data": {"with": person(unit)}},
    "sessions.save_marks": lambda unit: {"json": {"marks": []}},
    "uploads.append": lambda unit: {"headers": _TUS, "data": b"x", "content_type": "application/offset+octet-stream"},
    "uploads.remove": lambda unit: {"headers": _TUS},
    "sessions.save_rest": lambda unit: {"json": {"status": "present"}},
}
"""What is sent where an empty body is refused before anybody is asked who is asking."""
