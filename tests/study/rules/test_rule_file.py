"""A rule file that cannot be meant so is refused with the line and the reason."""

from __future__ import annotations

import pytest

from learnhub.study import hours
from learnhub.study.rules.hours import BadRule
from learnhub.study.rules.rule_file import lines_of, read_rule

YUNNAN = hours.shipped_texts()["yunnan-online"]
NANJING = hours.shipped_texts()["nanjing-type"]


def line(text: str, sought: str, nth: int = 1) -> int:
    """The line (from 1) on which ``sought`` stands for the nth time."""
    return [number for number, one in enumerate(text.split("\n"), 1) if sought in one][nth - 1]


def refused(text: str) -> list[tuple[int, str]]:
    """The lines and codes of the faults."""
    with pytest.raises(BadRule) as caught:
        read_rule(text)
    return [(fault.line, fault.code.removeprefix("study.rule_")) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("text", "before", "after", "code", "at"),
    [
        (YUNNAN, "below_minutes = 30", "from_minutes = 20\nbelow_minutes = 30", "band_gap", "[[lesson.bands]]:2"),
        (YUNNAN, "below_minutes = 30", "from_minutes = 15\nbelow_minutes = 30", "band_overlap", "[[lesson.bands]]:2"),
        (YUNNAN, "below_minutes = 30", "above_minutes = 10\nbelow_minutes = 30", "band_overlap", "[[lesson.bands]]:2"),
        (YUNNAN, "below_minutes = 30", "below_minutes = 10", "band_overlap", "[[lesson.bands]]:2"),
        (YUNNAN, "below_minutes = 30\nhours = 0.5", "hours = 0.5", "band_overlap", "[[lesson.bands]]:3"),
        (YUNNAN, "[[lesson.bands]]\nhours = 1\n", "", "band_open_end", "[[lesson.bands]]:2"),
        (YUNNAN, "hours = 0.5", "hours = 2", "band_falls", "hours = 1"),
        (YUNNAN, "hours = 0.25", "hours = 0.255", "hours", "hours = 0.255"),
        (YUNNAN, "hours = 0.25", "hours = -1", "hours", "hours = -1"),
        (YUNNAN, "hours = 0.25", "hours = nan", "hours", "hours = nan"),
        (YUNNAN, "passed_hours = 0.5", 'passed_hours = "0.5"', "hours", "passed_hours"),
        (YUNNAN, '"online", "test"]', '"minutes"]', "sources", '"minutes"'),
        (YUNNAN, 'ranks = ["default"]', 'ranks = ["clerk-1"]', "rank_gap", "[[required]]"),
        (YUNNAN, 'ranks = ["default"]', 'ranks = ["default", "default"]', "rank_twice", "ranks ="),
        (YUNNAN, "valid_from = 2023-01-01", "valid_from = 2023-01-01\nvalid_to = 2022-01-01", "dates", "valid_to"),
        (YUNNAN, "valid_from = 2023-01-01", "valid_from = 2023", "day", "valid_from"),
        (YUNNAN, "[test]", "[lessons]\ncap_per_year = 40\n\n[test]", "cap_below", "hours = 50"),
        (YUNNAN, "[test]", "[lessons]\ncap_per_day = 4\n\n[test]", "day_cap_on_lessons", "cap_per_day = 4"),
        (YUNNAN, "hours = 50", "hour = 50", "key_unknown", "hour = 50"),
        (YUNNAN, "up_to_minutes = 15", "up_to_minutes = = 15", "toml", "= = 15"),
        (YUNNAN, 'issuer = "', 'issuer_ = "', "key_missing", ""),
        (NANJING, "cap_per_day = 6", "cap_per_day = 6\ncap_per_course = 18", "two_caps", "cap_per_course"),
        (NANJING, 'of = "total"', 'of = "all"', "carry_of", 'of = "all"'),
        (NANJING, "multiplier = 5", "multiplier = 0", "number", "multiplier"),
        (NANJING, "cap_per_day = 6", "cap_per_day = 0", "cap_zero", "cap_per_day = 0"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line(text: str, before: str, after: str, code: str, at: str) -> None:
    read_rule(text)
    bad = text.replace(before, after, 1)
    assert bad != text
    sought, _colon, nth = at.partition(":")
    assert (line(bad, sought, int(nth or 1)) if sought else 1, code) in refused(bad)


def test_every_fault_of_a_file_is_told_at_once_in_order() -> None:
    bad = (
        YUNNAN.replace("hours = 0.25", "hours = -1")
        .replace("hours = 50", 'hours = "viel"')
        .replace("[test]", "[tests]")
    )
    found = refused(bad)
    assert [code for _line, code in found] == ["hours", "key_unknown", "hours"]
    assert found == sorted(found)


def test_lines_are_those_of_tables_and_keys() -> None:
    lines = lines_of(NANJING)
    assert lines["required", 0, "requirements", 1, "hours"] == line(NANJING, "hours = 10")
    assert lines["kinds", "teaching", "multiplier"] == line(NANJING, "multiplier")
    assert lines["lesson", "bands", 2] == line(NANJING, "[[lesson.bands]]", 3)


def test_a_text_without_end_is_refused() -> None:
    assert refused("#" * 200_000) == [(1, "too_long")]
