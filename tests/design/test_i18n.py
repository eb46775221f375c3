"""Words in two languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from learnhub.design import i18n
from learnhub.design.i18n import _, _l, _n, _p, current_locale, load_catalogues, locale_of
from tests.client import CheckingClient

CATALOGUE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

msgid "My year"
msgstr "我的学年"

msgid "%(num)d lesson"
msgid_plural "%(num)d lessons"
msgstr[0] "%(num)d 课时"

msgid "Hello %(name)s"
msgstr "%(name)s，您好"

msgctxt "month"
msgid "May"
msgstr "五月"

msgctxt "permission"
msgid "May"
msgstr "可以"

#, fuzzy
msgid "Guessed"
msgstr "猜的"

msgid "Left empty"
msgstr ""
"""


@pytest.fixture
def words(tmp_path: Path) -> Iterator[None]:
    folder = tmp_path / "feature" / "translations"
    folder.mkdir(parents=True)
    (folder / "zh_CN.po").write_text(CATALOGUE, encoding="utf-8")
    before = dict(i18n._translations)
    load_catalogues([tmp_path / "feature", tmp_path / "feature-without-words"])
    yield
    i18n._translations.clear()
    i18n._translations.update(before)


def test_outside_a_request_the_language_is_chinese(words: None) -> None:
    assert current_locale() == "zh_CN"
    assert _("My year") == "我的学年"


def test_forced_language_ends_with_its_block(words: None) -> None:
    with locale_of("en"):
        assert _("My year") == "My year"
        with locale_of("zh_CN"):
            assert _("My year") == "我的学年"
        assert _("My year") == "My year"
    assert _("My year") == "我的学年"


def test_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown locale"), locale_of("fr"):
        pass


@pytest.mark.parametrize("message", ["Nowhere translated", "Guessed", "Left empty"])
def test_what_has_no_sure_translation_is_said_in_english(words: None, message: str) -> None:
    assert _(message) == message


@pytest.mark.parametrize(
    ("locale", "number", "said"),
    [
        ("en", 0, "0 lessons"),
        ("en", 1, "1 lesson"),
        ("en", 2, "2 lessons"),
        ("zh_CN", 1, "1 课时"),
        ("zh_CN", 5, "5 课时"),
    ],
)
def test_plurals_follow_the_language(words: None, locale: str, number: int, said: str) -> None:
    with locale_of(locale):
        assert _n("%(num)d lesson", "%(num)d lessons", number) == said


def test_untranslated_plural_still_counts_in_chinese(words: None) -> None:
    assert _n("%(num)d yak", "%(num)d yaks", 1) == "1 yak"
    assert _n("%(num)d yak", "%(num)d yaks", 3) == "3 yaks"


def test_context_tells_equal_words_apart(words: None) -> None:
    assert (_p("month", "May"), _p("permission", "May"), _("May")) == ("五月", "可以", "May")


def test_python_text_without_parameters_may_hold_a_percent_sign() -> None:
    assert _("90 % of the lesson") == "90 % of the lesson"


def test_lazy_text_changes_with_the_language_and_behaves_like_text(words: None) -> None:
    text = _l("My year")
    with locale_of("en"):
        assert text == "My year"
        assert f"{text}!" == "My year!" and "→ " + text == "→ My year" and text + "." == "My year."
        assert text.upper() == "MY YEAR" and len(text) == 7 and "year" in text
    assert str(text) == "我的学年"
    assert {text: 1}[_l("My year")] == 1
    assert str(_l("Hello %(name)s", name="刀")) == "刀，您好"


def test_parameters_are_escaped_in_templates(app: Flask, words: None) -> None:
    with app.test_request_context(), locale_of("en"):
        shown = render_template_string("{{ _('Hello %(name)s', name=name) }}", name="<b>")
    assert shown == "Hello &lt;b&gt;"


def test_lazy_text_is_escaped_in_templates(app: Flask) -> None:
    with app.test_request_context():
        assert render_template_string("{{ text }}", text=_l("<b>")) == "&lt;b&gt;"


@pytest.mark.parametrize(
    ("stored", "cookie", "wish", "locale"),
    [
        ("en", "zh_CN", "zh-CN", "en"),
        (None, "en", "zh-CN", "en"),
        (None, None, "en-GB,en;q=0.9", "en"),
        (None, None, "fr,zh-TW;q=0.5", "zh_CN"),
        (None, None, "fr", "zh_CN"),
        (None, "klingon", None, "zh_CN"),
        ("klingon", "en", None, "en"),
    ],
)
def test_account_goes_before_cookie_before_browser_before_chinese(
    app: Flask, stored: str | None, cookie: str | None, wish: str | None, locale: str
) -> None:
    i18n.wire_locale_store(app, lambda: stored, lambda chosen: None)
    headers = {"Cookie": f"lang={cookie}" if cookie else "", "Accept-Language": wish or ""}
    with app.test_request_context("/", headers=headers):
        assert current_locale() == locale


def test_chosen_language_is_kept_in_cookie_and_account(client: CheckingClient, account: object) -> None:
    page = client.get("/gallery", headers={"Accept-Language": "zh"})
    assert '<html lang="zh-CN">' in page.text
    answer = client.send("/language", {"lang": "en", "next": "/gallery?q=1"})
    assert (answer.status_code, answer.location) == (303, "/gallery?q=1")
    assert account.locale == "en"  # type: ignore[attr-defined]
    account.locale = None  # type: ignore[attr-defined]
    assert '<html lang="en">' in client.get("/gallery", headers={"Accept-Language": "zh"}).text


def test_language_is_not_changed_without_the_token_of_a_form(client: CheckingClient) -> None:
    assert client.post("/language", data={"lang": "en"}).status_code == 400


def test_unknown_language_is_a_bad_request(client: CheckingClient) -> None:
    client.get("/gallery")
    assert client.send("/language", {"lang": "fr"}).status_code == 400
