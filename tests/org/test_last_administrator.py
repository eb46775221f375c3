"""Whatever is done in whatever order: somebody who can sign in holds the whole system, and nobody gives more than held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from learnhub.kernel.db import db as database
from learnhub.kernel.errors import Refusal
from learnhub.org import actions, queries
from learnhub.org.abilities import ROLES, abilities_of
from learnhub.org.models import PersonMerge, RoleGrant, Unit
from learnhub.org.scope import load_actor, may
from tests.cast import Cast
from tests.databases import SqliteTemplates

WHO = ("system_admin", "unit_admin", "department", "auditor", "villager")
ROLES_GIVEN = tuple(role for role in ROLES if role != "learner")
_one = st.sampled_from(WHO)
STEPS = st.one_of(
    st.tuples(st.just("grant"), _one, _one, st.sampled_from(("system_admin", "unit_admin")), st.booleans()),
    st.tuples(st.just("revoke"), _one, st.integers(0, 9)),
    st.tuples(st.just("retire"), _one, _one),
    st.tuples(st.just("restore"), _one, _one),
    st.tuples(st.just("transfer"), _one, _one, st.sampled_from(("village", "county", "city", "other_county"))),
    st.tuples(st.just("merge"), _one, _one, _one),
    st.tuples(st.just("part"), _one),
    st.tuples(st.just("reset"), _one, _one),
    st.tuples(st.just("open"), _one, _one),
    st.tuples(st.just("retire_unit"), _one, st.sampled_from(("city", "county"))),
    st.tuples(st.just("wait"), st.integers(1, 40)),
)


@pytest.fixture
def engine(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """One database is enough: the rules do not depend on it."""
    return sqlite_templates


class _Undone(Exception):
    """Takes a whole example back."""


def _do(cast: Cast, step: tuple[object, ...], now: datetime) -> None:
    kind, *rest = step
    actor = load_actor(cast.people[str(rest[0])].id, now)
    ids = [cast.people[str(name)].id for name in rest[1:] if name in cast.people]
    acts: dict[object, Callable[[], object]] = {
        "grant": lambda: actions.grant_role(
            actor, ids[0], str(rest[2]), cast.units["city"].id,
            ends_at=now + timedelta(days=20) if rest[3] else None, now=now,
        ),
        "revoke": lambda: actions.revoke_role(actor, _grant(int(str(rest[1]))), now=now),
        "retire": lambda: actions.retire_person(actor, ids[0], now=now),
        "restore": lambda: actions.restore_person(actor, ids[0], now=now),
        "transfer": lambda: actions.transfer_person(actor, ids[0], cast.units[str(rest[2])].id, now=now),
        "merge": lambda: actions.merge_people(actor, ids[0], ids[1], now=now),
        "part": lambda: actions.part_people(actor, _merge(), now=now),
        "reset": lambda: actions.reset_password(actor, ids[0], ends_at=now + timedelta(days=14), now=now),
        "open": lambda: actions.open_account(actor, ids[0], ends_at=now + timedelta(days=14), now=now),
        "retire_unit": lambda: actions.retire_unit(actor, cast.units[str(rest[1])].id, now=now),
    }  # fmt: skip
    acts[kind]()


def _grant(number: int) -> int:
    found = list(RoleGrant.select(RoleGrant.id).where(RoleGrant.role == "system_admin").order_by(RoleGrant.id))
    return int(found[number % len(found)].id)


def _merge() -> int:
    merge = PersonMerge.select().order_by(PersonMerge.id.desc()).first()
    return int(merge.id) if merge else 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=3, max_size=14))
def test_somebody_always_holds_the_system(cast: Cast, now: datetime, steps: list[tuple[object, ...]]) -> None:
    try:
        with database.atomic():
            moment = now
            for step in steps:
                moment += timedelta(minutes=1)
                if step[0] == "wait":
                    moment += timedelta(days=int(str(step[1])))
                else:
                    try:
                        _do(cast, step, moment)
                    except (Refusal, cast.people["learner"].__class__.DoesNotExist):
                        continue
                assert queries.holds_system(now=moment), step
            raise _Undone
    except _Undone:
        pass


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tries=st.lists(
        st.tuples(
            st.sampled_from((*WHO, "editor", "neighbour")), _one, st.sampled_from(ROLES_GIVEN), st.integers(0, 10)
        ),
        min_size=1,
        max_size=8,
    )
)
def test_nobody_ever_gives_what_they_do_not_hold_there(
    cast: Cast, now: datetime, tries: list[tuple[str, str, str, int]]
) -> None:
    units = list(Unit.select().order_by(Unit.id))
    try:
        with database.atomic():
            for who, whom, role, number in tries:
                actor, unit = load_actor(cast.people[who].id, now), units[number % len(units)]
                try:
                    actions.grant_role(actor, cast.people[whom].id, role, unit.id, now=now)
                except Refusal:
                    continue
                powers = {"roles.grant", *abilities_of(role)}
                assert all(may(actor, power, unit.path) for power in powers), (who, role, unit.name)
                assert may(load_actor(cast.people[whom].id, now), next(iter(abilities_of(role))), unit.path)
            raise _Undone
    except _Undone:
        pass
