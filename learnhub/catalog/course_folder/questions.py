"""Tests of a course: ``tests/NN-name.toml``. Pure."""

from __future__ import annotations

from learnhub.catalog.course_folder.shapes import Problem, Question
from learnhub.catalog.course_folder.toml_text import Key, Table, check

KINDS = ("single", "multiple", "judge")
LETTERS = "ABCDEFGHIJ"
TEST_KEYS = {
    "title": Key(is_required=True),
    "title_en": Key(),
    "chapter": Key(longest=80),
    "source": Key(),
    "pass_share": Key(int, least=1, most=100),
    "questions": Key(list, is_required=True, longest=200),
}
_QUESTION_KEYS = {
    "key": Key(is_required=True, longest=40, pattern=r"[a-z0-9][a-z0-9-]*"),
    "kind": Key(is_required=True, allowed=KINDS),
    "text": Key(is_required=True, longest=2000),
    "options": Key(list, longest=len(LETTERS)),
    "answer": Key(object, is_required=True),
    "explanation": Key(longest=2000),
}


def read_questions(test: Table) -> tuple[tuple[Question, ...], list[Problem]]:
    """The questions of a test file and everything that is wrong with them."""
    tables = test.tables.get("questions", [])
    if test.values.get("questions") and not tables:
        return (), [test.problem("catalog.expects_tables", "questions")]
    questions: list[Question] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for table in tables:
        found = check(table, _QUESTION_KEYS) or _check_question(table, seen)
        seen.add(table.text("key"))
        problems += found
        if not found:
            questions.append(_question(table))
    return tuple(questions), problems


def _check_question(table: Table, seen: set[str]) -> list[Problem]:
    if table.text("key") in seen:
        return [table.problem("catalog.question_twice", "key", value=table.text("key"))]
    if table.text("kind") == "judge":
        return _check_judge(table)
    options = [option.strip() for option in table.texts("options")]
    if len(options) < 2:
        return [table.problem("catalog.options_few", "options")]
    if not all(options):
        return [table.problem("catalog.value_empty", "options")]
    if len(set(options)) < len(options):
        return [table.problem("catalog.option_twice", "options")]
    return _check_letters(table, len(options))


def _check_judge(table: Table) -> list[Problem]:
    if "options" in table.values:
        return [table.problem("catalog.judge_has_options", "options")]
    if not isinstance(table.values["answer"], bool):
        return [table.problem("catalog.answer_not_yes_no", "answer")]
    return []


def _check_letters(table: Table, count: int) -> list[Problem]:
    answer = table.values["answer"]
    is_single = table.text("kind") == "single"
    if not isinstance(answer, str if is_single else list):
        return [table.problem("catalog.answer_not_letter" if is_single else "catalog.answer_not_letters", "answer")]
    letters = [answer] if is_single else answer
    wrong = [one for one in letters if not isinstance(one, str) or len(one) != 1 or one not in LETTERS[:count]]
    if wrong:
        return [table.problem("catalog.answer_unknown", "answer", value=str(wrong[0])[:40], last=LETTERS[count - 1])]
    if not letters or len(set(letters)) < len(letters):
        return [table.problem("catalog.answer_not_letters", "answer")]
    return []


def _question(table: Table) -> Question:
    answer = table.values["answer"]
    if isinstance(answer, bool):
        chosen: tuple[int, ...] = (0 if answer else 1,)
    else:
        chosen = tuple(sorted(LETTERS.index(one) for one in answer))
    options = tuple(option.strip() for option in table.texts("options"))
    return Question(
        table.text("key"), table.text("kind"), table.text("text"), options, chosen, table.text("explanation")
    )
