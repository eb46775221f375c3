"""The demo's cadres, spread over the real tree, and the accounts of the cast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

import peewee

from learnhub.demo.names import person_name
from learnhub.demo.progress import give_way
from learnhub.kernel.db import transaction
from learnhub.org.actions.accounts import change_password, open_account
from learnhub.org.actions.grants import grant_role
from learnhub.org.actions.people import NewPerson, add_person
from learnhub.org.models import Account, Person, Unit
from learnhub.org.rules import SignInPolicy
from learnhub.org.scope import load_actor

PASSWORD = "Yuxi-2026-demo"
BATCH = 200

RANKS_OF_LEVEL = {
    "city": ("county-head", "county-deputy", "researcher-3", "township-head", "principal-clerk-1", "clerk-1"),
    "county": ("county-deputy", "researcher-4", "township-head", "township-deputy", "principal-clerk-3", "clerk-1"),
    "township": (
        "township-head",
        "township-deputy",
        "principal-clerk-4",
        "clerk-1",
        "clerk-2",
        "institution-specialist",
    ),
    "village": ("village-secretary", "village-cadre", "village-cadre", "village-cadre", "party-member"),
}
DUTIES = {
    "village-secretary": "党总支书记、村（居）委会主任",
    "village-cadre": "村（居）委会委员",
    "township-head": "党（工）委委员",
    "party-member": "党员",
}
SHARE_OF_LEVEL = {"city": 0.02, "county": 0.06, "township": 0.27, "village": 0.65}


@dataclass(frozen=True)
class Part:
    """Somebody of the printed cast; ``unit`` is the code of where they belong, ``over`` of where the role holds."""

    username: str
    role: str
    label: str
    name: str
    unit: str
    over: str
    rank: str


CAST = (
    Part("ganbu", "learner", "干部 / learner", "普文兰", "530402004001", "", "village-cadre"),
    Part(
        "zhandian",
        "station_manager",
        "站点管理员 / station manager",
        "李国华",
        "530402004001",
        "530402004",
        "village-secretary",
    ),
    Part("bianji", "editor", "课程编辑 / course editor", "方瑞雪", "5304", "5304", "institution-specialist"),
    Part("bumen", "department", "部门（红塔区委组织部）/ department", "段思远", "530402", "530402", "township-head"),
    Part(
        "shibumen", "department", "部门（玉溪市委组织部）/ department, city", "陈静怡", "5304", "5304", "county-deputy"
    ),
    Part("shenji", "auditor", "审计 / auditor", "矣玉明", "530402", "530402", "principal-clerk-1"),
    Part("danwei", "unit_admin", "单位管理员 / unit administrator", "沐春晖", "530402", "530402", "township-deputy"),
    Part("guanli", "system_admin", "系统管理员 / system administrator", "白建勇", "5304", "5304", "township-head"),
)


def add_cadres(count: int, *, seed: int, now: datetime, tell: Callable[[int, int], None]) -> None:
    """Adds ``count`` people over city, counties, townships and villages."""
    random, batch = Random(seed), list[NewPerson]()
    places = _places(count)
    for number, (unit_id, level) in enumerate(places, 1):
        rank = random.choice(RANKS_OF_LEVEL[level])
        new = NewPerson(person_name(random), unit_id, f"YX{number:06d}", rank, DUTIES.get(rank, ""))
        batch.append(new)
        if len(batch) == BATCH or number == len(places):
            tell(number, len(places))
            give_way()
            with transaction():  # small ones: the worker of the same demo wants to write too
                for one in batch:
                    add_person(None, one, now=now)
            batch.clear()


def _places(count: int) -> list[tuple[int, str]]:
    """A unit for each person: every level its share, every unit of a level as many as the others."""
    places: list[tuple[int, str]] = []
    for level, share in SHARE_OF_LEVEL.items():
        units = [unit.id for unit in Unit.select(Unit.id).where(Unit.level == level).order_by(Unit.code)]
        wanted = round(count * share)
        places += [(units[number % len(units)], level) for number in range(wanted)] if units else []
    return places


def add_cast(*, now: datetime) -> None:
    """Adds the people of :data:`CAST` with their accounts and roles; all have :data:`PASSWORD`."""
    units = {unit.code: unit.id for unit in Unit.select(Unit.id, Unit.code)}
    for number, part in enumerate(CAST, 1):
        person = add_person(None, NewPerson(part.name, units[part.unit], f"YX9{number:05d}", part.rank), now=now)
        first = open_account(None, person.id, username=part.username, now=now)
        if part.over:
            grant_role(None, person.id, part.role, units[part.over], now=now)
        change_password(load_actor(person.id, now), first, PASSWORD, policy=SignInPolicy(), now=now)


def add_villagers(unit_id: int, count: int, random: Random, *, now: datetime) -> None:
    """Adds people without staff number and account to a village: those who come to its sessions."""
    for _number in range(count):
        rank = random.choice(("party-member", "resident", "resident"))
        add_person(None, NewPerson(person_name(random), unit_id, "", rank), now=now)


def open_all_accounts(*, now: datetime) -> None:
    """Gives everybody else an account that signs in by staff number with :data:`PASSWORD`.

    One hash serves them all: hashing 5,000 times would take minutes and this is a demo.
    """
    shared = Account.select(Account.password_hash).join(Person).where(Account.username == CAST[0].username).scalar()
    without = (
        Person.select(Person.id, Person.staff_no)
        .join(Account, peewee.JOIN.LEFT_OUTER, on=Account.person == Person.id)
        .where(Account.id.is_null() & Person.staff_no.is_null(False))
        .tuples()
    )
    rows = [(person_id, staff_no.lower(), shared, False, now) for person_id, staff_no in without]
    fields = [Account.person, Account.username, Account.password_hash, Account.must_change, Account.created_at]
    with transaction():
        for chunk in peewee.chunked(rows, 500):
            Account.insert_many(chunk, fields=fields).execute()
