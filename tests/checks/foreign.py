"""What a role must not read: names, codes, numbers and addresses of units, people and stations outside of its scope.

A role's scope is the union of its grants, whatever their powers. Beside it everybody may read their own unit and the
names and codes of the units above (the trail of a page shows them) and of their stations, to whose sessions they are
asked; a page never leads to a unit or station above. :data:`SAMPLES` say the same to everybody.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

from learnhub.kernel import clock
from learnhub.org.models import Account, Person, Station, Unit
from learnhub.org.rules import is_within
from learnhub.org.scope import load_actor

SAMPLES = ("design.gallery", "org.import_template")
"""Routes whose answer is made of fixed examples, names of the real tree among them."""

_ADDRESS = re.compile(r"/(units|people|stations)/(\d+)")


@dataclass(frozen=True)
class Foreign:
    """The words, as one pattern, and the ids by the kind that an address names them with."""

    words: re.Pattern[str]
    ids: dict[str, set[int]]

    def found_in(self, answer: bytes) -> list[str]:
        """Every foreign word and address in an answer: HTML, JSON, CSV or an Excel book."""
        text = _text_of(answer)
        addresses = [f"/{kind}/{one}" for kind, one in _ADDRESS.findall(text) if int(one) in self.ids[kind]]
        return sorted({*self.words.findall(text), *addresses})


def _text_of(answer: bytes) -> str:
    if not answer.startswith(b"PK"):
        return answer.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(answer)) as book:
        return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


def what_is_foreign(role: str) -> Foreign:
    """All that lies outside of the scope of the member of the cast, read from the database."""
    account = Account.get_or_none(Account.username == role)
    actor = load_actor(account.person_id, clock.now()) if account else None
    roots = [grant.path for grant in actor.grants] if actor else []
    above = [*roots, actor.unit_path] if actor else []

    def is_inside(path: str) -> bool:
        return any(is_within(path, root) for root in roots)

    units = {unit.id: unit for unit in Unit.select() if not is_inside(unit.path)}
    people = [one for one in Person.select() if one.unit_id in units and not (actor and one.id == actor.person_id)]
    stations = [one for one in Station.select() if one.unit_id in units]
    unknown = [one for one in units.values() if not any(is_within(path, one.path) for path in above)]
    words = [*(one.code for one in unknown), *(one.name for one in unknown)]
    words += [*(one.name for one in people), *(one.staff_no for one in people if one.staff_no)]
    words += [word for one in stations if one.unit in unknown for word in (one.station_no, one.name)]
    pattern = "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))
    ids = {"units": set(units), "people": {one.id for one in people}, "stations": {one.id for one in stations}}
    return Foreign(re.compile(rf"(?<!\d)(?:{pattern})(?!\d)") if words else re.compile("(?!)"), ids)
