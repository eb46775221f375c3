"""Half a year of study and of sessions, drawn with a fixed seed and then played in the order of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random

from learnhub.catalog.models import Course, CourseAudience, Lesson, LessonVersion
from learnhub.config import Settings
from learnhub.demo.progress import give_way
from learnhub.kernel import clock
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Refusal
from learnhub.org.models import Person, Unit
from learnhub.org.rules import ids_on
from learnhub.org.scope import Actor, load_actor
from learnhub.study.actions.attempts import submit_attempt
from learnhub.study.actions.viewing import open_viewing, record_report
from learnhub.study.lessons import lesson_for

DAYS = 183
BATCH = 100
DEVICES = ("Chrome 109 · Windows 7", "Chrome 124 · Android 10", "Edge 120 · Windows 10", "华为浏览器 · Android")
_order = count()


@dataclass(order=True)
class Happening:
    """Something that happened at an instant; what happened at the same one keeps its order."""

    at: datetime
    number: int
    act: Callable[[], None] = field(compare=False)


@dataclass
class Drawn:
    """What the demo's people do: drawn first, played afterwards."""

    settings: Settings
    random: Random
    now: datetime
    happenings: list[Happening] = field(default_factory=list)
    actors: dict[int, Actor] = field(default_factory=dict)

    def add(self, at: datetime, act: Callable[[], None]) -> None:
        """Keeps ``act`` for the instant ``at``; what would lie in the future never happens."""
        if at < self.now:
            self.happenings.append(Happening(at, next(_order), act))

    def actor(self, person_id: int, now: datetime) -> Actor:
        """The person as actor, loaded once."""
        if person_id not in self.actors:
            self.actors[person_id] = load_actor(person_id, now)
        return self.actors[person_id]

    def moment(self, day: date, first_hour: int = 8, last_hour: int = 21) -> datetime:
        """A moment of a day between two hours."""
        minutes = self.random.randrange(first_hour * 60, last_hour * 60)
        return clock.instant(day, time(minutes // 60, minutes % 60))

    def day(self) -> date:
        """A day of the half year, more often a recent one."""
        back = int(DAYS * self.random.random() ** 1.4)
        return clock.local_date(self.now) - timedelta(days=back)


@dataclass(frozen=True)
class Shelf:
    """A course as the demo draws from it: audience unit ids and (lesson id, kind, answers of a test)."""

    audience: frozenset[int]
    lessons: tuple[tuple[int, str, tuple[tuple[int, ...], ...]], ...]


def shelves() -> list[Shelf]:
    """The published courses with their lessons in order."""
    audiences: dict[int, set[int]] = defaultdict(set)
    for course_id, unit_id in CourseAudience.select(CourseAudience.course, CourseAudience.unit).tuples():
        audiences[course_id].add(unit_id)
    rows = (
        LessonVersion.select(Lesson.course, Lesson.id, Lesson.kind, LessonVersion.questions)
        .join(Lesson)
        .join(Course)
        .where(LessonVersion.is_current & ~Lesson.is_retired & (Course.state == "published"))
        .order_by(Lesson.course, Lesson.number)
        .tuples()
    )
    lessons: dict[int, list[tuple[int, str, tuple[tuple[int, ...], ...]]]] = defaultdict(list)
    for course_id, lesson_id, kind, questions in rows:
        lessons[course_id].append((lesson_id, kind, tuple(tuple(one["answer"]) for one in questions or ())))
    return [Shelf(frozenset(audiences[course_id]), tuple(found)) for course_id, found in sorted(lessons.items())]


def draw_online(drawn: Drawn, people: int) -> None:
    """Lets ``people`` cadres study some of what they may see; the cast's learner is among them."""
    courses = shelves()
    rows = list(Person.select(Person.id, Unit.path).join(Unit).where(Person.staff_no.is_null(False)).tuples())
    chosen = drawn.random.sample(rows, min(people, len(rows)))
    chosen += [row for row in rows[-8:] if row not in chosen]
    for person_id, path in chosen:
        above = set(ids_on(path))
        visible = [course for course in courses if course.audience & above]
        weights = [1 / len(course.lessons) for course in visible]  # short courses are finished, long ones begun
        for course in dict.fromkeys(drawn.random.choices(visible, weights, k=drawn.random.choice((1, 2, 2)))):
            _draw_course(drawn, person_id, course)


def _draw_course(drawn: Drawn, person_id: int, course: Shelf) -> None:
    day = drawn.day()
    kept = drawn.random.random()
    wanted = len(course.lessons) if kept < 0.6 else max(1, round(len(course.lessons) * kept))
    for lesson_id, kind, answers in course.lessons[: min(wanted, 8)]:
        day += timedelta(days=drawn.random.choice((0, 0, 1, 2, 5)))
        at = drawn.moment(day)
        if kind == "test":
            draw_test(drawn, person_id, lesson_id, answers, at)
        else:
            share = 1.0 if drawn.random.random() < 0.88 else drawn.random.uniform(0.15, 0.8)
            drawn.add(at, viewing(drawn, person_id, lesson_id, at, share))


def draw_test(drawn: Drawn, person_id: int, lesson_id: int, answers: tuple[tuple[int, ...], ...], at: datetime) -> None:
    """Passes a test, one time in four after having failed it."""
    if drawn.random.random() < 0.25:
        wrong = tuple((0,) if one != (0,) else (1,) for one in answers)
        drawn.add(at, lambda: _attempt(drawn, person_id, lesson_id, wrong, at))
    again = at + timedelta(minutes=9)
    drawn.add(again, lambda: _attempt(drawn, person_id, lesson_id, answers, again))


def _attempt(drawn: Drawn, person_id: int, lesson_id: int, answers: Iterable[Iterable[int]], at: datetime) -> None:
    given = [list(one) for one in answers]
    submit_attempt(drawn.actor(person_id, at), lesson_id, given, now=at, settings=drawn.settings)


def viewing(drawn: Drawn, person_id: int, lesson_id: int, at: datetime, share: float) -> Callable[[], None]:
    """What lets a person open a lesson at ``at`` and watch this share of it."""
    device = drawn.random.choice(DEVICES)

    def act() -> None:
        """Opens the lesson and, once its time has passed, reports what was seen in one piece."""
        actor = drawn.actor(person_id, at)
        lesson_for(actor, lesson_id)
        opened = open_viewing(actor, lesson_id, device=device, now=at, settings=drawn.settings)
        until = max(1000, int(opened.length_ms * share))
        later = at + timedelta(milliseconds=until + 5000)
        report = {"token": opened.token, "seq": 1, "seen": [[0, until]], "position_ms": until}
        record_report(report, now=later, settings=drawn.settings)

    return act


def play(drawn: Drawn, tell: Callable[[int, int], None]) -> tuple[int, int]:
    """Lets everything happen in the order of time; returns how many did and how many were refused by a rule."""
    drawn.happenings.sort()
    done = refused = 0
    for first in range(0, len(drawn.happenings), BATCH):
        tell(first, len(drawn.happenings))
        give_way()
        with transaction():  # small ones: the worker of the same demo wants to write too
            for happening in drawn.happenings[first : first + BATCH]:
                try:
                    with transaction(), clock.told_by(lambda at=happening.at: at):
                        happening.act()
                    done += 1
                except Refusal:
                    refused += 1
    return done, refused
