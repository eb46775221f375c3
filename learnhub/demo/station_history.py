"""Half a year of sessions at some stations: planned, held, the roll called, closed; a few are still ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from learnhub.catalog.models import Course, Lesson, LessonVersion
from learnhub.demo.history import DAYS, Drawn
from learnhub.demo.people import CAST, add_villagers
from learnhub.kernel import clock
from learnhub.org.actions.grants import grant_role
from learnhub.org.models import Account, Person, Station, Unit
from learnhub.sessions.actions.closing import close_session
from learnhub.sessions.actions.planning import schedule_session
from learnhub.sessions.actions.roll import Mark, hold_session, mark_all
from learnhub.sessions.models import Attendance, StationSession
from learnhub.sessions.queries.choices import list_lessons_for
from learnhub.sessions.rules import SessionPlan

FIXED_DAYS = (5, 15, 25)
STATIONS_PER_COUNTY = 1
MARKS = ("present",) * 34 + ("late",) * 3 + ("leave",) * 2 + ("absent",)


@dataclass(frozen=True)
class Host:
    """Who holds the sessions of a station."""

    person_id: int
    station_id: int
    unit_id: int
    unit_path: str
    start: time
    all_come: bool = False  # the roll says so every time: what reviewers are asked to look at


def choose_hosts(drawn: Drawn) -> list[Host]:
    """The village secretaries of some stations, given the role of station manager; first the cast's own station."""
    manager = Account.select(Account.person).where(Account.username == CAST[1].username).scalar()
    own = Station.select(Station, Unit).join(Unit).where(Unit.code == CAST[1].unit).get()
    hosts = [Host(manager, own.id, own.unit_id, own.unit.path, time(19, 30))]
    for county in Unit.select().where(Unit.level == "county").order_by(Unit.code):
        inside = Unit.path.within(county.path) & (Unit.level == "village") & (Unit.id != own.unit_id)
        rows = list(
            Person.select(Person.id, Unit.id, Unit.path, Station.id)
            .join(Unit)
            .join(Station, on=Station.unit == Unit.id)
            .where(inside & (Person.staff_no.is_null(False)))
            .order_by(Person.id)
            .tuples()
        )
        seen: set[int] = set()
        for person_id, unit_id, path, station_id in drawn.random.sample(rows, len(rows)):
            if unit_id not in seen and len(seen) < STATIONS_PER_COUNTY:
                seen.add(unit_id)
                start = drawn.random.choice((time(9), time(15), time(20)))
                hosts.append(Host(person_id, station_id, unit_id, path, start, all_come=len(hosts) == 1))
    begin = drawn.now - timedelta(days=DAYS + 10)  # plans are made some days ahead
    for host in hosts[1:]:
        grant_role(None, host.person_id, "station_manager", host.unit_id, now=begin)
    return hosts


def add_audience(hosts: list[Host], random: Random, *, now: datetime) -> None:
    """Gives each station villagers who come: forty at the cast's own, about a dozen elsewhere."""
    for number, host in enumerate(hosts):
        wanted = 36 if number == 0 else random.randrange(6, 14)
        add_villagers(host.unit_id, max(wanted, 12) if host.all_come else wanted, random, now=now)


def draw_sessions(drawn: Drawn, hosts: list[Host]) -> None:
    """Three sessions a month at each station, and for the cast's manager one today and two ahead."""
    today = clock.local_date(drawn.now)
    for host in hosts:
        programme = _programme(host)
        for back in range(DAYS, 0, -1):
            day = today - timedelta(days=back)
            if day.day in FIXED_DAYS and drawn.random.random() < 0.8:
                _draw_session(drawn, host, programme, clock.instant(day, host.start))


def plan_ahead(drawn: Drawn, host: Host) -> None:
    """One session that may be opened now, and two on the next fixed days."""
    soon = drawn.now.replace(second=0, microsecond=0) + timedelta(minutes=20)
    _plan(drawn, host, soon, _programme(host), drawn.now)
    for day in _next_fixed_days(clock.local_date(drawn.now), 2):
        _plan(drawn, host, clock.instant(day, host.start), _programme(host), drawn.now)


def _next_fixed_days(today: date, wanted: int) -> list[date]:
    days = (today + timedelta(days=ahead) for ahead in range(2, 60))
    return [day for day in days if day.day in FIXED_DAYS][:wanted]


def _programme(host: Host) -> list[tuple[int, str]]:
    rows = [(one.lesson_id, one.title) for one in list_lessons_for(host.unit_path)]
    short = (
        LessonVersion.select(LessonVersion.lesson)
        .join(Lesson)
        .join(Course)
        .where(LessonVersion.is_current & (LessonVersion.length_s < 2400) & (LessonVersion.length_s > 0))
    )
    kept = {lesson_id for (lesson_id,) in short.tuples()}
    return [row for row in rows if row[0] in kept]


def _plan(
    drawn: Drawn, host: Host, starts_at: datetime, programme: list[tuple[int, str]], now: datetime
) -> StationSession:
    lesson_id, title = drawn.random.choice(programme)
    plan = SessionPlan(
        host.station_id, f"集中学习：{title}", starts_at, starts_at + timedelta(hours=1), host.person_id, (lesson_id,)
    )
    return schedule_session(drawn.actor(host.person_id, now), plan, now=now)


def _draw_session(drawn: Drawn, host: Host, programme: list[tuple[int, str]], starts_at: datetime) -> None:
    planned: list[int] = []
    known_at, open_at, close_at = (starts_at + timedelta(minutes=minutes) for minutes in (-3 * 1440, -15, 70))

    def plan() -> None:
        planned.append(_plan(drawn, host, starts_at, programme, known_at).id)

    def hold() -> None:
        if not planned:
            return  # refused by a rule: another session stood there already
        actor = drawn.actor(host.person_id, open_at)
        hold_session(actor, planned[0], now=open_at)
        roll = Attendance.select(Attendance.person).where(Attendance.session == planned[0]).tuples()
        drawn_from = ("present",) if host.all_come else MARKS
        marks = [Mark(person_id, drawn.random.choice(drawn_from)) for (person_id,) in roll]
        mark_all(actor, planned[0], marks, now=open_at + timedelta(minutes=10), settings=drawn.settings)

    def close() -> None:
        if planned:
            close_session(drawn.actor(host.person_id, close_at), planned[0], now=close_at, settings=drawn.settings)

    for at, act in ((known_at, plan), (open_at, hold), (close_at, close)):
        drawn.add(at, act)
