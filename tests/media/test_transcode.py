"""What ffmpeg makes, measured on the result."""

from __future__ import annotations

import json
import re
import struct
import subprocess
from pathlib import Path

import pytest

from learnhub.media.commands import LadderPlan, decode_command, ladder_command, probe_command
from learnhub.media.ladder import Fraction, rungs_for
from learnhub.media.probe import MediaRefused, check_media, probe_file
from learnhub.media.rules import Limits, Probe, Stream
from learnhub.media.transcode import make_ladder, plan_for
from tests.media.conftest import SPEECHLIKE, Made, ffmpeg

LIMITS = Limits()
PLAN = LadderPlan(tuple(rungs_for(640, 360)), Fraction(25), 10.0, 10.0, 1, 2.5, video_index=0, audio_index=1)


def shown(path: Path, *words: str) -> dict[str, object]:
    """ffprobe's JSON about a file."""
    segments = ("-allowed_extensions", "ALL") if path.suffix == ".m3u8" else ()
    command = ["ffprobe", "-v", "error", *segments, *words, "-of", "json", str(path)]
    told = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
    answer: dict[str, object] = json.loads(told)
    return answer


def key_times(path: Path) -> list[float]:
    """The seconds of the key frames of a rendition."""
    told = shown(path, "-skip_frame", "nokey", "-show_entries", "frame=best_effort_timestamp_time")
    return [float(frame["best_effort_timestamp_time"]) for frame in told["frames"]]  # type: ignore[attr-defined]


def loudness(path: Path) -> float:
    """Integrated loudness in LUFS."""
    command = [
        "ffmpeg",
        "-nostdin",
        "-hide_banner",
        "-i",
        str(path),
        "-af",
        "ebur128=framelog=verbose",
        "-f",
        "null",
        "-",
    ]
    told = subprocess.run(command, check=True, capture_output=True, timeout=60).stderr.decode()
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", told)[-1])


def test_an_input_is_opened_only_by_allowed_demuxers_and_from_files() -> None:
    probe = Probe(frozenset({"mov"}), 1, 10.0, (Stream(0, "video", "h264"), Stream(1, "audio", "aac", channels=1)))
    original = Path("/m/originals/ab/abc")
    for command in (
        probe_command(original, LIMITS),
        decode_command(original, probe, LIMITS),
        ladder_command(original, PLAN, LIMITS),
    ):
        before_input = command[: command.index(f"file:{original}")]
        assert before_input[before_input.index("-protocol_whitelist") + 1] == "file"
        formats = before_input[before_input.index("-format_whitelist") + 1].split(",")
        assert not {"hls", "concat", "dash", "sdp", "image2", "lavfi", "rtsp"} & set(formats)
        assert not any("://" in word for word in command)


def test_the_ladder_is_one_process_with_one_decode_and_aligned_key_frames() -> None:
    command = ladder_command(Path("/m/x"), PLAN, LIMITS)
    assert command.count("-i") == 1
    assert command.count("-f") == 1
    assert command[command.index("-sc_threshold") + 1] == "0"
    assert command[command.index("-g") + 1] == "100"
    assert "fps=fps=25/1:start_time=0" in command[command.index("-filter_complex") + 1]
    names = (
        "v:0,agroup:sound,name:180p v:1,agroup:sound,name:240p v:2,agroup:sound,name:360p a:0,agroup:sound,name:audio"
    )
    assert command[command.index("-var_stream_map") + 1] == names


def test_a_lecture_of_360_lines_gets_three_heights_sound_poster_and_thumbnail(made: Made) -> None:
    assert [variant.name for variant in made.variants] == ["180p", "240p", "360p", "audio"]
    names = {path.name for path in made.folder.iterdir()}
    lists = {f"{name}.{end}" for name in ("180p", "240p", "360p", "audio") for end in ("m3u8", "m4s")}
    assert names == lists | {"master.m3u8", "poster.jpg", "thumb.jpg"}
    thumb = shown(made.folder / "thumb.jpg", "-show_entries", "stream=width,height")["streams"][0]  # type: ignore[index]
    assert (thumb["width"], thumb["height"]) == (320, 180)
    assert made.shares == sorted(made.shares)
    assert made.shares[-1] > 0.9


def test_the_master_playlist_opens_with_all_heights(made: Made) -> None:
    told = shown(made.folder / "master.m3u8", "-show_entries", "stream=codec_name,height:format=duration")
    heights = {stream["height"] for stream in told["streams"] if "height" in stream}  # type: ignore[attr-defined]
    assert heights == {180, 240, 360}
    assert abs(float(told["format"]["duration"]) - 10) < 0.1  # type: ignore[index,call-overload]


def test_key_frames_stand_at_the_same_times_in_every_height(made: Made) -> None:
    lowest = key_times(made.folder / "180p.m4s")
    assert lowest == key_times(made.folder / "240p.m4s") == key_times(made.folder / "360p.m4s")
    assert [round(at - lowest[0], 3) for at in lowest] == [0, 4, 8]


@pytest.mark.parametrize("name", ["180p", "360p", "audio"])
def test_picture_and_sound_begin_at_exactly_zero(made: Made, name: str) -> None:
    raw = (made.folder / f"{name}.m4s").read_bytes()
    assert b"elst" not in raw, "an edit list shifts what players show"
    at = raw.index(b"tfdt")
    assert struct.unpack(">Q", raw[at + 8 : at + 16])[0] == 0
    run = raw.index(b"trun")
    flags = int.from_bytes(raw[run + 5 : run + 8], "big")
    if flags & 0x800:  # composition offsets: the first picture's must be none
        first = run + 12 + (4 if flags & 1 else 0) + (4 if flags & 4 else 0)
        size = sum(4 for bit in (0x100, 0x200, 0x400, 0x800) if flags & bit)
        assert raw[first + size - 4 : first + size] == b"\0\0\0\0"


def test_playlists_name_their_files_relatively(made: Made) -> None:
    for path in made.folder.glob("*.m3u8"):
        assert ":" not in "".join(line for line in path.read_text().splitlines() if not line.startswith("#")), path.name


def test_the_sound_comes_to_the_target_loudness(made: Made) -> None:
    assert abs(loudness(made.folder / "audio.m4s") + 18) <= 1


def build(tmp_path: Path, *words: str | Path) -> tuple[list[str], Path, dict[str, object]]:
    """Makes a source with ffmpeg, prepares it, returns the names made, the folder and what ffprobe says of it."""
    source, folder = tmp_path / "source.mkv", tmp_path / "out"
    ffmpeg(*words, source)
    folder.mkdir()
    probe, decoded, _accepted = check_media(source, LIMITS, wall_s=60)
    variants = make_ladder(source, plan_for(probe, decoded), LIMITS, folder, lambda share: None)
    told = shown(folder / "master.m3u8", "-show_entries", "stream=codec_type,width,height,duration:format=duration")
    return [variant.name for variant in variants], folder, told


X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def test_without_sound_there_is_only_the_picture(tmp_path: Path) -> None:
    names, folder, _told = build(tmp_path, "-f", "lavfi", "-i", "testsrc2=size=427x241:rate=25", "-t", "2", *X264[:4])
    assert names == ["240p"]
    assert "AUDIO" not in (folder / "master.m3u8").read_text()


def test_sound_alone_gets_a_playlist_of_its_own(tmp_path: Path) -> None:
    names, folder, told = build(tmp_path, "-f", "lavfi", "-i", SPEECHLIKE, "-t", "2")
    assert names == ["audio"]
    assert abs(float(told["format"]["duration"]) - 2) < 0.1  # type: ignore[index,call-overload]
    assert not (folder / "poster.jpg").exists()


def test_sound_that_ends_early_is_filled_with_silence(tmp_path: Path) -> None:
    sound = ("-f", "lavfi", "-t", "1", "-i", SPEECHLIKE)
    _names, folder, _told = build(
        tmp_path, "-f", "lavfi", "-t", "4", "-i", "testsrc2=size=64x64:rate=25", *sound, *X264
    )
    lengths = re.findall(r"EXTINF:([\d.]+)", (folder / "audio.m3u8").read_text())
    assert abs(sum(map(float, lengths)) - 4) < 0.1


def test_a_picture_that_ends_early_stands_still_until_the_sound_ends(tmp_path: Path) -> None:
    sound = ("-f", "lavfi", "-t", "3", "-i", SPEECHLIKE)
    _names, folder, _told = build(
        tmp_path, "-f", "lavfi", "-t", "1", "-i", "testsrc2=size=64x64:rate=25", *sound, *X264
    )
    lengths = re.findall(r"EXTINF:([\d.]+)", (folder / "64p.m3u8").read_text())
    assert abs(sum(map(float, lengths)) - 3) < 0.1


def test_portrait_keeps_its_shape_and_counts_its_shorter_side(tmp_path: Path) -> None:
    names, _folder, told = build(tmp_path, "-f", "lavfi", "-i", "testsrc2=size=240x426:rate=25", "-t", "1", *X264)
    assert names == ["240p"]
    assert told["streams"][0]["height"] == 426  # type: ignore[index]


def test_a_turned_recording_stands_upright(samples: Path, tmp_path: Path) -> None:
    turned = tmp_path / "turned.mp4"
    ffmpeg("-i", samples / "tiny.mp4", "-c", "copy", "-metadata:s:v", "rotate=90", turned)
    probe = probe_file(turned, LIMITS)
    assert probe.video is not None
    assert (probe.video.width, probe.video.height) == (48, 64)
    folder = tmp_path / "out"
    folder.mkdir()
    made = make_ladder(
        turned, plan_for(*check_media(turned, LIMITS, wall_s=30)[:2]), LIMITS, folder, lambda share: None
    )
    assert (made[0].width, made[0].height) == (48, 64)
    stream = shown(folder / "48p.m4s", "-show_entries", "stream=width,height")["streams"][0]  # type: ignore[index]
    assert (stream["width"], stream["height"]) == (48, 64)


def test_variable_rates_become_constant(tmp_path: Path) -> None:
    uneven = ("-vf", "select='not(mod(n,3))+lt(n,25)'", "-vsync", "vfr")
    _names, folder, _told = build(
        tmp_path, "-f", "lavfi", "-i", "testsrc2=size=64x64:rate=25", "-t", "4", *uneven, *X264
    )
    told = shown(folder / "64p.m4s", "-show_entries", "packet=duration_time")
    assert len({packet["duration_time"] for packet in told["packets"]}) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "media.empty"),
        ("这是一个文本文件，不是视频。\n".encode() * 20, "media.text_disguised"),
        (b"#EXTM3U\n#EXTINF:10.0,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n", "media.playlist"),
        (b"\x00\x00\x00\x14ftypisom\x00\x00\x02\x00isom", "media.cut_off"),
        (b"<!doctype html><title>404</title>", "media.page_disguised"),
        (bytes(range(128, 256)) * 40, "media.unreadable"),
    ],
)
def test_a_film_that_is_none_is_refused_with_its_reason(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "lesson.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaRefused) as refused:
        check_media(path, LIMITS, wall_s=30)
    assert refused.value.code == code


def test_a_playlist_behind_other_bytes_still_opens_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.ts"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=64x64:rate=25", "-t", "1", *X264, "-f", "mpegts", secret)
    path = tmp_path / "lesson.mp4"
    path.write_bytes(f"\x01#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n".encode())
    with pytest.raises(MediaRefused):
        check_media(path, LIMITS, wall_s=30)


def test_a_film_cut_off_in_the_middle_is_refused_by_its_decoded_length(samples: Path, tmp_path: Path) -> None:
    whole = (samples / "clip.mp4").read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole[: len(whole) * 6 // 10])
    with pytest.raises(MediaRefused) as refused:
        check_media(path, LIMITS, wall_s=30)
    assert refused.value.code == "media.truncated"
    assert refused.value.params["got"] < 8 < refused.value.params["told"]
