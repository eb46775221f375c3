"""Every way in which a course folder can be wrong is named with file, line and code, all of them at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from learnhub.catalog.course_folder import (
    BadCourseFolder,
    Problem,
    find_course_folders,
    peek_course,
    read_categories,
    read_course_folder,
)
from learnhub.catalog.messages import WORDS
from learnhub.kernel import messages
from learnhub.media.messages import WORDS as MEDIA_WORDS
from tests.catalog.folders import KNOWN, TEXT, edit, write_course


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good folder."""
    return write_course(tmp_path, with_video=True)


def problems_of(folder: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(BadCourseFolder) as refused:
        read_course_folder(folder, KNOWN)
    return [(one.file, one.line, one.code) for one in refused.value.problems]


def test_a_good_folder_gives_course_lessons_and_questions(folder: Path) -> None:
    course = read_course_folder(folder, KNOWN)
    assert (course.code, course.title, course.unit, course.audience) == (
        "fire-safety",
        "村级消防常识",
        "530402",
        ("530402",),
    )
    assert [(one.number, one.key, one.kind) for one in course.lessons] == [
        (1, "know-fire", "text"),
        (2, "extinguisher", "video"),
        (3, "test", "test"),
    ]
    text, film, test = course.lessons
    assert '<h2 id="s-1">固体火灾</h2>' in text.body_html
    assert "油锅起火不能泼水" in text.body_text
    assert film.media is not None and film.media.name == "clip.mp4"
    assert film.captions["zh-CN"].startswith("WEBVTT")
    assert [one.answer for one in test.questions] == [(1,), (0, 1), (1,)]
    assert test.pass_share == 0.6


def test_reading_the_same_folder_again_gives_the_same_digest(folder: Path) -> None:
    assert read_course_folder(folder, KNOWN).digest == read_course_folder(folder, KNOWN).digest


def test_captions_change_the_course_but_not_the_version_that_people_saw(folder: Path) -> None:
    before = read_course_folder(folder, KNOWN)
    edit(folder / "captions/clip.vtt", "对准火焰根部", "对准火焰的根部")
    after = read_course_folder(folder, KNOWN)
    assert before.lessons[1].digest == after.lessons[1].digest
    assert before.digest != after.digest


# Each case spoils one thing; the whole answer is expected, so that nothing is blamed that is right.
Spoil = Callable[[Path], object]
CASES: dict[str, tuple[Spoil, list[tuple[str, int, str]]]] = {
    "no course.toml": (
        lambda at: (at / "course.toml").unlink(),
        [("course.toml", 0, "catalog.course_toml_missing")],
    ),
    "course.toml is no TOML": (
        lambda at: edit(at / "course.toml", 'title_en = "Fire', "title_en = Fire"),
        [("course.toml", 3, "catalog.toml_broken")],
    ),
    "course.toml in GBK": (
        lambda at: (at / "course.toml").write_bytes((at / "course.toml").read_text("utf-8").encode("gbk")),
        [("course.toml", 2, "catalog.not_utf8")],
    ),
    "unknown key": (
        lambda at: edit(at / "course.toml", "summary =", "sumary ="),
        [("course.toml", 1, "catalog.key_missing"), ("course.toml", 4, "catalog.key_unknown")],
    ),
    "a number for a text": (
        lambda at: edit(at / "course.toml", 'title = "村级消防常识"', "title = 5"),
        [("course.toml", 2, "catalog.expects_text")],
    ),
    "share out of range": (
        lambda at: edit(at / "course.toml", "keywords", "required_share = 120\nkeywords"),
        [("course.toml", 9, "catalog.number_out_of_range")],
    ),
    "a kind that is none": (
        lambda at: edit(at / "course.toml", 'kind = "required"', 'kind = "must"'),
        [("course.toml", 8, "catalog.value_not_allowed")],
    ),
    "unknown category": (
        lambda at: edit(at / "course.toml", '"law"', '"magic"'),
        [("course.toml", 6, "catalog.category_unknown")],
    ),
    "code is not the folder": (
        lambda at: edit(at / "course.toml", 'code = "fire-safety"', 'code = "fire"'),
        [("course.toml", 1, "catalog.code_not_folder")],
    ),
    "code with capitals": (
        lambda at: edit(at / "course.toml", 'code = "fire-safety"', 'code = "Fire Safety"'),
        [("course.toml", 1, "catalog.code_not_folder"), ("course.toml", 1, "catalog.value_form")],
    ),
    "chapter twice": (
        lambda at: edit(
            at / "course.toml",
            'title_en = "Basics"',
            'title_en = "Basics"\n\n[[chapters]]\nkey = "basics"\ntitle = "又"',
        ),
        [("course.toml", 17, "catalog.chapter_twice")],
    ),
    "chapter of a lesson unknown": (
        lambda at: edit(at / "lessons/01-know-fire.md", '"basics"', '"advanced"'),
        [("lessons/01-know-fire.md", 5, "catalog.chapter_unknown")],
    ),
    "no front matter": (
        lambda at: edit(at / "lessons/01-know-fire.md", TEXT[: TEXT.index("火灾分为")], ""),
        [("lessons/01-know-fire.md", 1, "catalog.front_matter_missing")],
    ),
    "front matter not closed": (
        lambda at: edit(at / "lessons/01-know-fire.md", "+++\n\n火灾", "\n火灾"),
        [("lessons/01-know-fire.md", 1, "catalog.front_matter_open")],
    ),
    "front matter is no TOML": (
        lambda at: edit(at / "lessons/01-know-fire.md", 'kind = "text"', "kind: text"),
        [("lessons/01-know-fire.md", 4, "catalog.toml_broken")],
    ),
    "front matter without title": (
        lambda at: edit(at / "lessons/01-know-fire.md", 'title = "认识火灾"\n', ""),
        [("lessons/01-know-fire.md", 1, "catalog.key_missing")],
    ),
    "front matter with an unknown key": (
        lambda at: edit(at / "lessons/01-know-fire.md", "chapter =", "chapitre ="),
        [("lessons/01-know-fire.md", 5, "catalog.key_unknown")],
    ),
    "empty text lesson": (
        lambda at: (at / "lessons/01-know-fire.md").write_text('+++\ntitle = "空"\nkind = "text"\n+++\n', "utf-8"),
        [("lessons/01-know-fire.md", 1, "catalog.body_empty")],
    ),
    "first-level heading": (
        lambda at: edit(at / "lessons/01-know-fire.md", "## 固体", "# 固体"),
        [("lessons/01-know-fire.md", 10, "catalog.body_has_h1")],
    ),
    "picture in a text": (
        lambda at: edit(at / "lessons/01-know-fire.md", "木柴", "![图](https://example.cn/a.png) 木柴"),
        [("lessons/01-know-fire.md", 12, "catalog.body_has_image")],
    ),
    "quotations without end": (
        lambda at: edit(at / "lessons/01-know-fire.md", "木柴", ">" * 2000 + " 木柴"),
        [("lessons/01-know-fire.md", 12, "catalog.body_too_deep")],
    ),
    "an endless line": (
        lambda at: edit(at / "lessons/01-know-fire.md", "木柴", "柴" * 9000),
        [("lessons/01-know-fire.md", 12, "catalog.line_too_long")],
    ),
    "missing media": (
        lambda at: (at / "media/clip.mp4").unlink(),
        [("lessons/02-extinguisher.md", 4, "catalog.media_missing")],
    ),
    "media not named": (
        lambda at: edit(at / "lessons/02-extinguisher.md", 'media = "media/clip.mp4"\n', ""),
        [("lessons/02-extinguisher.md", 1, "catalog.key_missing")],
    ),
    "media of another kind": (
        lambda at: edit(at / "lessons/02-extinguisher.md", 'kind = "video"', 'kind = "audio"'),
        [("lessons/02-extinguisher.md", 4, "catalog.media_ending")],
    ),
    "empty media": (
        lambda at: (at / "media/clip.mp4").write_bytes(b""),
        [("lessons/02-extinguisher.md", 4, "catalog.media_empty")],
    ),
    "a video that is text": (
        lambda at: (at / "media/clip.mp4").write_text("这不是视频。\n" * 50, "utf-8"),
        [("lessons/02-extinguisher.md", 4, "media.text_disguised")],
    ),
    "a playlist in disguise": (
        lambda at: (at / "media/clip.mp4").write_text("#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n", "utf-8"),
        [("lessons/02-extinguisher.md", 4, "media.playlist")],
    ),
    "a path upwards": (
        lambda at: edit(at / "lessons/02-extinguisher.md", '"media/clip.mp4"', '"../other/clip.mp4"'),
        [("lessons/02-extinguisher.md", 4, "catalog.path_unsafe")],
    ),
    "an absolute path": (
        lambda at: edit(at / "lessons/02-extinguisher.md", '"captions/clip.vtt"', '"/etc/passwd"'),
        [("lessons/02-extinguisher.md", 5, "catalog.path_unsafe")],
    ),
    "a path with backslashes": (
        lambda at: edit(at / "lessons/02-extinguisher.md", '"media/clip.mp4"', "'media\\..\\..\\clip.mp4'"),
        [("lessons/02-extinguisher.md", 4, "catalog.path_unsafe")],
    ),
    "a link to a file outside": (
        lambda at: ((at / "media/clip.mp4").unlink(), (at / "media/clip.mp4").symlink_to("/etc/hostname")),
        [("lessons/02-extinguisher.md", 4, "catalog.media_missing"), ("media/clip.mp4", 0, "catalog.link_in_folder")],
    ),
    "a linked folder": (
        lambda at: (at / "extra").symlink_to("/etc"),
        [("extra", 0, "catalog.link_in_folder")],
    ),
    "captions without an end": (
        lambda at: edit(at / "captions/clip.vtt", "00:00:01.000 --> 00:00:01.900", "00:00:01.900 --> 00:00:01.000"),
        [("captions/clip.vtt", 6, "captions.ends_before_start")],
    ),
    "captions with unreadable times": (
        lambda at: edit(at / "captions/clip.vtt", "00:00:01.000 --> 00:00:01.900", "00:00:xx --> 00:00:01.900"),
        [("captions/clip.vtt", 6, "captions.bad_time")],
    ),
    "empty captions": (
        lambda at: (at / "captions/clip.vtt").write_text("WEBVTT\n", "utf-8"),
        [("captions/clip.vtt", 0, "captions.no_cues")],
    ),
    "captions in no language": (
        lambda at: edit(at / "lessons/02-extinguisher.md", "zh-CN =", '"中文" ='),
        [("lessons/02-extinguisher.md", 5, "catalog.language_unknown")],
    ),
    "text lesson with media": (
        lambda at: edit(at / "lessons/02-extinguisher.md", 'kind = "video"', 'kind = "text"'),
        [
            ("lessons/02-extinguisher.md", 4, "catalog.key_not_here"),
            ("lessons/02-extinguisher.md", 5, "catalog.key_not_here"),
        ],
    ),
    "duplicate numbers": (
        lambda at: (at / "lessons/01-again.md").write_text(TEXT, "utf-8"),
        [("lessons/01-know-fire.md", 0, "catalog.number_twice")],
    ),
    "lesson and test with one number": (
        lambda at: (at / "tests/03-test.toml").rename(at / "tests/02-test.toml"),
        [("tests/02-test.toml", 0, "catalog.number_twice")],
    ),
    "duplicate names": (
        lambda at: (at / "lessons/07-know-fire.md").write_text(TEXT, "utf-8"),
        [("lessons/07-know-fire.md", 0, "catalog.name_twice")],
    ),
    "a file name without a number": (
        lambda at: (at / "lessons/01-know-fire.md").rename(at / "lessons/know-fire.md"),
        [("lessons/know-fire.md", 0, "catalog.file_name")],
    ),
    "a file that does not belong": (
        lambda at: (at / "lessons/notes.docx").write_bytes(b"x"),
        [("lessons/notes.docx", 0, "catalog.file_ending")],
    ),
    "no lessons": (
        lambda at: [one.unlink() for one in (*(at / "lessons").iterdir(), *(at / "tests").iterdir())],
        [("lessons", 0, "catalog.no_lessons")],
    ),
    "an answer that is no option": (
        lambda at: edit(at / "tests/03-test.toml", 'answer = "B"', 'answer = "D"'),
        [("tests/03-test.toml", 10, "catalog.answer_unknown")],
    ),
    "a single answer as a list": (
        lambda at: edit(at / "tests/03-test.toml", 'answer = "B"', 'answer = ["B"]'),
        [("tests/03-test.toml", 10, "catalog.answer_not_letter")],
    ),
    "the same letter twice": (
        lambda at: edit(at / "tests/03-test.toml", '["A", "B"]', '["A", "A"]'),
        [("tests/03-test.toml", 18, "catalog.answer_not_letters")],
    ),
    "true or false in words": (
        lambda at: edit(at / "tests/03-test.toml", "answer = false", 'answer = "no"'),
        [("tests/03-test.toml", 24, "catalog.answer_not_yes_no")],
    ),
    "one option": (
        lambda at: edit(at / "tests/03-test.toml", '["泼水", "盖锅盖", "用扇子扇"]', '["泼水"]'),
        [("tests/03-test.toml", 9, "catalog.options_few")],
    ),
    "two equal options": (
        lambda at: edit(at / "tests/03-test.toml", '"用扇子扇"', '"泼水 "'),
        [("tests/03-test.toml", 9, "catalog.option_twice")],
    ),
    "a question twice": (
        lambda at: edit(at / "tests/03-test.toml", '"q2"', '"q1"'),
        [("tests/03-test.toml", 14, "catalog.question_twice")],
    ),
    "a test without questions": (
        lambda at: (at / "tests/03-test.toml").write_text('title = "空"\n', "utf-8"),
        [("tests/03-test.toml", 1, "catalog.key_missing")],
    ),
    "questions that are no tables": (
        lambda at: (at / "tests/03-test.toml").write_text('title = "空"\nquestions = ["a"]\n', "utf-8"),
        [("tests/03-test.toml", 2, "catalog.expects_tables")],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_spoilt_folder_is_refused_with_file_line_and_code(folder: Path, case: str) -> None:
    spoil, expected = CASES[case]
    spoil(folder)
    assert problems_of(folder) == expected


def test_all_problems_are_told_at_once(folder: Path) -> None:
    edit(folder / "course.toml", '"law"', '"magic"')
    edit(folder / "lessons/01-know-fire.md", '"basics"', '"advanced"')
    edit(folder / "tests/03-test.toml", 'answer = "B"', 'answer = "D"')
    (folder / "media/clip.mp4").unlink()
    assert [code for _file, _line, code in problems_of(folder)] == [
        "catalog.category_unknown",
        "catalog.chapter_unknown",
        "catalog.media_missing",
        "catalog.answer_unknown",
    ]


def test_a_pipe_in_the_folder_is_not_opened(folder: Path) -> None:
    os.mkfifo(folder / "media/pipe.mp4")
    edit(folder / "lessons/02-extinguisher.md", "media/clip.mp4", "media/pipe.mp4")
    assert problems_of(folder) == [("lessons/02-extinguisher.md", 4, "catalog.media_missing")]


def test_a_linked_course_folder_is_neither_found_nor_read(tmp_path: Path, folder: Path) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "fire-safety").symlink_to(folder)
    assert find_course_folders(other) == []
    assert problems_of(other / "fire-safety") == [("", 0, "catalog.folder_missing")]


def test_windows_line_ends_and_a_byte_order_mark_are_accepted(folder: Path) -> None:
    before = read_course_folder(folder, KNOWN).digest
    for path in (folder / "lessons/01-know-fire.md", folder / "tests/03-test.toml", folder / "course.toml"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_course_folder(folder, KNOWN).digest == before


def test_raw_html_is_shown_as_text_and_scripts_never_become_links(folder: Path) -> None:
    edit(folder / "lessons/01-know-fire.md", "木柴", "<script>alert(1)</script> [点我](javascript:alert(1)) 木柴")
    html = read_course_folder(folder, KNOWN).lessons[0].body_html
    assert "<script" not in html
    assert "href" not in html


def test_categories_are_read_in_their_order_and_refused_when_broken(tmp_path: Path, folder: Path) -> None:
    assert [line.code for line in read_categories(tmp_path)] == ["law", "farming"]
    (tmp_path / "categories.toml").write_text('[law]\ntitle = "法律"\n', "utf-8")
    with pytest.raises(BadCourseFolder) as refused:
        read_categories(tmp_path)
    assert refused.value.problems == (Problem("categories.toml", 0, "catalog.categories_form"),)


def test_peeking_never_fails(folder: Path) -> None:
    assert peek_course(folder) == ("村级消防常识", "Fire safety", "530402")
    (folder / "course.toml").write_bytes(b"\xff\xfe=")
    assert peek_course(folder) == ("", "", "")


def test_every_problem_has_words_that_take_its_values(folder: Path) -> None:
    messages.register(MEDIA_WORDS)
    messages.register(WORDS)
    for case, (spoil, _expected) in CASES.items():
        spoilt = write_course(folder.parent / case.replace(" ", "-"), with_video=True)
        spoil(spoilt)
        with pytest.raises(BadCourseFolder) as refused:
            read_course_folder(spoilt, KNOWN)
        for problem in refused.value.problems:
            sentence = messages.text_of(problem.code, problem.params)
            assert sentence != problem.code, f"{problem.code} has no words"
            assert "%(" not in sentence
