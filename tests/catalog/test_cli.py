"""``learnhub courses``: what it says and how it ends."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from learnhub.catalog.cli import group
from learnhub.catalog.models import Course
from learnhub.config import Settings
from tests.cast import Cast
from tests.catalog.folders import edit, write_course

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask, cast: Cast, cast_url: str, settings: Settings) -> Run:
    """Runs a command of the group on the cast's database."""
    given = dataclasses.replace(settings, database_url=cast_url)
    given.courses_dir.mkdir(parents=True, exist_ok=True)
    return lambda *arguments: CliRunner().invoke(group, [str(one) for one in arguments], obj=given)


def test_a_good_folder_is_checked_and_published_once(run: Run, settings: Settings) -> None:
    write_course(settings.courses_dir, with_video=True)
    checked = run("check")
    assert (checked.exit_code, checked.output) == (0, "fire-safety：检查通过，3 个课时\n")
    assert Course.select().count() == 0
    first, second = run("publish"), run("publish")
    assert (first.exit_code, first.output) == (0, "fire-safety：已发布；课时新增 3，更新 0，停用 0\n")
    assert (second.exit_code, second.output) == (0, "fire-safety：没有变化\n")


def test_a_bad_folder_is_named_by_file_and_line_while_the_others_go_on(run: Run, settings: Settings) -> None:
    write_course(settings.courses_dir, "good")
    bad = write_course(settings.courses_dir, "bad", with_video=True)
    edit(bad / "tests/03-test.toml", 'answer = "B"', 'answer = "D"')
    (bad / "media/clip.mp4").write_text("文字\n" * 50, "utf-8")
    for command in ("check", "publish"):
        result = run(command)
        assert result.exit_code == 1
        assert "bad/tests/03-test.toml:10: 没有选项“D”" in result.output
        assert "bad/lessons/02-extinguisher.md:4: " in result.output
    assert [course.code for course in Course.select()] == ["good"]


def test_folders_can_be_named(run: Run, tmp_path: Path) -> None:
    write_course(tmp_path / "mine", "one")
    assert run("publish", tmp_path / "mine/one").exit_code == 0
    missing = run("check", tmp_path / "mine/nothing")
    assert missing.exit_code == 1
    assert "nothing" in missing.output


def test_no_folders_at_all_is_an_error(run: Run) -> None:
    result = run("check")
    assert result.exit_code == 2
    assert "没有课程文件夹" in result.output
