"""What people and departments said of their years: claims, objections, questions and answers, certificates and proofs.

It happens in the county of the cast's department officer, so that the printed accounts find it in their lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from learnhub.demo import papers
from learnhub.demo.history import Drawn, Shelf, draw_test, shelves, viewing
from learnhub.demo.people import CAST, PASSWORD
from learnhub.kernel import clock
from learnhub.org.actions.accounts import sign_in
from learnhub.org.models import Account, Person, Unit
from learnhub.org.rules import SignInPolicy, ids_on
from learnhub.org.scope import Actor
from learnhub.proofs import actions as proofs
from learnhub.proofs.models import Proof
from learnhub.study.actions.viewing import open_viewing, record_report
from learnhub.study.models import Completion, LedgerEntry
from learnhub.study.queries import year_of
from learnhub.study.rules.hours import CLASS, GROUP, ONLINE, OTHER, TEACHING
from learnhub.years.actions import claims, objections, reviewing
from learnhub.years.models import Anomaly, HoursClaim, Objection
from learnhub.years.rules.anomalies import AHEAD_MS, CLOCK, DEVICE, ROLL
from learnhub.years.rules.claims import ClaimValues

_ROUND = timedelta(hours=18)
_LONG_MS = 2 * AHEAD_MS
_VILLAGE_PC = ("10.53.4.21", "Chrome 109 · Windows 7")


@dataclass(frozen=True)
class _Claim:
    """One claim as it is played: filed so many days ago for days so long before; ``reason`` of the decision, if any."""

    who: int
    filed: int
    before: int
    days: int
    kind: str
    title: str
    organiser: str
    hours: int
    decision: str = ""
    reason: str = ""
    last_year: bool = False


_CLAIMS = (
    _Claim(0, 160, 0, 3, CLASS, "全区村（社区）干部乡村振兴专题培训班", "红塔区委党校", 18, "accept", "", True),
    _Claim(1, 158, 0, 5, CLASS, "农村基层党建示范培训班", "玉溪市委党校", 30, "accept", "材料齐全。", True),
    _Claim(2, 155, 0, 2, TEACHING, "为村组干部讲授防汛避险知识", "红塔区应急管理局", 4, "accept", "", True),
    _Claim(3, 90, 12, 2, CLASS, "高标准农田建设管护培训班", "红塔区农业农村局", 12, "accept", "与通知的日期一致。"),
    _Claim(4, 61, 20, 1, OTHER, "参观县级农业科技示范园", "某农资经营部", 6, "refuse",
           "这是商家组织的参观，不是培训；请附主办部门的培训通知后重新申报。"),
    _Claim(5, 40, 9, 3, CLASS, "基层治理能力提升培训班", "玉溪市民政局", 18, "withdraw"),
    _Claim(0, 5, 11, 2, CLASS, "村级财务规范管理培训班", "红塔区农业农村局", 12),
    _Claim(6, 3, 8, 1, OTHER, "人民调解员业务培训", "红塔区司法局", 6),
    _Claim(7, 2, 6, 1, TEACHING, "给党员讲专题党课", "红塔区委组织部", 2),
)  # fmt: skip
"""``who``: 0 is the cast's learner, the others are cadres of the county in the order in which they were drawn."""


@dataclass(frozen=True)
class _Scene:
    """Who takes part: the county's cadres (the cast's learner first), who decides and who reviews."""

    drawn: Drawn
    county: str
    people: list[int]
    officer: int
    reviewer: int

    def at(self, days: int, hour: int = 10, minute: int = 0) -> datetime:
        """An instant so many days ago."""
        return clock.instant(clock.local_date(self.drawn.now) - timedelta(days=days), time(hour, minute))

    def actor(self, person_id: int, now: datetime) -> Actor:
        """Somebody as actor."""
        return self.drawn.actor(person_id, now)


def draw_years(drawn: Drawn) -> None:
    """Lets all this happen among the rest of the half year."""
    scene = _scene(drawn)
    _draw_whole_course(scene)
    for one in _CLAIMS:
        _draw_claim(scene, one)
    _draw_objections(scene)
    _draw_shared_computer(scene)
    _draw_fast_clocks(scene)
    for days in (45, 30, 12, 1):
        at = scene.at(days, 2)
        drawn.add(at, lambda at=at: reviewing.look_for_anomalies(at - timedelta(days=20), now=at))
    _draw_answers(scene)
    _draw_proofs(scene)


def _scene(drawn: Drawn) -> _Scene:
    named = {
        username: (person, path)
        for username, person, path in Account.select(Account.username, Person.id, Unit.path)
        .join(Person)
        .join(Unit)
        .where(Account.username.in_([part.username for part in CAST]))
        .tuples()
    }
    officer = next(part for part in CAST if part.username == "bumen")
    county = Unit.get(Unit.code == officer.over)
    cast = [person for person, _path in named.values()]
    rows = (
        Person.select(Person.id)
        .join(Unit)
        .where(Unit.path.within(county.path) & Person.staff_no.is_null(False) & Person.id.not_in(cast))
        .order_by(Person.id)
    )
    found = [person for (person,) in rows.tuples()]
    others = Random(len(found)).sample(found, min(14, len(found)))
    return _Scene(drawn, county.path, [named[CAST[0].username][0], *others], named["bumen"][0], named["guanli"][0])


def _draw_whole_course(scene: _Scene) -> None:
    """The cast's learner finishes the shortest course with a test, so that there is a certificate to look at."""
    me = scene.people[0]
    above = set(ids_on(Person.get_by_id(me).unit.path))
    offered = [course for course in shelves() if course.audience & above and _has_test(course)]
    if not offered:
        return
    for number, (lesson_id, kind, answers) in enumerate(min(offered, key=lambda one: len(one.lessons)).lessons):
        at = scene.at(70 - number, 20)
        if kind == "test":
            draw_test(scene.drawn, me, lesson_id, answers, at)
        else:
            scene.drawn.add(at, viewing(scene.drawn, me, lesson_id, at, 1.0))


def _has_test(course: Shelf) -> bool:
    return any(kind == "test" for _lesson, kind, _answers in course.lessons)


def _draw_claim(scene: _Scene, one: _Claim) -> None:
    filed, person_id = scene.at(one.filed, 9, one.who * 7), scene.people[one.who % len(scene.people)]
    made: list[HoursClaim] = []
    first = clock.local_date(filed) - timedelta(days=one.before + one.days)
    if one.last_year:
        first = date(filed.year - 1, 11, 3 + one.who)

    def file() -> None:
        actor, last = scene.actor(person_id, filed), first + timedelta(days=one.days - 1)
        values = ClaimValues(first.year, one.kind, one.title, one.organiser, first, last, one.hours * 100, False)
        paper = papers.Paper("学时证明", actor.name, one.title, one.organiser, first, last, one.hours)
        made.append(
            claims.file_claim(
                actor, values, papers.draw(paper), f"{one.title}.pdf", now=filed, settings=scene.drawn.settings
            )
        )

    def decide() -> None:
        if one.decision == "withdraw":
            claims.withdraw_claim(scene.actor(person_id, decided), made[0].id, now=decided)
        else:
            claims.decide_claim(
                scene.actor(scene.officer, decided), made[0].id, is_accepted=one.decision == "accept",
                reason=one.reason, now=decided, settings=scene.drawn.settings,
            )  # fmt: skip

    scene.drawn.add(filed, file)
    decided = filed + timedelta(days=2, hours=5)
    if one.decision:
        scene.drawn.add(decided, decide)


def _draw_objections(scene: _Scene) -> None:
    """One hour that stays, one that is taken back, one year in which something is missing, and two that wait."""
    kept = "这一课我看完了，为什么只记了这么多学时？"
    answer = "学时按课时长度分档认定：15 分钟及以下 0.25，15 至 30 分钟 0.5，30 分钟及以上 1。按此规则，记录无误。"
    _draw_objection(scene, 66, ONLINE, kept, answer, who=scene.people[0])
    _draw_objection(
        scene, 35, GROUP, "那天我请假陪家人看病，没有参加，点名时可能点错了。",
        "已与站点管理员核对，确系点名有误，予以撤销。感谢如实说明。", reverse=True,
    )  # fmt: skip
    missing = "上一次集中学习我参加了，名单上没有我的名字。"
    _draw_objection(
        scene, 28, "", missing, "请与站点管理员一起核对当日纸质签到表，核实后由站点更正点名。", who=scene.people[8]
    )
    _draw_objection(scene, 4, GROUP, "我那天迟到了几分钟，但全程看完了，请核对。")
    _draw_objection(scene, 2, "", "上月在区委党校的学习还没有计入，材料已交单位。", who=scene.people[9])


def _draw_objection(
    scene: _Scene, days: int, source: str, text: str, answer: str = "", *, reverse: bool = False, who: int | None = None
) -> None:
    """An objection to the last entry of a kind (of ``who``, else of anybody in the county) or, without one, to the year."""
    filed, answered, made = scene.at(days, 15), scene.at(days - 3, 11), list[Objection]()

    def file() -> None:
        entry = _last_entry(scene, source, who) if source else None
        if who is None and entry is None:
            return
        actor = scene.actor(who or entry.person_id, filed)
        year = clock.local_year(filed)
        made.append(
            objections.file_objection(actor, year=year, entry_id=entry.id if entry else None, text=text, now=filed)
        )

    def give_answer() -> None:
        for one in made:
            objections.answer_objection(
                scene.actor(scene.officer, answered), one.id, answer=answer, reverse=reverse, now=answered
            )

    scene.drawn.add(filed, file)
    if answer:
        scene.drawn.add(answered, give_answer)


def _last_entry(scene: _Scene, source: str, who: int | None) -> LedgerEntry | None:
    objected = Objection.select(Objection.entry).where(Objection.entry.is_null(False))
    query = (
        LedgerEntry.select()
        .join(Person, on=LedgerEntry.person)
        .join(Unit, on=Person.unit)
        .join(Account, on=Account.person == Person.id)
        .where(Unit.path.within(scene.county) & (LedgerEntry.source == source) & (LedgerEntry.centihours > 0))
        .where(LedgerEntry.id.not_in(objected) & LedgerEntry.person.not_in([scene.officer, scene.reviewer]))
    )
    if who is not None:
        query = query.where(LedgerEntry.person == who)
    found: LedgerEntry | None = query.order_by(LedgerEntry.id.desc()).first()
    return found


def _draw_shared_computer(scene: _Scene) -> None:
    """Three colleagues study at the same hour, each signed in, at the one computer of the village office."""
    at = scene.at(32, 19, 30)
    for number, person_id in enumerate(scene.people[10:13]):
        begin = at + timedelta(minutes=2 * number)
        scene.drawn.add(begin, _watch_there(scene, person_id, begin))


def _watch_there(scene: _Scene, person_id: int, at: datetime) -> Callable[[], None]:
    def act() -> None:
        username = Account.select(Account.username).where(Account.person == person_id).scalar()
        address, browser = _VILLAGE_PC
        sign_in(username, PASSWORD, policy=SignInPolicy(), address=address, browser=browser, now=at)
        _watch(scene, person_id, at, watched_s=900, told_s=900)

    return act


def _draw_fast_clocks(scene: _Scene) -> None:
    """Two players report far more than time has passed; what was too much was never believed."""
    for days, who in ((31, 13), (14, 14)):
        at, person_id = scene.at(days, 21), scene.people[who % len(scene.people)]
        scene.drawn.add(at, lambda at=at, person_id=person_id: _watch(scene, person_id, at, watched_s=60, told_s=1500))


def _watch(scene: _Scene, person_id: int, at: datetime, *, watched_s: int, told_s: int) -> None:
    """Opens the longest lesson offered and reports ``told_s`` seconds of it after ``watched_s``."""
    actor = scene.actor(person_id, at)
    above = set(ids_on(actor.unit_path))
    for lesson_id in (lesson for course in shelves() if course.audience & above for lesson in _readable(course)):
        opened = open_viewing(actor, lesson_id, device=_VILLAGE_PC[1], now=at, settings=scene.drawn.settings)
        if opened.length_ms >= _LONG_MS and not opened.is_done:
            until = min(told_s * 1000, opened.length_ms)
            report = {"token": opened.token, "seq": 1, "seen": [[0, until]], "position_ms": until}
            record_report(report, now=at + timedelta(seconds=watched_s), settings=scene.drawn.settings)
            return


def _readable(course: Shelf) -> Iterable[int]:
    return (lesson_id for lesson_id, kind, _answers in course.lessons if kind != "test")


def _draw_answers(scene: _Scene) -> None:
    """Most of those who were asked answer; of some questions the reviewer has said how they end."""
    replies = (
        (29, DEVICE, 0, "村委会只有这一台电脑，那晚我们三人先后登录，是一起看的，请谅解。"),
        (28, DEVICE, 1, "当晚家里停网，我们三人用同一台电脑、各自的账号一起看。"),
        (27, CLOCK, 0, "家里网络不好，断了一阵，恢复后一下子提交了很多，可能是这个原因。"),
        (9, CLOCK, 1, "我用的浏览器带了倍速插件，已经卸载，以后按正常速度学。"),
        (6, ROLL, 0, "我们村人少，平时到得齐；以后请假的会如实点名。"),
    )
    decisions = (
        (25, DEVICE, 0, "harmless", "已向村党总支核实：村里只有一台电脑，三人当晚都在场。以后可改用集中学习。"),
        (24, CLOCK, 0, "harmless", "断网后补交，超出时钟的部分系统本来就没有计入，不影响学时。"),
        (7, CLOCK, 1, "confirmed", "本人承认使用倍速插件；超出的部分未计学时，已提醒，不作其他处理。"),
    )
    for days, kind, place, text in replies:
        scene.drawn.add(scene.at(days, 20), _reply(scene, scene.at(days, 20), kind, place, text))
    for days, kind, place, outcome, reason in decisions:
        at = scene.at(days, 16)
        scene.drawn.add(at, _decision(scene, at, kind, place, outcome, reason))


def _asked(scene: _Scene, kind: str, place: int) -> Anomaly | None:
    """The question of that kind in the county in the order in which they were found."""
    query = Anomaly.select().join(Unit, on=Anomaly.unit).where((Anomaly.kind == kind) & Unit.path.within(scene.county))
    found: Anomaly | None = query.order_by(Anomaly.id).offset(place).first()
    return found


def _reply(scene: _Scene, at: datetime, kind: str, place: int, text: str) -> Callable[[], None]:
    def act() -> None:
        asked = _asked(scene, kind, place)
        if asked is not None:
            reviewing.reply_to(scene.actor(asked.person_id, at), asked.id, text, now=at)

    return act


def _decision(scene: _Scene, at: datetime, kind: str, place: int, outcome: str, reason: str) -> Callable[[], None]:
    def act() -> None:
        asked = _asked(scene, kind, place)
        if asked is not None:
            reviewing.decide(scene.actor(scene.reviewer, at), asked.id, outcome, reason=reason, now=at)

    return act


def _draw_proofs(scene: _Scene) -> None:
    """Certificates of what was completed, proofs of last year where it has hours; one is revoked."""
    issued, revoked = scene.at(20, 10), scene.at(8, 11)
    scene.drawn.add(issued, lambda: _issue(scene, issued))
    scene.drawn.add(revoked, lambda: _revoke(scene, revoked))


def _issue(scene: _Scene, at: datetime) -> None:
    settings = scene.drawn.settings
    done = (
        Completion.select(Completion.person, Completion.course)
        .join(Person, on=Completion.person)
        .join(Unit, on=Person.unit)
        .join(Account, on=Account.person == Person.id)
        .where(Unit.path.within(scene.county))
        .order_by(Completion.person == scene.people[0], Completion.id)
    )
    for number, (person_id, course_id) in enumerate(list(done.tuples())[-6:]):
        actor = scene.actor(person_id, at)
        made = proofs.issue_course(actor, course_id, now=at, settings=settings)
        if number % 2:
            proofs.let_show(actor, made.id, ("person", "unit", "title", "hours"), now=at + timedelta(minutes=5))
    last_year = clock.local_year(scene.at(160)) - 1
    for person_id in scene.people[:4]:
        if year_of(person_id, last_year, settings=settings).total_centihours > 0:
            made = proofs.issue_year(scene.actor(person_id, at), last_year, now=at, settings=settings)
            proofs.let_show(scene.actor(person_id, at), made.id, ("title", "hours"), now=at + timedelta(minutes=6))


def _revoke(scene: _Scene, at: datetime) -> None:
    """The year of one of them is revoked: the unit's name on it was written wrongly."""
    found = Proof.select().where((Proof.person == scene.people[2]) & (Proof.kind == "year")).first()
    if found is not None:
        proofs.revoke(scene.actor(scene.officer, at), found.id, reason="单位名称有误，更正后重新开具。", now=at)
