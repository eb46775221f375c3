"""The fixed cast of the tests: a small piece of the real tree, its stations, and one person for each role.

::

    玉溪市 city
    ├── 红塔区 county                  editor, department, auditor, unit_admin (each over the county)
    │   ├── 北城街道 township          station_manager (over the township), township_learner
    │   │   ├── 大石板社区 village     learner, colleague, villager (no account), retiree (retired)
    │   │   │   └── 第1居民小组 group
    │   │   └── 莲池社区 sibling_village   sibling_learner
    │   └── 春和街道 sibling_township
    │       └── 黄草坝村 cousin_village
    └── 江川区 other_county             neighbour (every role but system administrator, over 江川区)
        └── 江城镇 other_township
            └── 江城社区 other_village  other_learner

``system_admin`` belongs to the city and administers all. ``neighbour`` must never see anything of 红塔区.
Accounts sign in with the nickname as user name (or their staff number) and :data:`PASSWORD`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from learnhub.kernel.db import transaction
from learnhub.kernel.text import fold_name
from learnhub.org.models import Account, Person, Rank, RoleGrant, Station, Unit
from learnhub.org.passwords import hash_password
from learnhub.org.ranks import load_ranks
from learnhub.org.rules import Level, NewUnit
from learnhub.org.scope import Actor, load_actor
from learnhub.org.tree import place_unit

PASSWORD = "Xuexi-2026-demo"

UNITS = {
    "city": NewUnit("5304", "", Level.CITY, "玉溪市"),
    "county": NewUnit("530402", "5304", Level.COUNTY, "红塔区"),
    "other_county": NewUnit("530403", "5304", Level.COUNTY, "江川区"),
    "township": NewUnit("530402004", "530402", Level.TOWNSHIP, "北城街道"),
    "sibling_township": NewUnit("530402005", "530402", Level.TOWNSHIP, "春和街道"),
    "other_township": NewUnit("530403101", "530403", Level.TOWNSHIP, "江城镇"),
    "village": NewUnit("530402004013", "530402004", Level.VILLAGE, "大石板社区居民委员会"),
    "sibling_village": NewUnit("530402004011", "530402004", Level.VILLAGE, "莲池社区居民委员会"),
    "cousin_village": NewUnit("530402005201", "530402005", Level.VILLAGE, "黄草坝村民委员会"),
    "other_village": NewUnit("530403101001", "530403101", Level.VILLAGE, "江城社区居民委员会"),
    "group": NewUnit("53040200401301", "530402004013", Level.GROUP, "第1居民小组"),
}

STATIONS = {
    "county_station": ("YX0002", "红塔区党员教育中心站点", "county"),
    "township_station": ("YX0015", "北城街道站点", "township"),
    "station": ("YX0190", "大石板社区站点", "village"),
    "sibling_station": ("YX0191", "莲池社区站点", "sibling_village"),
    "cousin_station": ("YX0201", "黄草坝村站点", "cousin_village"),
    "other_station": ("YX0310", "江城社区站点", "other_village"),
}

# nickname: staff number, name, unit, rank, roles (each over the unit named), has an account
PEOPLE: dict[str, tuple[str | None, str, str, str, tuple[tuple[str, str], ...], bool]] = {
    "learner": ("HT2001", "杨建国", "village", "village-cadre", (), True),
    "colleague": ("HT2002", "阿依古丽·买买提", "village", "village-cadre", (), True),
    "villager": (None, "李㛃", "village", "resident", (), False),
    "retiree": ("HT1999", "陈国栋", "village", "clerk-1", (), True),
    "sibling_learner": ("HT2003", "普丽华", "sibling_village", "village-cadre", (), True),
    "township_learner": ("HT2004", "赵志强", "township", "township-deputy", (), True),
    "station_manager": ("HT1001", "王秀英", "township", "clerk-1", (("station_manager", "township"),), True),
    "editor": ("HT1002", "陈慧敏", "county", "clerk-1", (("editor", "county"),), True),
    "department": ("HT1003", "刘永康", "county", "township-head", (("department", "county"),), True),
    "auditor": ("HT1004", "周正明", "county", "township-head", (("auditor", "county"),), True),
    "unit_admin": ("HT1005", "张丽萍", "county", "township-deputy", (("unit_admin", "county"),), True),
    "system_admin": ("YX0001", "何文昌", "city", "county-head", (("system_admin", "city"),), True),
    "neighbour": (
        "JC1001",
        "马德胜",
        "other_county",
        "township-head",
        tuple((role, "other_county") for role in ("station_manager", "editor", "department", "auditor", "unit_admin")),
        True,
    ),
    "other_learner": ("JC2001", "孔令辉", "other_village", "village-cadre", (), True),
}


@dataclass(frozen=True)
class Cast:
    """What was built; ``now`` is the instant it was built for, ``url`` the database's address.

    Units, stations and actors are also attributes: ``cast.village``, ``cast.station``, ``cast.learner``.
    """

    now: datetime
    units: dict[str, Unit]
    stations: dict[str, Station]
    people: dict[str, Person]
    url: str = ""

    def username(self, nickname: str) -> str:
        """The user name with which a member signs in."""
        return nickname

    def actor(self, nickname: str, now: datetime | None = None) -> Actor:
        """The actor of a member, with the grants in force at ``now`` (default: the cast's own time)."""
        return load_actor(self.people[nickname].id, now or self.now)

    def __getattr__(self, name: str) -> Actor | Unit | Station:
        for known in ("units", "stations"):
            if name in self.__dict__[known]:
                return self.__dict__[known][name]
        if name in self.__dict__["people"]:
            return self.actor(name)
        raise AttributeError(name)


@cache
def password_hash() -> str:
    """The hash of :data:`PASSWORD`, computed once per process."""
    return hash_password(PASSWORD)


def build_cast(now: datetime) -> Cast:
    """Writes the cast into an empty, migrated database."""
    with transaction():
        units = _build_units()
        stations = {
            key: Station.create(station_no=number, name=name, unit=units[unit])
            for key, (number, name, unit) in STATIONS.items()
        }
        return Cast(now, units, stations, _build_people(units, now))


def _build_units() -> dict[str, Unit]:
    by_code: dict[str, Unit] = {}
    for new in UNITS.values():
        by_code[new.code] = place_unit(new, by_code.get(new.parent_code))
    return {key: by_code[new.code] for key, new in UNITS.items()}


def _build_people(units: dict[str, Unit], now: datetime) -> dict[str, Person]:
    load_ranks()
    ranks = {rank.code: rank for rank in Rank.select()}
    people = {}
    for nickname, (staff_no, name, unit, rank, roles, has_account) in PEOPLE.items():
        person = people[nickname] = Person.create(
            staff_no=staff_no,
            name=name,
            name_folded=fold_name(name),
            unit=units[unit],
            rank=ranks[rank],
            is_active=nickname != "retiree",
            created_at=now,
        )
        if has_account:
            Account.create(
                person=person, username=nickname, password_hash=password_hash(), must_change=False, created_at=now
            )
        for role, over in roles:
            RoleGrant.create(person=person, role=role, unit=units[over], starts_at=now - timedelta(days=365))
    return people
