"""Taking a test."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from learnhub.config import Settings
from learnhub.kernel import clock
from learnhub.kernel.db import transaction
from learnhub.kernel.errors import Invalid
from learnhub.org.scope import Actor
from learnhub.study import hours, ledger
from learnhub.study.actions.finishing import finish_lesson, progress_of
from learnhub.study.lessons import StudyLesson, lesson_for
from learnhub.study.models import Attempt
from learnhub.study.rules import quiz
from learnhub.study.rules.hours import TEST, passed_test_centihours


def submit_attempt(
    actor: Actor, lesson_id: int, answers: Sequence[Sequence[int]], *, now: datetime, settings: Settings
) -> Attempt:
    """Judges one try; a passed test gives its hours once. ``answers``: chosen option indexes per stored question.

    A person may try as often as they like. Raises NotFound ``study.no_lesson``, Invalid ``study.not_a_test`` or
    ``study.bad_answers`` (other number of questions, options that do not exist).
    """
    lesson = lesson_for(actor, lesson_id)
    _check(lesson, answers)
    reached = quiz.score(quiz.mark(lesson.questions, answers))
    with transaction():
        ledger.lock_person(actor.person_id)
        progress = progress_of(actor.person_id, lesson, now)
        attempt = Attempt.create(
            person=actor.person_id, version=lesson.version_id, number=count_attempts(actor.person_id, lesson) + 1,
            answers=[list(chosen) for chosen in answers], score=reached,
            is_passed=quiz.is_passed(reached, lesson.pass_share), at=now,
        )  # fmt: skip
        if attempt.is_passed and progress.done_at is None:
            rule = hours.rule_for(actor.unit_path, clock.local_year(now), settings)
            finish_lesson(
                progress, lesson, by="test", source=TEST, rule=rule.stamp,
                centihours=passed_test_centihours(rule, is_required=lesson.is_required),
                evidence={"attempt": attempt.id, "version": lesson.version_id, "score": reached, "answers": attempt.answers,
                          "number": attempt.number, "pass_share": lesson.pass_share},
                at=now, now=now,
            )  # fmt: skip
    return attempt


def count_attempts(person_id: int, lesson: StudyLesson) -> int:
    """How often a person has tried the current version."""
    return Attempt.select().where((Attempt.person == person_id) & (Attempt.version == lesson.version_id)).count()


def _check(lesson: StudyLesson, answers: Sequence[Sequence[int]]) -> None:
    if lesson.kind != "test" or not lesson.questions:
        raise Invalid("study.not_a_test")
    if len(answers) != len(lesson.questions):
        raise Invalid("study.bad_answers")
    for question, chosen in zip(lesson.questions, answers, strict=True):
        if any(not 0 <= option < quiz.option_count(question) for option in chosen):
            raise Invalid("study.bad_answers")
