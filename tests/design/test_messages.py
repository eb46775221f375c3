"""The command that collects the words of the interface."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "messages.py"
VIEW = """
from learnhub.design.i18n import _, _l, _n
TITLE = _l('My year')
def page(n): return _('Hello %(name)s', name=1), _n('%(num)d lesson', '%(num)d lessons', n)
"""


@pytest.fixture
def command(tmp_path: Path) -> ModuleType:
    """The script, working on a tree of its own with one feature."""
    spec = importlib.util.spec_from_file_location("messages_command", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.ROOT = tmp_path / "learnhub"
    templates = tmp_path / "learnhub" / "study" / "templates" / "study"
    templates.mkdir(parents=True)
    (templates / "year.html").write_text("<h1>{{ _('Still missing') }}</h1>{% trans %}Old style{% endtrans %}")
    (tmp_path / "learnhub" / "study" / "views.py").write_text(VIEW)
    return module


def translate(command: ModuleType, feature: str, words: dict[str, str]) -> None:
    path = command.catalogue_path(feature)
    text = path.read_text("utf-8")
    for source, target in words.items():
        for ending in ("msgstr", f'msgid_plural "{source}s"\nmsgstr[0]'):
            text = text.replace(f'msgid "{source}"\n{ending} ""', f'msgid "{source}"\n{ending} "{target}"')
    path.write_text(text, "utf-8")


ALL = {
    "My year": "我的学年", "Hello %(name)s": "%(name)s，您好", "%(num)d lesson": "%(num)d 课时",
    "Still missing": "还差", "Old style": "旧式",
}  # fmt: skip


def test_words_of_code_and_templates_are_found_once(command: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["study"]) == 0
    assert "5 to translate" in capsys.readouterr().out
    assert {key[1] for key, _message in command.entries(command.read("study"))} == set(ALL)


def test_merge_keeps_translations_and_the_file_stays_the_same(command: ModuleType) -> None:
    command.main(["study"])
    translate(command, "study", ALL)
    before = command.catalogue_path("study").read_bytes()
    command.main(["study"])
    assert command.catalogue_path("study").read_bytes() == before
    assert b"#:" not in before and b"Date" not in before
    assert command.main(["--check"]) == 0


def test_check_names_what_is_missing(command: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["study", "--check"]) == 1
    assert "no translation of 'My year'" in capsys.readouterr().out


def test_check_names_what_is_no_longer_used_and_merge_drops_it(
    command: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    command.main(["study"])
    translate(command, "study", ALL)
    (command.ROOT / "study" / "views.py").write_text("")
    assert command.main(["study", "--check"]) == 1
    assert "no longer used: 'My year'" in capsys.readouterr().out
    command.main(["study"])
    assert command.main(["study", "--check"]) == 0


def test_check_refuses_other_placeholders_and_fuzzy_entries(
    command: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    command.main(["study"])
    translate(command, "study", {**ALL, "Hello %(name)s": "%(nmae)s，您好"})
    assert command.main(["study", "--check"]) == 1
    assert "other placeholders" in capsys.readouterr().out
    path = command.catalogue_path("study")
    path.write_text(path.read_text("utf-8").replace('msgid "My year"', '#, fuzzy\nmsgid "My year"'), "utf-8")
    assert command.main(["study", "--check"]) == 1
    assert "fuzzy: 'My year'" in capsys.readouterr().out


def test_one_english_word_has_one_chinese_word_over_all_features(
    command: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    command.main(["study"])
    translate(command, "study", ALL)
    (command.ROOT / "reports").mkdir()
    (command.ROOT / "reports" / "views.py").write_text("_('My year')")
    command.main(["reports"])
    assert "我的学年" in command.catalogue_path("reports").read_text("utf-8")  # taken over
    path = command.catalogue_path("reports")
    path.write_text(path.read_text("utf-8").replace("我的学年", "本年"), "utf-8")
    assert command.main(["--check"]) == 1
    assert "'My year' is '我的学年' here and '本年' in reports" in capsys.readouterr().out
