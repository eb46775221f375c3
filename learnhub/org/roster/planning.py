"""From the copy of a roster to what each row would do, some hundred rows at a time, three questions to the database each."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import peewee

from learnhub.kernel import clock
from learnhub.kernel.text import fold
from learnhub.org.models import Account, Person, Rank, Unit
from learnhub.org.roster import copy
from learnhub.org.roster.models import ImportRun
from learnhub.org.roster.places import Place, Places, Refused
from learnhub.org.roster.rules import (
    RANK_WORDS,
    REFUSED,
    Known,
    KnownPerson,
    Line,
    RowReader,
    Seen,
    Wanted,
    decide,
)
from learnhub.org.rules import ADMIN, PARTY, is_within
from learnhub.org.scope import Actor, scope_of

_ROWS_AT_ONCE = 800


class Digest:
    """One value for a whole plan: the same plan again gives the same, any difference another."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, lines: Iterable[Line]) -> None:
        """Takes in the next lines."""
        for line in lines:
            values = [line.row.sheet, line.row.number, line.outcome, line.code, line.params]
            values += [line.after, line.before, line.unit_id, line.person_id]
            self._hash.update(json.dumps(values, ensure_ascii=False).encode())

    def hex(self) -> str:
        """The value so far."""
        return self._hash.hexdigest()


def plan(
    run: ImportRun, owner: Actor, data_dir: Path, now: datetime, progress: Callable[[float], None]
) -> Iterator[list[Line]]:
    """What each row would do now, by the powers of the run's owner, in the order of the file."""
    roots = scope_of(owner, "people.manage")
    branches = load_places(roots, PARTY) if "branch" in run.columns else Places(())
    reader = RowReader(
        run.found["headings"], run.columns, load_places(roots), load_ranks(), clock.local_date(now), branches
    )
    numbers = _Numbers()
    seen, done, total = Seen(), 0, max(1, run.found["rows"])
    for rows in peewee.chunked(copy.read_copy(copy.copy_path(data_dir, run.id)), _ROWS_AT_ONCE):
        read = [reader.read(row) for row in rows]
        known = _known([one for one in read if isinstance(one, Wanted)], roots, numbers)
        yield [
            Line(row, REFUSED, one.code, one.params) if isinstance(one, Refused) else decide(one, known, seen)
            for row, one in zip(rows, read, strict=True)
        ]
        done += len(rows)
        progress(done / total)


def load_places(roots: tuple[str, ...], kind: str = ADMIN) -> Places:
    """The units of the administrative tree, or of the Party's. One query."""
    rows = Unit.select(Unit.id, Unit.code, Unit.name, Unit.path, Unit.is_retired).where(Unit.kind == kind).tuples()
    return Places(
        Place(unit_id, code, name, path, any(is_within(path, root) for root in roots), is_retired)
        for unit_id, code, name, path, is_retired in rows
    )


def load_ranks() -> dict[str, int]:
    """Rank ids by everything that a rank may be called. One query."""
    found: dict[str, int] = {}
    for rank_id, code, name, name_en in Rank.select(Rank.id, Rank.code, Rank.name, Rank.name_en).tuples():
        words = (code, name, name_en, name.replace("（社区）", ""), *RANK_WORDS.get(code, ()))
        found.update({fold(word): rank_id for word in words})
    return found


class _Numbers:
    """Every staff number in the system, read once for a plan: numbers in lower case → person, and those with zeros
    before them without these. (By the condition LOWER(staff_no) IN … each batch would read the whole table.)
    """

    def __init__(self) -> None:
        rows = Person.select(Person.staff_no, Person.id).where(Person.staff_no.is_null(False)).tuples().iterator()
        self.owners = {number.lower(): person_id for number, person_id in rows}
        self.bare = {number.lstrip("0"): number for number in self.owners if number.startswith("0")}

    def people(self, number: str) -> list[int]:
        """Those whom a number may mean: its owner, else the owner of the same number with zeros before it."""
        found = self.owners.get(number) or self.owners.get(self.bare.get(number, ""))
        return [found] if found else []


def _known(wanted: list[Wanted], roots: tuple[str, ...], numbers: _Numbers) -> Known:
    """The people whom these rows may mean. Three queries."""
    given = {one.staff_no.lower() for one in wanted if one.staff_no}
    ids = {one.record for one in wanted if one.record is not None}
    ids.update(person_id for number in given for person_id in numbers.people(number))
    names = {one.folded for one in wanted}
    units = {one.place.id for one in wanted if one.place is not None}
    by_name: dict[tuple[str, int], list[KnownPerson]] = defaultdict(list)
    people = {}
    for condition in (Person.id.in_(ids), Person.unit.in_(units) & Person.name_folded.in_(names)):
        for folded, path, *values in _people(condition):
            person = KnownPerson(*values, is_mine=any(is_within(path, root) for root in roots))
            if person.id not in people:
                people[person.id] = person
                by_name[folded, person.unit_id].append(person)
    usernames = dict(Account.select(Account.username, Account.person).where(Account.username.in_(given)).tuples())
    by_staff_no = {one.staff_no.lower(): one for one in people.values() if one.staff_no}
    bare = {number: by_staff_no[whole] for number in given if (whole := numbers.bare.get(number, "")) in by_staff_no}
    return Known(people, by_staff_no, by_name, _texts(usernames), bare)


def _people(condition: peewee.Expression) -> peewee.ModelSelect:
    """Folded name, path, and the values of a :class:`KnownPerson` but the last."""
    return (
        Person.select(
            *(Person.name_folded, Unit.path, Person.id, peewee.fn.COALESCE(Person.staff_no, ""), Person.name),
            *(Person.unit, Person.rank, Person.duty, Person.is_active, Person.branch),
        )
        .join(Unit, on=Person.unit == Unit.id)
        .where(condition)
        .order_by(Person.id)
        .tuples()
    )


def _texts(usernames: Mapping[str, int]) -> dict[str, int]:
    return {name.lower(): person for name, person in usernames.items()}
