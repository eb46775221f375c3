"""Bringing people in from a spreadsheet: upload, columns, dry run; then the whole of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from learnhub.kernel import files, ids, jobs
from learnhub.kernel.db import locked, transaction
from learnhub.kernel.errors import Conflict, Forbidden, Invalid, Refusal
from learnhub.org import audit
from learnhub.org.models import Person
from learnhub.org.queries.roster import get_run, has_failed, run_for
from learnhub.org.roster import copy, planning, staging, writing
from learnhub.org.roster.headings import FIELDS
from learnhub.org.roster.models import ImportLine, ImportMapping, ImportRun
from learnhub.org.roster.reading import Found, read_roster
from learnhub.org.roster.rules import BUSY, OUTCOMES, State
from learnhub.org.rules import ids_on
from learnhub.org.scope import Actor, load_actor, scope_of

JOB = "org.roster"
KEPT_DAYS = 30
"""After so many days a dry run that nobody applied is removed with its copy."""

_PLANS_OUTSIDE = 3

Progress = Callable[[float], None]


def start_import(actor: Actor, content: Iterable[bytes], *, file_name: str, data_dir: Path, now: datetime) -> ImportRun:
    """Takes an upload in and has it read by a job. Needs people.manage; raises Invalid for an empty file."""
    roots = scope_of(actor, "people.manage")
    if not roots:
        raise Forbidden("org.not_allowed", ability="people.manage")
    _remove_old(data_dir, now)
    waiting = copy.folder_of(data_dir) / f"{ids.new_id()}.upload"
    files.write_chunks(waiting, content, mode=0o600)
    if not waiting.stat().st_size:
        waiting.unlink()
        raise Invalid("org.roster_no_file", fields={"file": "org.roster_no_file"})
    with transaction():
        run = ImportRun.create(
            owner=actor.person_id,
            address=actor.address,
            file_name=file_name[-200:] or "?",
            state=State.READING,
            roots=[ids_on(path)[-1] for path in roots],
            created_at=now,
            found={},
            columns=[],
            counts={},
            refusal_params={},
        )
        waiting.rename(copy.upload_path(data_dir, run.id))
        _enqueue(run, actor, now)
    return run


def _enqueue(run: ImportRun, actor: Actor, now: datetime) -> None:
    payload = {"run": run.id, "actor": actor.person_id, "address": actor.address}
    job_id = jobs.enqueue(JOB, payload, now=now)
    ImportRun.update(job_id=job_id).where(ImportRun.id == run.id).execute()


def _remove_old(data_dir: Path, now: datetime) -> None:
    old = (ImportRun.created_at < now - timedelta(days=KEPT_DAYS)) & ImportRun.state.in_(
        [State.READING, State.COLUMNS, State.PLANNING, State.PLANNED, State.REFUSED]
    )
    for run in ImportRun.select().where(old).limit(20):
        with transaction():
            _empty(run)
        copy.remove(data_dir, run.id)


def _empty(run: ImportRun) -> None:
    ImportLine.delete().where(ImportLine.run == run).execute()
    _set(run, state=State.DISCARDED)


def _set(run: ImportRun, **values: Any) -> None:
    for name, value in values.items():
        setattr(run, name, value)
    ImportRun.update(**values).where(ImportRun.id == run.id).execute()


def carry_on(run_id: int, actor_id: int, *, address: str, data_dir: Path, now: datetime, progress: Progress) -> None:
    """Does what the state of a run asks for; the job. Run again after a crash it goes on or does nothing."""
    run = get_run(run_id)
    steps = {
        State.READING: _read,
        State.PLANNING: _plan,
        State.APPLYING: _apply,
        State.UNDOING: _undo,
    }
    while run.state in BUSY:
        try:
            actor = load_actor(actor_id, now, address=address)
        except Person.DoesNotExist:
            _set(run, state=State.REFUSED, refusal="org.not_allowed", refusal_params={})
            break
        before = run.state
        steps[State(run.state)](run, actor, data_dir, now, progress)
        run = get_run(run_id)
        if run.state == before:
            raise RuntimeError(f"the run {run_id} stays {before}")
    copy.upload_path(data_dir, run_id).unlink(missing_ok=True)
    if run.state in (State.APPLIED, State.UNDONE, State.REFUSED, State.DISCARDED):
        copy.remove(data_dir, run_id)


def _read(run: ImportRun, _actor: Actor, data_dir: Path, now: datetime, _progress: Progress) -> None:
    """Upload → stripped copy; the upload is gone a moment later, whatever happens."""
    found = Found()
    try:
        copy.write_copy(copy.copy_path(data_dir, run.id), read_roster(copy.upload_path(data_dir, run.id), found))
    except Refusal as refusal:
        _set(run, state=State.REFUSED, refusal=refusal.code, refusal_params=refusal.params)
        return
    remembered = _remembered(run.owner_id, found.key)
    columns = remembered or found.columns
    is_clear = found.is_recognised and _wrong_columns(columns) is None
    _set(
        run,
        found={**found.told(), "is_remembered": remembered is not None},
        columns=columns,
        state=State.PLANNING if is_clear or remembered else State.COLUMNS,
    )


def _remembered(person_id: int, key: str) -> list[str] | None:
    mapping = ImportMapping.get_or_none((ImportMapping.person == person_id) & (ImportMapping.headings_key == key))
    return mapping.columns if mapping else None


def _wrong_columns(columns: Sequence[str]) -> str | None:
    """The code of what is wrong with a choice of columns."""
    named = [name for name in columns if name]
    if len(set(named)) < len(named) or not set(named) <= set(FIELDS):
        return "org.import_column_twice"
    if "name" not in named:
        return "org.import_column_name"
    if not {"unit", "unit_code", "county", "township", "staff_no", "record"} & set(named):
        return "org.import_column_unit"
    return None


def correct_columns(actor: Actor, run_id: int, columns: Sequence[str], *, now: datetime) -> None:
    """Says which column is which; remembered for the actor's next roster with these headings; a new dry run follows."""
    run = run_for(actor, run_id)
    headings = run.found.get("headings", [])
    dropped = run.found.get("not_collected", [])
    chosen = ["" if heading in dropped or at >= len(columns) else columns[at] for at, heading in enumerate(headings)]
    if wrong := _wrong_columns(chosen):
        raise Invalid(wrong)
    with transaction():
        _require_state(run, State.COLUMNS, State.PLANNED)
        same = (ImportMapping.person == actor.person_id) & (ImportMapping.headings_key == run.found["key"])
        ImportMapping.delete().where(same).execute()
        ImportMapping.create(person=actor.person_id, headings_key=run.found["key"], columns=chosen, changed_at=now)
        _set(run, columns=chosen, state=State.PLANNING, refusal="")
        _enqueue(run, actor, now)


def _require_state(run: ImportRun, *states: State) -> None:
    """Refuses with Conflict unless the run, locked now, stands in one of these states."""
    fresh = locked(ImportRun.select(ImportRun.state).where(ImportRun.id == run.id)).get()
    if fresh.state not in states:
        raise Conflict("org.import_busy")


def _plan(run: ImportRun, _actor: Actor, data_dir: Path, now: datetime, progress: Progress) -> None:
    """The dry run: what each row would do, written down for the page."""
    owner = load_actor(run.owner_id, now)
    ImportLine.delete().where(ImportLine.run == run).execute()
    counts = dict.fromkeys(OUTCOMES, 0)
    digest = planning.Digest()
    for lines in planning.plan(run, owner, data_dir, now, progress):
        digest.add(lines)
        for line in lines:
            counts[line.outcome] += 1
        with transaction():
            writing.keep_lines(run, lines)
    _set(run, counts=counts, digest=digest.hex(), state=State.PLANNED)


def apply_import(actor: Actor, run_id: int, *, now: datetime) -> None:
    """Has the plan that was shown carried out by a job. Raises Conflict when it is not there or would do nothing."""
    run = run_for(actor, run_id)
    with transaction():
        _require_state(run, State.PLANNED)
        if not run.counts["created"] + run.counts["changed"]:
            raise Conflict("org.import_nothing")
        _set(run, state=State.APPLYING, refusal="")
        _enqueue(run, actor, now)


def _apply(run: ImportRun, actor: Actor, data_dir: Path, now: datetime, progress: Progress) -> None:
    """Plans once more; does exactly what was shown, in one transaction, or shows the new plan instead.

    What will be written is planned and made ready outside the transaction, so that nobody waits for it. Should a person
    or a unit have been changed meanwhile, it is planned again, the last time inside.
    """
    ends = audit.ends()
    is_as_shown = _digest_now(run, data_dir, now, lambda share: progress(share * 0.6)) == run.digest
    with staging.staged() as staged:
        ready = writing.make_ready(run, staged, now) if is_as_shown else None
        for tries_left in range(_PLANS_OUTSIDE - 1, -1, -1):
            with transaction():
                _take_turn(run, State.APPLYING)
                is_older = ready is not None and audit.is_written_since(ends, "person", "unit", "import")
                if ready and (not is_older or (not tries_left and _is_as_shown(run, data_dir, now))):
                    change_id = writing.write_people(actor, run, ready, now)
                    audit.record_many(actor, staged.entries(), now=now)
                    _record(actor, "people.imported", run, now)
                    _set(run, state=State.APPLIED, applied_at=now, found={**run.found, "change": change_id})
                    break
                if not ready or not tries_left:
                    _set(run, state=State.PLANNING, refusal="org.import_changed", refusal_params={})
                    return
            ends = audit.ends()
            if not _is_as_shown(run, data_dir, now):
                ready = None
    progress(1)


def _is_as_shown(run: ImportRun, data_dir: Path, now: datetime) -> bool:
    return _digest_now(run, data_dir, now, lambda _share: None) == run.digest


def _digest_now(run: ImportRun, data_dir: Path, now: datetime, progress: Progress) -> str:
    """The digest of the plan as it would be made at this moment, by the powers that the owner has at it."""
    owner = load_actor(run.owner_id, now)
    digest = planning.Digest()
    for lines in planning.plan(run, owner, data_dir, now, progress):
        digest.add(lines)
    return digest.hex()


def _take_turn(run: ImportRun, state: State) -> None:
    """Waits until no other import is writing people, then refuses with Conflict unless the run still stands there."""
    writing_now = ImportRun.state.in_([State.APPLYING, State.UNDOING])
    list(locked(ImportRun.select(ImportRun.id).where(writing_now).order_by(ImportRun.id)))
    _require_state(run, state)


def _record(actor: Actor, action: str, run: ImportRun, now: datetime, **more: Any) -> None:
    audit.record(
        actor, action, "import", run.id, unit_id=run.roots[0], now=now, file=run.file_name, **run.counts, **more
    )


def undo_import(actor: Actor, run_id: int, reason: str, *, now: datetime) -> None:
    """Has an applied import taken back as a whole by a job, while nothing depends on its people.

    Raises Invalid without a reason, Conflict when somebody has used it or changed a person since.
    """
    run = run_for(actor, run_id)
    if not reason.strip():
        raise Invalid("org.import_no_reason", fields={"reason": "org.import_no_reason"})
    _require_undoable(run)
    with transaction():
        _require_state(run, State.APPLIED)
        _set(run, state=State.UNDOING, reason=reason.strip()[:300], refusal="")
        _enqueue(run, actor, now)


def _require_undoable(run: ImportRun) -> None:
    """Refuses with Conflict when anything depends on the people whom the run added, or one of its people was changed."""
    writing.require_unused(run)
    writing.require_unchanged(run)


def _undo(run: ImportRun, actor: Actor, _data_dir: Path, now: datetime, _progress: Progress) -> None:
    try:
        ends = audit.ends()
        _require_undoable(run)
        with staging.staged() as staged:
            ready = writing.make_ready_to_undo(run, staged)
            with transaction():
                _take_turn(run, State.UNDOING)
                writing.require_unused(run)
                if audit.is_written_since(ends, "person", "unit", "import"):
                    writing.require_unchanged(run)
                writing.take_back(run, ready)
                audit.record_many(actor, staged.entries(), now=now)
                _record(actor, "people.import_undone", run, now, reason=run.reason)
                _set(run, state=State.UNDONE, undone_at=now)
    except Conflict as refusal:
        _set(run, state=State.APPLIED, refusal=refusal.code, refusal_params=refusal.params)


def discard_import(actor: Actor, run_id: int, *, data_dir: Path, now: datetime) -> None:
    """Removes a run that was not applied, with its lines and the copy of the file."""
    run = run_for(actor, run_id)
    with transaction():
        failed = run.state in (State.READING, State.PLANNING, State.APPLYING) and has_failed(run)
        _require_state(run, State.COLUMNS, State.PLANNED, State.REFUSED, *([State(run.state)] if failed else []))
        _empty(run)
        _record(actor, "people.import_discarded", run, now)
    copy.remove(data_dir, run.id)


def try_again(actor: Actor, run_id: int, *, now: datetime) -> None:
    """Has a run whose job has failed carried on from where it stands. Raises Conflict for all others."""
    run = run_for(actor, run_id)
    with transaction():
        _require_state(run, *BUSY)
        if not has_failed(run):
            raise Conflict("org.import_busy")
        _enqueue(run, actor, now)
