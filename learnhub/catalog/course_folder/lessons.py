"""Lessons of a course: ``lessons/NN-name.md`` with front matter, and ``tests/NN-name.toml``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath

from learnhub.catalog.body import render
from learnhub.catalog.course_folder.files import Folder
from learnhub.catalog.course_folder.questions import TEST_KEYS, read_questions
from learnhub.catalog.course_folder.shapes import LessonPart, Mark, MediaPart, Problem
from learnhub.catalog.course_folder.toml_text import Key, Table, check, parse
from learnhub.media.captions import CaptionsRefused, Cue, read_captions, to_webvtt
from learnhub.media.rules import judge_nature
from learnhub.media.sniff import nature_of

ENDINGS = {
    "video": ("mp4", "m4v", "mov", "mkv", "webm", "avi", "wmv", "flv", "ts", "mpg", "mpeg"),
    "audio": ("mp3", "m4a", "aac", "wav", "ogg", "flac"),
    "document": ("pdf", "docx", "pptx"),
    "poster": ("png", "jpg", "jpeg"),
}
_NATURES = {"document": ("pdf", "zip"), "poster": ("png", "jpeg")}
KINDS = ("video", "audio", "text", "document")
_NAME = re.compile(r"(\d{2,3})-([a-z0-9]+(?:-[a-z0-9]+)*)\.(?:md|toml)")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_FENCE = "+++"
_LESSON_KEYS = {
    "title": Key(is_required=True),
    "title_en": Key(),
    "kind": Key(is_required=True, allowed=KINDS),
    "chapter": Key(longest=80),
    "source": Key(),
    "media": Key(longest=200),
    "captions": Key(dict, longest=20),
    "marks": Key(longest=200),
}
Found = tuple[LessonPart | None, list[Problem]]


def read_lessons(folder: Folder) -> tuple[list[LessonPart], list[Problem]]:
    """All lessons and tests in the order of their numbers, and everything that is wrong with them."""
    names = folder.files_in("lessons", ".md")
    lessons: list[LessonPart] = []
    problems: list[Problem] = []
    for name in [*names, *folder.files_in("tests", ".toml")]:
        part, found = _read_one(folder, name)
        problems += found
        if part is not None:
            lessons.append(part)
    problems += _twice(lessons)
    if not lessons and not problems:
        problems.append(Problem("lessons", 0, "catalog.no_lessons"))
    return sorted(lessons, key=lambda part: part.number), problems


def _read_one(folder: Folder, name: str) -> Found:
    if not _NAME.fullmatch(PurePosixPath(name).name):
        return None, [Problem(name, 0, "catalog.file_name")]
    text = folder.text(name)
    if isinstance(text, Problem):
        return None, [text]
    return _read_test(name, text) if name.endswith(".toml") else _read_lesson(folder, name, text)


def _read_test(name: str, text: str) -> Found:
    table = parse(name, text)
    if isinstance(table, Problem):
        return _bare(name, "test"), [table]
    problems = check(table, TEST_KEYS)
    questions, found = read_questions(table)
    problems += found
    share = table.number("pass_share", 60) / 100
    return replace(_named(table, "test"), questions=questions, pass_share=share), problems


def _read_lesson(folder: Folder, name: str, text: str) -> Found:
    lines = text.split("\n")
    if lines[0].strip() != _FENCE:
        return _bare(name, "text"), [Problem(name, 1, "catalog.front_matter_missing")]
    end = next((number for number, line in enumerate(lines[1:], 1) if line.strip() == _FENCE), None)
    if end is None:
        return _bare(name, "text"), [Problem(name, 1, "catalog.front_matter_open")]
    table = parse(name, "\n".join(lines[1:end]), first_line=2)
    if isinstance(table, Problem):
        return _bare(name, "text"), [table]
    table.line = 1
    problems = check(table, _LESSON_KEYS)
    body, faults = render("\n".join(lines[end + 1 :]))
    problems += [Problem(name, fault.line + end + 1, fault.code, dict(fault.params)) for fault in faults]
    part = replace(_named(table, table.text("kind") or "text"), body_html=body.html, body_text=body.text)
    if problems:
        return part, problems
    return _with_media(folder, table, part)


def _with_media(folder: Folder, table: Table, part: LessonPart) -> Found:
    """The lesson with the files that its front matter names."""
    if part.kind == "text":
        problems = [table.problem("catalog.key_not_here", key, kind="text") for key in _only_media(table)]
        if not part.body_text:
            problems.append(table.problem("catalog.body_empty"))
        return part, problems
    if not table.text("media"):
        return part, [table.problem("catalog.key_missing", "media")]
    if part.kind == "document":
        problems = [table.problem("catalog.key_not_here", key, kind="document") for key in _only_media(table)[1:]]
    else:
        problems = []
    media = take_media(folder, table, "media", part.kind)
    captions, found = _captions(folder, table)
    marks, more = _marks(folder, table)
    if isinstance(media, Problem):
        return part, [*problems, media, *found, *more]
    return replace(part, media=media, captions=captions, marks=marks), [*problems, *found, *more]


def _only_media(table: Table) -> list[str]:
    return [key for key in ("media", "captions", "marks") if key in table.values]


def take_media(folder: Folder, table: Table, key: str, kind: str) -> MediaPart | Problem:
    """The file named at ``key``, or why it cannot be used as ``kind``.

    What the first bytes give away is told here; the rest is for ``media`` to find out when it opens the file.
    """
    name = table.text(key)
    if fault := folder.fault_of(name):
        return table.problem(fault[0], key, **fault[1])
    if PurePosixPath(name).suffix.lstrip(".").lower() not in ENDINGS[kind]:
        return table.problem("catalog.media_ending", key, path=name[:120], allowed=", ".join(ENDINGS[kind]))
    nature = nature_of(folder.head(name))
    if kind in _NATURES and nature not in _NATURES[kind]:
        return table.problem("catalog.media_nature", key, path=name[:120])
    if kind not in _NATURES and (refused := judge_nature(nature)):
        return table.problem(refused.code, key, **refused.params)
    return folder.media(name)


def _captions(folder: Folder, table: Table) -> tuple[dict[str, str], list[Problem]]:
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for language, name in (table.values.get("captions") or {}).items():
        if not _LANGUAGE.fullmatch(language):
            problems.append(table.problem("catalog.language_unknown", "captions", value=language[:40]))
        elif not isinstance(name, str):
            problems.append(table.problem("catalog.expects_text", "captions"))
        else:
            read = _timed_text(folder, table, "captions", name)
            if isinstance(read, Problem):
                problems.append(read)
            else:
                texts[language] = read[0]
    return texts, problems


def _marks(folder: Folder, table: Table) -> tuple[tuple[Mark, ...], list[Problem]]:
    if "marks" not in table.values:
        return (), []
    read = _timed_text(folder, table, "marks", table.text("marks"))
    if isinstance(read, Problem):
        return (), [read]
    return tuple(Mark(cue.start_ms, cue.text) for cue in read[1]), []


def _timed_text(folder: Folder, table: Table, key: str, name: str) -> tuple[str, list[Cue]] | Problem:
    if fault := folder.fault_of(name):
        return table.problem(fault[0], key, **fault[1])
    try:
        cues = read_captions(folder.raw(name))
    except CaptionsRefused as refused:
        return Problem(name, int(refused.params.get("line", 0)), refused.code, dict(refused.params))
    return to_webvtt(cues), cues


def _bare(name: str, kind: str) -> LessonPart:
    """A lesson of which only the file name could be read; it still takes part in the search for duplicates."""
    number, _hyphen, key = PurePosixPath(name).stem.partition("-")
    return LessonPart(name, int(number), key, kind, "", "", "", "")


def _named(table: Table, kind: str) -> LessonPart:
    words = {key: table.text(key) for key in ("title", "title_en", "chapter", "source")}
    return replace(_bare(table.file, kind), **words, lines={"": table.line, **table.lines})


def _twice(lessons: Iterable[LessonPart]) -> list[Problem]:
    problems: list[Problem] = []
    numbers: dict[int, str] = {}
    keys: dict[str, str] = {}
    for part in lessons:
        if part.number in numbers:
            problems.append(
                Problem(part.file, 0, "catalog.number_twice", {"number": part.number, "other": numbers[part.number]})
            )
        if part.key in keys:
            problems.append(Problem(part.file, 0, "catalog.name_twice", {"name": part.key, "other": keys[part.key]}))
        numbers.setdefault(part.number, part.file)
        keys.setdefault(part.key, part.file)
    return problems
