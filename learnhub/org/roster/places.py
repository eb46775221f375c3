"""Finds the unit that a row means: by code, by full path, or by a name that only one unit of one's part has. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from learnhub.kernel.text import fold
from learnhub.org.rules import ids_on

_BETWEEN = re.compile(r"[\s/\\>›»→|、,，\-—–·]+")
_TOLD = 5


@dataclass(frozen=True)
class Place:
    """A unit as an import sees it; ``is_mine``: the actor may bring people in here."""

    id: int
    code: str
    name: str
    path: str
    is_mine: bool = True
    is_retired: bool = False


@dataclass(frozen=True)
class Refused:
    """Why a row cannot be taken: a code of ``messages.py`` and its parameters."""

    code: str
    params: dict[str, Any]


def refused(code: str, **params: Any) -> Refused:
    """Short for :class:`Refused`."""
    return Refused(code, params)


def joined(text: str) -> str:
    """A unit's name or path for comparing: folded, without separators and white space."""
    return _BETWEEN.sub("", fold(text)).replace("（", "(").replace("）", ")")


class Places:
    """All units of one tree; only those of the actor's own part are ever found or named."""

    def __init__(self, units: Iterable[Place]) -> None:
        self._by_id = {unit.id: unit for unit in units}
        self._by_code = {unit.code.lower(): unit for unit in self._by_id.values()}
        self._names = {unit.id: joined(unit.name) for unit in self._by_id.values()}
        self._by_chain: dict[str, list[int]] = {}
        self._by_any_chain: dict[str, set[int]] | None = None
        for unit in self._by_id.values():
            if unit.is_mine and not unit.is_retired:
                for chain in self._chains(unit):
                    self._by_chain.setdefault(chain, []).append(unit.id)

    def _chains(self, unit: Place) -> set[str]:
        """A unit's name alone, with the unit above it, and so on to the top: ``河尾村``, ``绿汁镇河尾村`` …"""
        chain, chains = "", set()
        for unit_id in reversed(ids_on(unit.path)):
            chain = self._names.get(unit_id, "") + chain
            chains.add(chain)
        return chains

    def __getitem__(self, unit_id: int) -> Place:
        return self._by_id[unit_id]

    def full_name(self, unit_id: int) -> str:
        """The names from the top down to the unit."""
        return " / ".join(self._by_id[one].name for one in ids_on(self._by_id[unit_id].path) if one in self._by_id)

    def find(self, code: str, name: str, *above: str) -> Place | Refused | None:
        """The unit for a code, or for a name, path or code in ``name`` below the units ``above``; None when none is named."""
        if code:
            return self._by_its_code(code, name)
        if name:
            by_code = self._by_code.get(name.lower())
            return by_code if by_code and by_code.is_mine and not by_code.is_retired else self._by_its_name(name, above)
        given = [text for text in above if text]
        return self._by_its_name(given[-1], given[:-1]) if given else None

    def find_text(self, text: str) -> Place | Refused:
        """The unit for one text that is a code, a path or a name."""
        found = self.find("", text)
        return refused("org.roster_unit_unknown", text=text) if found is None else found

    def possible(self, text: str) -> frozenset[int]:
        """All units of the whole tree, also beyond one's own part, that a text may mean."""
        if self._by_any_chain is None:
            self._by_any_chain = {}
            for unit in self._by_id.values():
                for chain in self._chains(unit) | {unit.code.lower()}:
                    self._by_any_chain.setdefault(chain, set()).add(unit.id)
        found = self._by_any_chain.get(joined(text), set()) | self._by_any_chain.get(text.lower(), set())
        return frozenset(found)

    def _by_its_code(self, code: str, name: str) -> Place | Refused:
        unit = self._by_code.get(code.lower())
        if unit is None or not unit.is_mine:
            return refused("org.roster_code_unknown", text=code)
        if unit.is_retired:
            return refused("org.roster_unit_retired", unit=unit.name)
        if name and not self._agrees(unit, joined(name)):
            return refused("org.roster_code_and_name", text=code, unit=unit.name, name=name)
        return unit

    def _agrees(self, unit: Place, wanted: str) -> bool:
        """True when a name is the unit's name, a part of its path, or its name without the long ending."""
        own = self._names[unit.id]
        whole = "".join(self._names.get(one, "") for one in ids_on(unit.path))
        return wanted.endswith(own) or wanted in whole or (len(wanted) >= 2 and own.startswith(wanted))

    def _by_its_name(self, name: str, above: Sequence[str]) -> Place | Refused:
        wanted = joined(name)
        found = self._by_chain.get(wanted, [])
        for text in filter(None, map(joined, above)):
            found = [one for one in found if self._stands_below(one, text)]
        if len(found) == 1:
            return self._by_id[found[0]]
        if not found:
            return refused("org.roster_unit_unknown", text=name)
        shown = "；".join(f"{self.full_name(one)}（{self._by_id[one].code}）" for one in found[:_TOLD])
        return refused("org.roster_unit_ambiguous", text=name, count=len(found), units=shown)

    def _stands_below(self, unit_id: int, text: str) -> bool:
        return any(text in self._names.get(one, "") for one in ids_on(self._by_id[unit_id].path))
