"""All that is known about one person: each feature registers its part, the person takes them as one file.

A part is a table of plain values about exactly one person. A test refuses a database table that points to a person and
is in no part.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any

import peewee

from learnhub.design.i18n import LazyText, _
from learnhub.kernel import archives, clock, sheets

_AT_ONCE = 500


@dataclass(frozen=True)
class Part:
    """One table: ``rows`` gives the values of ``columns`` (key and heading) for a person's id, row by row.

    ``name`` is that of its files; ``tables`` are those of the database out of which it is made.
    """

    name: str
    title: LazyText
    columns: Mapping[str, LazyText]
    rows: Callable[[int], Iterable[Sequence[Any]]]
    tables: tuple[type[peewee.Model], ...]


PARTS: dict[str, Part] = {}


def register_part(*parts: Part) -> None:
    """Adds parts; the same name again replaces it."""
    PARTS.update({part.name: part for part in parts})


def whole_part(table: type[peewee.Model], title: LazyText, columns: Mapping[str, LazyText]) -> Part:
    """A part of these columns of a table, each with its heading; its key ``person`` says whose."""
    fields = [table._meta.fields[name] for name in columns]
    return Part(
        str(table._meta.table_name),
        title,
        columns,
        lambda person: table.select(*fields).where(table.person == person).order_by(table.id).tuples().iterator(),
        (table,),
    )


def list_parts() -> list[Part]:
    """All parts in the order in which the features registered them."""
    return list(PARTS.values())


def archive_of(person_id: int, name: str, *, now: datetime) -> Iterator[bytes]:
    """The zip file: a page that says what is in it, and each part as CSV and as JSON. Made while it is sent."""
    return archives.zip_chunks(_files(person_id, name, now))


def _files(person_id: int, name: str, now: datetime) -> Iterator[tuple[str, Iterable[bytes]]]:
    counts: dict[str, int] = {}
    for part in list_parts():
        headings = [str(heading) for heading in part.columns.values()]
        yield f"{part.name}.csv", sheets.csv_chunks(headings, _counted(part, person_id, counts))
        yield f"{part.name}.json", _json_chunks(part, person_id)
    yield "index.html", [_index(name, counts, now).encode()]


def _counted(part: Part, person_id: int, counts: dict[str, int]) -> Iterator[Sequence[Any]]:
    counts[part.name] = 0
    for row in part.rows(person_id):
        counts[part.name] += 1
        yield [json.dumps(one, ensure_ascii=False) if isinstance(one, list | dict) else one for one in row]


def _json_chunks(part: Part, person_id: int) -> Iterator[bytes]:
    mark, batch = "[", []
    for row in part.rows(person_id):
        batch.append(json.dumps(dict(zip(part.columns, row, strict=True)), ensure_ascii=False, default=_plain))
        if len(batch) >= _AT_ONCE:
            yield (mark + "\n" + ",\n".join(batch)).encode()
            mark, batch = ",", []
    rest = "\n" + ",\n".join(batch) if batch else ""
    yield (("[" if mark == "[" else mark if batch else "") + rest + "\n]\n").encode()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return clock.local(value).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def _index(name: str, counts: Mapping[str, int], now: datetime) -> str:
    title = _("All that LearnHub knows about %(name)s", name=name)
    lines = [
        f'<tr><th scope="row">{escape(str(part.title))}</th><td>{counts[part.name]}</td>'
        f'<td><a href="{part.name}.csv">{part.name}.csv</a></td><td><a href="{part.name}.json">{part.name}.json</a></td>'
        for part in list_parts()
    ]
    made = _("Made on %(day)s. CSV files open in Excel or WPS; JSON files are for programs.", day=_plain(now))
    head = "".join(f'<th scope="col">{escape(word)}</th>' for word in (_("What"), _("Entries"), "CSV", "JSON"))
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{escape(title)}</title></head><body>'
        f"<h1>{escape(title)}</h1><p>{escape(made)}</p><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(f'{line}</tr>' for line in lines)}</tbody></table></body></html>\n"
    )
