"""``learnhub demo``: invented names, and never into a database that holds anything."""

from __future__ import annotations

import dataclasses
from collections import Counter
from random import Random

import pytest
from click.testing import CliRunner

from learnhub.config import Settings
from learnhub.demo.cli import command
from learnhub.demo.names import RARE_GIVEN, RARE_SURNAMES, person_name
from learnhub.org.models import Account, Person, Unit
from tests.cast import Cast


def test_names_have_middle_dots_and_rare_characters_and_are_the_same_each_time() -> None:
    names = [person_name(random) for random in [Random(7)] for _person in range(3000)]
    assert names == [person_name(random) for random in [Random(7)] for _person in range(3000)]
    found = Counter(
        "dot" if "·" in name else "rare" if name.endswith(RARE_GIVEN) or name.startswith(RARE_SURNAMES) else "common"
        for name in names
    )
    assert 50 < found["dot"] < 150 and 30 < found["rare"] < 200
    assert all(2 <= len(name) <= 8 for name in names)


@pytest.mark.parametrize("words", [[], ["--if-empty"]])
def test_a_database_that_holds_anything_is_left_as_it_is(
    cast: Cast, cast_url: str, settings: Settings, words: list[str]
) -> None:
    before = [table.select().count() for table in (Unit, Person, Account)]
    given = dataclasses.replace(settings, database_url=cast_url)
    ended = CliRunner().invoke(command, words, obj=given)
    if words:
        assert (ended.exit_code, ended.output) == (0, "")
    else:
        assert ended.exit_code == 1
        assert "The database is not empty; the demo is only loaded into an empty one." in ended.output
    assert [table.select().count() for table in (Unit, Person, Account)] == before
