"""Long lists in pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a list: ``number`` counts from 1, ``total`` is the length of the whole list."""

    items: Sequence[Item]
    number: int
    size: int
    total: int

    @property
    def count(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """The place of the first item shown, counted from 1; 0 in an empty list."""
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        """The place of the last item shown."""
        return min(self.number * self.size, self.total)

    def map(self, change: Callable[[Item], Any]) -> Page[Any]:
        """The same page with each item changed."""
        return Page([change(item) for item in self.items], self.number, self.size, self.total)


def page_of(query: Any, number: int, size: int = 20) -> Page[Any]:
    """One page of a peewee query; a number past either end gives the nearest page. Two queries."""
    total = query.order_by().count()
    number = min(max(1, number), max(1, -(-total // size)))
    return Page(list(query.paginate(number, size)), number, size, total)


def stream_down(query: Any, number: Any, size: int) -> Iterator[Any]:
    """The rows (as dicts) of a query that goes down by ``number``, its column ``id``; one query for each ``size`` rows."""
    last = None
    while True:
        batch = list((query if last is None else query.where(number < last)).limit(size))
        yield from batch
        if len(batch) < size:
            return
        last = batch[-1]["id"]
