"""What each row of a roster would do: pure decisions on plain values.

Nothing is guessed: what fits two people or two units is refused. An empty cell changes nothing. An import neither moves
people nor retires them: both need a day and a reason, which a roster does not give.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from learnhub.kernel.text import clean, fold, fold_name
from learnhub.org.roster.cells import DIGITS_LOST, ERROR, FORMULA, IDENTITY, Trouble, read_date
from learnhub.org.roster.places import Place, Places, Refused, refused
from learnhub.org.roster.reading import RosterRow


class State(StrEnum):
    """Where a run stands."""

    READING = "reading"
    COLUMNS = "columns"
    PLANNING = "planning"
    PLANNED = "planned"
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"
    REFUSED = "refused"
    DISCARDED = "discarded"


BUSY = (State.READING, State.PLANNING, State.APPLYING, State.UNDOING)
"""States in which a job works."""

CREATED, CHANGED, SAME, REFUSED = "created", "changed", "same", "refused"
OUTCOMES = (CREATED, CHANGED, SAME, REFUSED)
LONGEST = {"name": 80, "staff_no": 40, "duty": 120}
_YES = ("是", "在职", "在岗", "yes", "y", "true", "1", "在")
_NO = ("否", "不在职", "离职", "退休", "no", "n", "false", "0", "调出", "离岗")
_NOTHING = ("—", "——", "-", "--", "/", "\\", "无", "n/a", "N/A")
"""What people write into a cell to say that there is nothing."""
_TROUBLES = {
    FORMULA: "org.roster_cell_formula",
    ERROR: "org.roster_cell_error",
    DIGITS_LOST: "org.roster_cell_digits",
    IDENTITY: "org.roster_cell_identity",
}
_BRANCH_WORDS = {
    "org.roster_code_unknown": "org.roster_branch_unknown",
    "org.roster_unit_unknown": "org.roster_branch_unknown",
    "org.roster_unit_ambiguous": "org.roster_branch_ambiguous",
}
RANK_WORDS = {
    "bureau-head": ("正厅级", "正厅", "厅级正职"),
    "bureau-deputy": ("副厅级", "副厅", "厅级副职"),
    "county-head": ("正处级", "正处", "正县级", "处级正职"),
    "county-deputy": ("副处级", "副处", "副县级", "处级副职"),
    "township-head": ("正科级", "正科", "科级正职"),
    "township-deputy": ("副科级", "副科", "科级副职"),
}
"""Other words for ranks that mean one rank only; a bare 科级 or 处级 could be two and is refused."""


@dataclass(frozen=True)
class Branch:
    """The Party branch that a row names: ``ids`` are all in the whole tree that it may mean, ``place`` is the one found.

    Whether the row is refused for it depends on the person: who belongs there already may stay, whosever branch it is.
    """

    text: str
    place: Place | Refused
    ids: frozenset[int]


@dataclass(frozen=True)
class Wanted:
    """What a row asks for; empty or None where it says nothing."""

    row: RosterRow
    name: str
    staff_no: str = ""
    place: Place | None = None
    rank_id: int | None = None
    duty: str = ""
    in_service: bool | None = None
    since: date | None = None
    record: int | None = None
    branch: Branch | None = None

    @property
    def folded(self) -> str:
        """The name for comparing."""
        return fold_name(self.name)


@dataclass(frozen=True)
class KnownPerson:
    """Somebody in the system; ``is_mine``: the actor may change them."""

    id: int
    staff_no: str
    name: str
    unit_id: int
    rank_id: int | None
    duty: str
    is_active: bool
    branch_id: int | None
    is_mine: bool


@dataclass(frozen=True)
class Known:
    """Those whom the rows at hand may mean, and who has which user name: folded name → person."""

    by_id: Mapping[int, KnownPerson]
    by_staff_no: Mapping[str, KnownPerson]
    by_name: Mapping[tuple[str, int], Sequence[KnownPerson]]
    usernames: Mapping[str, int]
    by_bare_no: Mapping[str, KnownPerson] = field(default_factory=dict)


@dataclass
class Seen:
    """What earlier rows of the same file have taken."""

    staff_numbers: dict[str, int] = field(default_factory=dict)
    names: dict[tuple[str, int], tuple[int, bool]] = field(default_factory=dict)
    people: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """What one row does."""

    row: RosterRow
    outcome: str
    code: str = ""
    params: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    before: Mapping[str, Any] | None = None
    unit_id: int | None = None
    person_id: int | None = None


class RowReader:
    """Reads rows under one mapping of columns: column number → field."""

    def __init__(
        self,
        headings: Sequence[str],
        columns: Sequence[str],
        places: Places,
        ranks: Mapping[str, int],
        today: date,
        branches: Places,
    ) -> None:
        self._branches = branches
        self._at = {name: at for at, name in enumerate(columns) if name}
        self._headings, self._places, self._ranks, self._today = headings, places, ranks, today

    def read(self, row: RosterRow) -> Wanted | Refused:
        """What a row asks for, or the first reason against it."""
        if row.is_hidden:
            return refused("org.roster_row_hidden")
        texts: dict[str, str] = {}
        for name, at in self._at.items():
            cell = row.cells[at] if at < len(row.cells) else ""
            if isinstance(cell, Trouble):
                return refused(_TROUBLES[cell.kind], column=self._headings[at], text=cell.shown)
            texts[name] = "" if cell in _NOTHING and name != "name" else cell
        wrong = _wrong_text(texts, self._heading)
        return wrong or self._meaning(row, texts)

    def _heading(self, name: str) -> str:
        return self._headings[self._at[name]] if name in self._at else name

    def _meaning(self, row: RosterRow, texts: Mapping[str, str]) -> Wanted | Refused:
        say = texts.get
        place = self._places.find(say("unit_code", ""), say("unit", ""), say("county", ""), say("township", ""))
        if isinstance(place, Refused):
            return place
        rank = say("rank", "")
        if rank and fold(rank) not in self._ranks:
            return refused("org.roster_rank_unknown", text=rank[:80])
        service = _yes_or_no(say("in_service", ""))
        if isinstance(service, Refused):
            return service
        since = read_date(say("since", "")) if say("since") else None
        if say("since") and (since is None or since > self._today):
            return refused("org.roster_date_unclear", text=say("since", "")[:40])
        record = say("record", "")
        if record and not (record.isdecimal() and len(record) < 10):
            return refused("org.roster_record_unknown", text=record[:40])
        return Wanted(
            *(row, say("name", ""), say("staff_no", ""), place, self._ranks.get(fold(rank)) if rank else None),
            *(say("duty", ""), service, since, int(record) if record else None, self._branch(say("branch", ""))),
        )

    def _branch(self, text: str) -> Branch | None:
        if not text:
            return None
        return Branch(text, self._branches.find_text(text), self._branches.possible(text))


def _wrong_text(texts: Mapping[str, str], heading: Any) -> Refused | None:
    name, staff_no = texts.get("name", ""), texts.get("staff_no", "")
    if not name:
        return refused("org.roster_no_name")
    if not any(one.isalpha() for one in name) or name[0] in "=@+-":
        return refused("org.roster_name_bad", text=name[:40])
    for field_name, limit in LONGEST.items():
        if len(texts.get(field_name, "")) > limit:
            return refused("org.line_too_long", column=heading(field_name), limit=limit)
    if any(one.isspace() for one in staff_no) or staff_no[:1] in ("=", "@", "+", "-") or _is_fraction(staff_no):
        return refused("org.roster_staff_no_bad", text=staff_no)
    return None


def _is_fraction(text: str) -> bool:
    whole, point, rest = text.partition(".")
    return bool(point) and whole.isdecimal() and rest.isdecimal()


def _yes_or_no(text: str) -> bool | None | Refused:
    folded = fold(text)
    if not folded:
        return None
    if folded in _YES:
        return True
    return False if folded in _NO else refused("org.roster_service_unclear", text=text[:40])


def decide(wanted: Wanted, known: Known, seen: Seen) -> Line:
    """Creates, changes, leaves alone or refuses; notes in ``seen`` what the row takes."""
    person = _match(wanted, known)
    if isinstance(person, Refused):
        return _no(wanted, person)
    against = _against_known(wanted, person) if person else _against_new(wanted, known, seen)
    against = against or _against_seen(wanted, person, known, seen) or _against_branch(wanted, person)
    if against:
        return _no(wanted, against)
    _note(wanted, person, seen)
    if person is None and wanted.place is not None:
        return _new(wanted, wanted.place)
    return _changed(wanted, person) if person else _no(wanted, refused("org.roster_no_unit"))


def _no(wanted: Wanted, why: Refused) -> Line:
    return Line(wanted.row, REFUSED, why.code, why.params)


def _match(wanted: Wanted, known: Known) -> KnownPerson | Refused | None:
    """The person meant: by record, by staff number, else by name within the unit; None for somebody new."""
    if wanted.record is not None:
        found = known.by_id.get(wanted.record)
        if found is None or not found.is_mine:
            return refused("org.roster_record_unknown", text=str(wanted.record))
        if fold_name(found.name) != wanted.folded and (not wanted.staff_no or found.staff_no != wanted.staff_no):
            return refused("org.roster_record_other", text=str(wanted.record), name=found.name)
        return found
    if wanted.staff_no:
        found = known.by_staff_no.get(wanted.staff_no.lower())
        if found is not None:
            return found if found.is_mine else refused("org.roster_staff_no_not_free", text=wanted.staff_no)
        if (whole := known.by_bare_no.get(wanted.staff_no.lower())) and whole.is_mine:
            return refused("org.roster_zeros_lost", text=wanted.staff_no, number=whole.staff_no)
    if wanted.place is None:
        return None
    all_same = known.by_name.get((wanted.folded, wanted.place.id), ())
    # Those out of service count only when nobody in service fits.
    same = [one for one in all_same if one.is_active] or all_same
    without = [one for one in same if not one.staff_no]
    found_by_name = without if wanted.staff_no or without else list(same)
    if len(found_by_name) > 1:
        return refused("org.roster_name_ambiguous", name=wanted.name, count=len(found_by_name))
    return found_by_name[0] if found_by_name else None


def _against_known(wanted: Wanted, person: KnownPerson) -> Refused | None:
    if not person.is_active and wanted.in_service is not False:
        return refused("org.roster_not_in_service", name=person.name)
    if person.is_active and wanted.in_service is False:
        return refused("org.roster_no_retiring", name=person.name)
    if wanted.place is not None and wanted.place.id != person.unit_id:
        return refused("org.roster_no_moving", name=person.name)
    return None


def _against_new(wanted: Wanted, known: Known, seen: Seen) -> Refused | None:
    if wanted.place is None:
        return refused("org.roster_no_unit")
    if wanted.in_service is False:
        return refused("org.roster_new_not_in_service")
    before = seen.names.get((wanted.folded, wanted.place.id))
    if before and not (wanted.staff_no and before[1]):
        return refused("org.roster_twice", text=wanted.name, first=before[0])
    return None


def _against_seen(wanted: Wanted, person: KnownPerson | None, known: Known, seen: Seen) -> Refused | None:
    if person is not None and person.id in seen.people:
        return refused("org.roster_twice", text=wanted.name, first=seen.people[person.id])
    number = wanted.staff_no.lower()
    if number and number in seen.staff_numbers:
        return refused("org.roster_twice", text=wanted.staff_no, first=seen.staff_numbers[number])
    owner = known.by_staff_no.get(number) if number else None
    user = known.usernames.get(number) if number else None
    own = person.id if person else None
    if (owner is not None and owner.id != own) or (user is not None and user != own):
        return refused("org.roster_staff_no_not_free", text=wanted.staff_no)
    return None


def _against_branch(wanted: Wanted, person: KnownPerson | None) -> Refused | None:
    branch, present = wanted.branch, person.branch_id if person else None
    if branch is None or present in branch.ids:
        return None
    if present is not None and person is not None:
        return refused("org.roster_no_moving_branch", name=person.name)
    if isinstance(branch.place, Refused):
        found = branch.place
        return refused(_BRANCH_WORDS.get(found.code, found.code), **{**found.params, "text": branch.text})
    return None


def _new_branch(wanted: Wanted, person: KnownPerson | None) -> int | None:
    """The branch that the person would get; None for none, or for the one they have."""
    branch = wanted.branch
    if branch is None or isinstance(branch.place, Refused) or (person and person.branch_id is not None):
        return None
    return branch.place.id


def _note(wanted: Wanted, person: KnownPerson | None, seen: Seen) -> None:
    number = wanted.row.number
    if wanted.staff_no:
        seen.staff_numbers[wanted.staff_no.lower()] = number
    if person is not None:
        seen.people[person.id] = number
    elif wanted.place is not None:
        # A row without a staff number stays: nobody else of that name may follow it in this unit.
        seen.names[wanted.folded, wanted.place.id] = (number, bool(wanted.staff_no))


def _new(wanted: Wanted, place: Place) -> Line:
    after = {
        "name": wanted.name,
        "staff_no": wanted.staff_no,
        "unit_id": place.id,
        "rank_id": wanted.rank_id,
        "duty": wanted.duty,
        "since": wanted.since.isoformat() if wanted.since else "",
        "branch_id": _new_branch(wanted, None),
    }
    return Line(wanted.row, CREATED, after=after, unit_id=place.id)


def _changed(wanted: Wanted, person: KnownPerson) -> Line:
    after: dict[str, Any] = {}
    if clean(wanted.name) != clean(person.name):
        after["name"] = wanted.name
    for name in ("staff_no", "rank_id", "duty"):
        value = getattr(wanted, name)
        if value and value != getattr(person, name):
            after[name] = value
    if (branch_id := _new_branch(wanted, person)) is not None:
        after["branch_id"] = branch_id
    before = {name: getattr(person, name) for name in after}
    outcome = CHANGED if after else SAME
    return Line(
        wanted.row, outcome, after=after or None, before=before or None, unit_id=person.unit_id, person_id=person.id
    )
