"""What is found, by whom, in which order, and where the links lead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from learnhub.org.rules import is_within
from learnhub.org.scope import Actor, Grant
from learnhub.search import actions
from learnhub.search.index import SearchIndex
from learnhub.search.models import SearchText
from learnhub.search.queries import ANY, LOOK_AT_ALL, PAGE_SIZE, WHOLE, WORDS, Asked, Hits, search
from learnhub.search.rules import Kind, visible_units
from tests.cast import Cast
from tests.search.library import TEXTS, Shelf, captions, fill, lesson

Find = Callable[..., Hits]


def urls(hits: Hits) -> list[str]:
    """Where the hits lead."""
    return [hit.url for hit in hits.page.items]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("村务公开", "village"),
        ("村务公開", "village"),
        ("寨村党", "village"),
        ("漂浮盘", "tobacco"),
        ("水温", "tobacco"),
        ("第十二条", "water"),
        ("excel", "office"),
        ("ＥＸＣＥＬ", "office"),
        ("2016", "office"),
        ("learnhub", "office"),
        ("5G网络", "office"),
        ("阿依古丽•买买提", "names"),
        ("阿依古丽 买买提", "names"),
        ("《水法》", "water"),
        ("浮", "tobacco"),
        ("烤烟 营养液", "tobacco"),
    ],
)
def test_a_text_is_found_by_any_piece_of_it(library: Shelf, find: Find, text: str, key: str) -> None:
    assert urls(find(text)) == [f"/lessons/{key}"]


def test_every_substring_of_every_text_is_found(library: Shelf, find: Find) -> None:
    for key in ("village", "tobacco", "water", "land", "names"):  # Latin words are found whole
        body = TEXTS[key][1]
        for at in range(0, len(body) - 7, 3):
            piece = body[at : at + 7]
            assert f"/lessons/{key}" in urls(find(piece)), piece


def test_neighbouring_characters_that_are_not_together_are_no_hit(
    library: Shelf, find: Find, cast: Cast, index: SearchIndex, now: datetime
) -> None:
    library.put("apart", lesson("apart", "乱序", "公平交易，平等公正。公平公道，平公。", cast.county.id))
    actions.index_pending(index, now=now)
    assert find("平公平").match != WHOLE or "/lessons/apart" not in urls(find("平公平"))
    assert urls(find("公平公")) == ["/lessons/apart"]


def test_a_sentence_nobody_wrote_is_found_by_its_words(library: Shelf, find: Find) -> None:
    hits = find("承包地的流转期限")
    assert (hits.match, urls(hits)) == (WORDS, ["/lessons/land"])
    hits = find("承包地的森林")
    assert (hits.match, urls(hits)) == (ANY, ["/lessons/land"])


def test_words_may_stand_in_title_and_text(library: Shelf, find: Find) -> None:
    assert urls(find("育苗技术 营养液")) == ["/lessons/tobacco"]


def test_the_ladder_can_be_entered_further_up(library: Shelf, find: Find) -> None:
    assert find("村务公开", match=WORDS).match == WORDS
    assert find("承包地不得收回", match=ANY).match == ANY


def test_a_hit_in_a_title_comes_first(
    library: Shelf, find: Find, cast: Cast, index: SearchIndex, now: datetime
) -> None:
    library.put("long", lesson("long", "其他", "这里也提到水法。" + "无关的话。" * 30, cast.county.id))
    actions.index_pending(index, now=now)
    assert urls(find("水法")) == ["/lessons/water", "/lessons/long"]


def test_what_is_said_in_a_video_leads_to_its_second(library: Shelf, find: Find) -> None:
    (hit,) = find("成员身份").page.items
    assert (hit.url, hit.start_ms, hit.kind) == ("/lessons/77?t=16", 16_000, Kind.CAPTION)
    assert [part.text for part in hit.snippet if part.is_hit] == ["成员身份"]


def test_a_sentence_over_two_captions_is_found(library: Shelf, find: Find) -> None:
    assert urls(find("今天我们讲农村集体产权")) == ["/lessons/77?t=0"]


def test_a_lectures_title_does_not_bring_every_passage_of_it(library: Shelf, find: Find) -> None:
    assert find("产权制度改革讲座").match != WHOLE


def test_kinds_are_counted_and_filter(library: Shelf, find: Find) -> None:
    every = find("公开")
    assert every.counts["kind"] == {"caption": 1, "lesson": 1}
    only = find("公开", kind="caption")
    assert urls(only) == ["/lessons/77?t=16"] or urls(only) == ["/lessons/77?t=24"]
    assert only.counts == every.counts
    none = find("营养液", kind="caption")
    assert (none.page.total, none.is_miss) == (0, False)


def test_a_miss_is_told(library: Shelf, find: Find) -> None:
    hits = find("量子计算")
    assert hits.is_miss
    assert not find("").is_miss


@pytest.mark.parametrize(
    "text",
    ["", "*", "?*", '"', "'; DROP TABLE search_text; --", "title:a", "AND", "a OR", "\x00", "水" * 10_000, "%", "_", "😀", "\ud800", "[0 TO", "^2", "~"],
)  # fmt: skip
def test_nothing_that_can_be_typed_raises(library: Shelf, find: Find, index: SearchIndex, text: str) -> None:
    find(text)
    for path in index.folder.glob("*"):
        path.unlink()
    find(text)


def test_many_hits_are_paged_and_keep_their_order(
    cast: Cast, shelf: Shelf, find: Find, index: SearchIndex, now: datetime
) -> None:
    count = LOOK_AT_ALL + 30
    texts = [lesson(str(n), f"第{n}课", "森林防火" + "啊" * (n % 9), cast.city.id) for n in range(count)]
    shelf.put("many", *texts)
    actions.index_pending(index, now=now)
    for text in ("森林", "森林防火"):
        seen: list[str] = []
        for number in range(1, -(-count // PAGE_SIZE) + 1):
            hits = find(text, page=number)
            assert (hits.page.number, hits.page.total) == (number, count)
            seen += urls(hits)
        assert len(seen) == len(set(seen)) == count
    assert find("森林", page=99_999).page.number == -(-count // PAGE_SIZE)
    assert find("森林").is_exact
    assert not find("森林防火").is_exact


def test_the_number_of_statements_does_not_grow_with_the_hits(
    cast: Cast, shelf: Shelf, find: Find, index: SearchIndex, now: datetime, queries: Callable[[], int]
) -> None:
    shelf.put("many", *[lesson(str(n), f"第{n}课", "森林防火", cast.city.id) for n in range(60)])
    actions.index_pending(index, now=now)
    learner = cast.learner
    queries()
    find("森林防火", learner)
    assert queries() == 3


# Who sees what.


def test_a_text_is_seen_at_and_below_its_unit_only(
    cast: Cast, shelf: Shelf, index: SearchIndex, find: Find, now: datetime
) -> None:
    shelf.put("township", lesson("township", "森林法", "", cast.township.id))
    shelf.put("other", lesson("other", "森林法实施", "", cast.other_county.id, cast.village.id))
    actions.index_pending(index, now=now)
    assert set(urls(find("森林", cast.learner))) == {"/lessons/township", "/lessons/other"}
    assert urls(find("森林", cast.station_manager)) == ["/lessons/township"]
    assert urls(find("森林", cast.neighbour)) == ["/lessons/other"]
    assert urls(find("森林", cast.department)) == []


def test_an_editor_finds_what_is_published_anywhere_in_the_subtree(
    cast: Cast, shelf: Shelf, index: SearchIndex, find: Find, now: datetime
) -> None:
    shelf.put("village", lesson("village", "森林法", "", cast.village.id))
    shelf.put("other", lesson("other", "森林法", "", cast.other_village.id))
    actions.index_pending(index, now=now)
    assert urls(find("森林", cast.editor)) == ["/lessons/village"]
    assert urls(find("森林", cast.neighbour)) == ["/lessons/other"]
    assert len(urls(find("森林", cast.system_admin))) == 2


def test_counts_tell_nothing_of_what_may_not_be_seen(library: Shelf, find: Find, cast: Cast) -> None:
    hits = find("村务公开", cast.other_learner)
    assert (hits.page.total, dict(hits.counts["kind"])) == (0, {})


def test_the_neighbour_sees_nothing_even_without_an_index(
    library: Shelf, find: Find, cast: Cast, index: SearchIndex
) -> None:
    for path in index.folder.glob("*"):
        path.unlink()
    assert find("村务公开", cast.neighbour).page.total == 0
    assert find("村务公开", cast.learner).page.total == 1


@given(
    parents=st.lists(st.integers(0, 100), min_size=1, max_size=25),
    publications=st.lists(st.sets(st.integers(0, 100), max_size=3), max_size=12),
    seat=st.integers(0, 100),
    managed=st.sets(st.integers(0, 100), max_size=2),
)
@hypothesis_settings(max_examples=60)
def test_on_random_trees_a_person_sees_exactly_what_is_above_or_managed(
    parents: list[int], publications: list[set[int]], seat: int, managed: set[int]
) -> None:
    paths = {0: "/1/"}
    for number, parent in enumerate(parents, 1):
        paths[number] = f"{paths[parent % number]}{number + 1}/"
    path_of = {int(path.strip("/").split("/")[-1]): path for path in paths.values()}
    units = list(path_of)
    own = path_of[units[seat % len(units)]]
    roots = [path_of[units[one % len(units)]] for one in managed]
    audiences = [{units[one % len(units)] for one in publication} for publication in publications]
    own_units = [int(part) for part in own.strip("/").split("/")]
    visible = visible_units(own_units, roots, path_of, set().union(*audiences))
    for audience in audiences:
        above = any(is_within(own, path_of[unit]) for unit in audience)
        below = any(is_within(path_of[unit], root) for unit in audience for root in roots)
        assert any(unit in visible for unit in audience) == (above or below)


@given(data=st.data())
@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_a_result_never_lies_outside_what_the_person_may_see(
    cast: Cast, shelf: Shelf, tmp_path_factory: pytest.TempPathFactory, now: datetime, data: st.DataObject
) -> None:
    index = SearchIndex(tmp_path_factory.mktemp("search_index"))
    units = list(cast.units.values())
    shelf.documents.clear()
    for number in range(8):
        chosen = data.draw(st.sets(st.sampled_from(units), min_size=1, max_size=2))
        shelf.put(str(number), lesson(str(number), "森林法", f"第{number}条", *[unit.id for unit in chosen]))
    actions.rebuild_all(index, now=now)
    for number in data.draw(st.sets(st.integers(0, 7), max_size=3)):  # changed, and not indexed yet
        chosen = data.draw(st.sets(st.sampled_from(units), min_size=1, max_size=2))
        shelf.put(str(number), lesson(str(number), "森林法", f"第{number}条", *[unit.id for unit in chosen]))
    seat, root = data.draw(st.sampled_from(units)), data.draw(st.sampled_from(units))
    grants = (Grant("editor", root.id, root.path),) if data.draw(st.booleans()) else ()
    actor = Actor(1, "某人", seat.id, seat.path, grants)
    path_of = {unit.id: unit.path for unit in units}
    for hit in search(actor, Asked("森林法"), index=index).page.items:
        (document,) = shelf.documents[hit.url.split("/")[-1]]
        above = any(is_within(seat.path, path_of[unit]) for unit in document.unit_ids)
        below = any(is_within(path_of[unit], grant.path) for unit in document.unit_ids for grant in grants)
        assert above or below


# In step with what is published.


def test_a_new_text_is_found_after_one_batch(
    library: Shelf, find: Find, cast: Cast, index: SearchIndex, now: datetime
) -> None:
    library.put("fresh", lesson("fresh", "草原法", "草原资源", cast.county.id))
    assert find("草原").is_miss
    assert actions.index_pending(index, now=now) == 1
    assert urls(find("草原")) == ["/lessons/fresh"]


def test_a_withdrawn_text_is_gone_before_the_index_knows(
    library: Shelf, find: Find, index: SearchIndex, now: datetime
) -> None:
    library.take("water")
    assert find("水资源").is_miss
    assert find("水法", match=WORDS).page.total == 0
    actions.index_pending(index, now=now)
    assert find("水资源").is_miss
    assert not SearchText.select().where(SearchText.source_id == "water").exists()


def test_a_text_moved_to_other_units_changes_its_readers_at_once(library: Shelf, find: Find, cast: Cast) -> None:
    library.put("water", lesson("water", *TEXTS["water"], cast.other_county.id))
    assert find("水资源", cast.learner).page.total == 0


def test_a_changed_text_is_found_by_its_new_words_only(
    library: Shelf, find: Find, cast: Cast, index: SearchIndex, now: datetime
) -> None:
    library.put("water", lesson("water", "水法要点", "取水许可制度", cast.county.id))
    actions.index_pending(index, now=now)
    assert urls(find("取水许可")) == ["/lessons/water"]
    assert find("流域管理").is_miss


def test_deleted_and_rebuilt_the_index_gives_the_same_answers(
    library: Shelf, find: Find, cast: Cast, index: SearchIndex, now: datetime
) -> None:
    for number in range(30):
        library.put(
            f"more{number}", lesson(f"more{number}", f"森林法第{number}条", "防火" * (number % 7 + 1), cast.city.id)
        )
        actions.index_pending(index, now=now)
    for number in range(0, 30, 4):
        library.take(f"more{number}")
    actions.index_pending(index, now=now)
    asked = ["森林", "森林法第", "防火", "公开", "村务公开", "水", "农村 公开", "承包地的森林"]
    before = {text: find(text) for text in asked}
    for path in index.folder.glob("*"):
        path.unlink()
    actions.rebuild_all(index, now=now)
    for text in asked:
        assert find(text) == before[text]


def test_a_rebuild_forgets_what_no_source_lists(library: Shelf, find: Find, index: SearchIndex, now: datetime) -> None:
    library.documents.pop("water")
    actions.rebuild_all(index, now=now)
    assert find("水资源").is_miss


def test_without_an_index_the_texts_themselves_are_searched(library: Shelf, find: Find, index: SearchIndex) -> None:
    expected = {text: urls(find(text)) for text in ("村务公开", "成员身份", "水", "承包地的流转期限", "ＥＸＣＥＬ")}
    for path in index.folder.glob("*"):
        path.unlink()
    for text, addresses in expected.items():
        hits = find(text)
        assert hits.is_degraded
        assert urls(hits) == addresses


def test_a_missing_index_is_rebuilt_with_the_next_change(
    library: Shelf, find: Find, cast: Cast, index: SearchIndex, now: datetime
) -> None:
    for path in index.folder.glob("*"):
        path.unlink()
    library.put("fresh", lesson("fresh", "草原法", "", cast.county.id))
    actions.index_pending(index, now=now)
    assert not find("草原").is_degraded
    assert urls(find("草原")) == ["/lessons/fresh"]
    assert urls(find("水资源")) == ["/lessons/water"]


def test_a_text_for_nobody_is_not_kept(cast: Cast, shelf: Shelf, index: SearchIndex, now: datetime) -> None:
    shelf.put("secret", lesson("secret", "密", "密"))
    actions.index_pending(index, now=now)
    assert not SearchText.select().exists()


def test_the_library_has_captions_and_lessons(cast: Cast, shelf: Shelf) -> None:
    fill(shelf, cast.county.id)
    assert len(captions(1)) == 2
    assert len(shelf.documents) == len(TEXTS) + 1
