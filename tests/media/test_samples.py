"""Every larger real file has an expected outcome: playable with these properties, or refused with this reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from learnhub.media.probe import MediaRefused, check_media
from learnhub.media.rules import Limits
from learnhub.media.transcode import prepare_recording
from tests.media.conftest import processes_with
from tests.selection import shared_data_folder

FOLDER = shared_data_folder() / "media"
TABLE = Path(__file__).with_name("samples.txt")
ROWS = [line.split(" | ") for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
REFUSED = {name: told[0] for name, kind, *told in ROWS if kind == "refused"}
PLAYABLE = {name: (kind, *told) for name, kind, *told in ROWS if kind != "refused"}
LIMITS = Limits()


@pytest.mark.shared_data
def test_every_file_has_an_expected_outcome() -> None:
    present = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.*")} - {"ffprobe.tsv"}
    assert sorted(present) == sorted(row[0] for row in ROWS)


@pytest.mark.shared_data
@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_lecture_is_refused_with_its_reason(name: str) -> None:
    with pytest.raises(MediaRefused) as refused:
        check_media(FOLDER / name, LIMITS, wall_s=60)
    assert refused.value.code == REFUSED[name]
    assert processes_with(FOLDER / name) == []


@pytest.mark.shared_data
@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_the_same_reason_when_it_is_first_looked_at_while_transcoding(
    name: str, tmp_path: Path
) -> None:
    with pytest.raises(MediaRefused) as refused:
        prepare_recording(FOLDER / name, LIMITS, tmp_path)
    assert refused.value.code == REFUSED[name]
    assert processes_with(FOLDER / name) == []


@pytest.mark.shared_data
@pytest.mark.slow
@pytest.mark.parametrize("name", PLAYABLE)
def test_a_playable_file_becomes_the_renditions_expected(name: str, tmp_path: Path) -> None:
    facts = prepare_recording(FOLDER / name, LIMITS, tmp_path)
    kind, size, length_s, *made = PLAYABLE[name]
    names = [one for told in made for one in told.split() if one != "-"]
    assert [variant.name for variant in facts.variants] == names
    assert (facts.kind, f"{facts.width}x{facts.height}" if facts.width else "-") == (kind, size)
    assert abs(facts.duration_ms / 1000 - float(length_s)) <= 0.1
    assert (tmp_path / "poster.jpg").exists() == (facts.kind == "video")
    assert (tmp_path / "storyboard.vtt").exists() == (facts.kind == "video")
    assert facts.outcome_lufs is None or abs(facts.outcome_lufs + 18) <= 1
    assert not list(tmp_path.glob("*.u8")) and not (tmp_path / "frames.txt").exists()
    assert processes_with(tmp_path) == []
