"""Components make valid, labelled HTML whatever is put into them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import date
from pathlib import Path

import html5lib
import pytest
from markupsafe import Markup

from learnhub.design.art import placeholder_art
from learnhub.design.month import bar_width, month_grid, pages_around
from learnhub.kernel.paging import Page
from tests.client import CheckingClient

Render = Callable[..., Markup]
COMPONENTS = Path(__file__).resolve().parents[2] / "learnhub/design/templates/design"
EVIL = '"><script>alert(1)</script>'


def parsed(html: str) -> ET.Element:
    """The fragment's tree; html5lib complains about nothing in it."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parseFragment(str(html))
    assert not parser.errors, parser.errors
    return tree  # type: ignore[no-any-return]


def one(tree: ET.Element, path: str) -> ET.Element:
    """The first element of a path, which must be there."""
    found = tree.find(path)
    assert found is not None, path
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", ["normal", "large"])
@pytest.mark.parametrize("name", [None, "李㛃"])
def test_gallery_is_a_good_page_in_every_setting(
    client: CheckingClient, account: object, language: str, size: str, name: str | None
) -> None:
    account.name = name  # type: ignore[attr-defined]
    client.set_cookie("type", size)
    page = client.get("/gallery", headers={"Accept-Language": language})  # the client checks HTML, labels, ids
    assert page.status_code == 200
    assert ('class="large"' in page.text) == (size == "large")
    assert ("李㛃" in page.text) == (name is not None or language == "zh")


def test_gallery_shows_every_component(client: CheckingClient) -> None:
    listed = (COMPONENTS / "components.html").read_text("utf-8")
    names = [line.split("set ")[1].split(" =")[0] for line in listed.splitlines() if line.startswith("{%- set ")]
    gallery = (COMPONENTS / "gallery.html").read_text("utf-8") + (COMPONENTS / "header.html").read_text("utf-8")
    gallery += (COMPONENTS / "page.html").read_text("utf-8")
    inside_others = {"action_form", "csrf", "error_summary", "hidden"}  # parts of confirm and form
    assert [name for name in names if f"ui.{name}(" not in gallery and name not in inside_others] == []


def test_field_says_its_hint_and_error(render: Render) -> None:
    html = render("{{ ui.text_field('title', 'Title', value='x', hint='Short.', error='Too long.', required=True) }}")
    tree = parsed(html)
    field = one(tree, ".//input")
    assert (field.get("id"), field.get("value"), field.get("aria-invalid")) == ("f-title", "x", "true")
    assert field.get("aria-describedby") == "f-title-hint f-title-error"
    assert one(tree, ".//label").get("for") == "f-title"
    assert "Too long." in html and "required" in html


def test_password_is_never_sent_back(render: Render) -> None:
    html = render("{{ ui.text_field('p', 'Password', value='secret', type='password') }}")
    assert "secret" not in html


@pytest.mark.parametrize(
    "source",
    [
        "{{ ui.text_field('a', evil, value=evil, hint=evil, error=evil, placeholder=evil) }}",
        "{{ ui.textarea('a', evil, value=evil) }}",
        "{{ ui.select_field('a', evil, [(evil, evil)], value=evil) }}",
        "{{ ui.radio_group('a', evil, [(evil, evil)], value=evil) }}",
        "{{ ui.segmented('a', evil, [(evil, evil)], note=evil) }}",
        "{{ ui.button(evil, value=evil) }}{{ ui.link_button(evil, evil) }}{{ ui.badge(evil) }}",
        "{{ ui.simple_table(evil, [evil], [[evil]]) }}{{ ui.description_list([(evil, evil)]) }}",
        "{{ ui.course_card(evil, evil, evil, [evil], progress=0.5) }}{{ ui.snippet([(evil, True)]) }}",
        "{{ ui.notice(evil, title=evil) }}{{ ui.empty_state(evil, evil) }}{{ ui.stat(evil, evil, evil, evil, evil) }}",
        "{{ ui.bar_chart(evil, [{'label': evil, 'value': 1, 'text': evil}], evil, evil) }}{{ ui.ring(0.5, evil, evil) }}",
        "{{ ui.month_calendar(2026, 11, {day: [{'text': evil, 'href': evil}]}) }}{{ ui.tabs([(evil, evil, True)]) }}",
        "{{ ui.job_progress('/jobs/1', evil, message=evil) }}{{ ui.confirm(evil, evil, evil, evil) }}",
    ],
)
def test_what_people_typed_is_never_markup(render: Render, source: str) -> None:
    html = render(source, evil=EVIL, day=date(2026, 11, 5))
    assert "<script" not in html
    assert "&lt;script" in html or "&#34;&gt;" in html
    parsed(html)


def test_textarea_keeps_a_leading_line_break(render: Render) -> None:
    tree = parsed(render("{{ ui.textarea('a', 'A', value='\\n\\ntwo') }}"))
    assert one(tree, ".//textarea").text == "\n\ntwo"


def test_select_compares_values_as_text(render: Render) -> None:
    tree = parsed(render("{{ ui.select_field('a', 'A', [(1, 'one'), (2, 'two')], value='2', blank='any') }}"))
    chosen = [option.get("value") for option in tree.iter("option") if option.get("selected") is not None]
    assert chosen == ["2"]


def test_posted_form_carries_the_token_and_a_searching_form_does_not(render: Render) -> None:
    assert 'name="csrf_token"' in render("{% call ui.form('/x', submit='Go') %}{% endcall %}")
    assert "csrf_token" not in render("{% call ui.form('/x', submit='Go', method='get') %}{% endcall %}")
    assert "csrf_token" not in render("{% call ui.filter_bar() %}{% endcall %}")


def test_error_summary_leads_to_the_fields(render: Render) -> None:
    html = render(
        "{% call ui.form('/x', errors={'day': 'No such day.'}) %}{{ ui.date_field('day', 'Day') }}{% endcall %}"
    )
    assert one(parsed(html), ".//div[@role='alert']//a").get("href") == "#f-day"
    assert "One entry needs your attention" in html


def test_error_of_the_whole_form_leads_nowhere(render: Render) -> None:
    html = render("{% call ui.form('/x', errors={'': 'Wrong password.'}) %}{% endcall %}")
    assert "Wrong password." in html and "<a" not in html


def test_segmented_choice_is_a_group_of_radio_buttons_with_one_chosen(render: Render) -> None:
    tree = parsed(render("{{ ui.segmented('p7', '李㛃', [('present', 'Present'), ('late', 'Late')], value='late') }}"))
    radios = list(tree.iter("input"))
    assert [radio.get("type") for radio in radios] == ["radio", "radio"]
    assert [radio.get("value") for radio in radios if radio.get("checked") is not None] == ["late"]
    assert one(tree, ".//legend").text == "李㛃"


def test_empty_table_says_so_instead_of_showing_headings(render: Render) -> None:
    html = render("{{ ui.simple_table('People', ['Name'], [], empty='Nobody yet.') }}")
    assert "<table" not in html and "Nobody yet." in html


def test_table_tells_how_it_is_sorted_and_turns_the_order(render: Render) -> None:
    source = "{{ ui.simple_table('P', [{'label': 'Name', 'sort': 'name'}], [['x']], sort='name') }}"
    tree = parsed(render(source))
    assert one(tree, ".//thead//th").get("aria-sort") == "ascending"
    assert one(tree, ".//thead//a").get("href") == "/gallery?sort=-name"


def test_cells_repeat_their_heading_for_phones(render: Render) -> None:
    tree = parsed(render("{{ ui.simple_table('P', ['Name', 'Hours'], [['x', None]]) }}"))
    cell = one(tree, ".//tbody//td")
    assert (cell.get("data-label"), cell.text) == ("Hours", "—")


def test_pager_keeps_the_filters_and_marks_the_page(render: Render) -> None:
    html = render("{{ ui.pager(page) }}", page=Page([], 3, 20, 200))
    tree = parsed(html)
    assert one(tree, ".//*[@aria-current='page']") is not None
    assert "41–60 of 200" in html and 'rel="prev"' in html and "/gallery?page=4" in html


@pytest.mark.parametrize(
    ("number", "count", "shown"),
    [
        (1, 1, [1]),
        (1, 4, [1, 2, 3, 4]),
        (7, 242, [1, None, 5, 6, 7, 8, 9, None, 242]),
        (4, 7, [1, 2, 3, 4, 5, 6, 7]),
        (242, 242, [1, None, 240, 241, 242]),
    ],
)
def test_pager_leaves_out_what_is_far_and_never_hides_a_single_page(number: int, count: int, shown: list[int]) -> None:
    assert pages_around(number, count) == shown


@pytest.mark.parametrize(
    ("share", "width"), [(0, "0"), (0.0001, "1"), (0.5, "50"), (1, "100"), (1.7, "100"), (-1, "0")]
)
def test_bar_stays_within_its_track_and_shows_the_first_step(share: float, width: str) -> None:
    assert bar_width(share) == width


def test_chart_of_nothing_is_drawn_without_dividing(render: Render) -> None:
    html = render(
        "{{ ui.bar_chart('C', [{'label': 'a', 'value': 0}], 'U', 'V') }}{{ ui.bar_chart('C', [], 'U', 'V') }}"
    )
    assert 'class="bar-fill" width="0"' in html
    parsed(html)


def test_chart_is_a_table_for_those_who_do_not_see_it(render: Render) -> None:
    tree = parsed(render("{{ ui.bar_chart('C', [{'label': '红塔区', 'value': 3, 'text': '92%'}], 'U', 'V') }}"))
    assert one(tree, ".//tbody//th").text == "红塔区"
    assert one(tree, ".//*[@class='bar-value']").text == "92%"


def test_month_runs_from_monday_to_sunday_and_marks_today(render: Render) -> None:
    grid = month_grid(2026, 11)
    assert grid.weeks[0][0] == date(2026, 10, 26) and grid.weeks[-1][-1] == date(2026, 12, 6)
    tree = parsed(render("{{ ui.month_calendar(2026, 11, {}, today=today) }}", today=date(2026, 11, 12)))
    assert len(tree.findall(".//td")) == 42
    assert len(tree.findall(".//td[@aria-current='date']")) == 1


def test_course_keeps_its_picture_and_others_differ() -> None:
    first = placeholder_art("乡村振兴促进法", "法律")
    assert first == placeholder_art("乡村振兴促进法", "法律")
    assert first != placeholder_art("村务公开", "法律")
    assert len(first) < 1600
    ET.fromstring(first)
