"""The command lines as data: what ffmpeg is told, word by word, without running it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from learnhub.media import commands
from learnhub.media.commands import LadderPlan, SoundPlan
from learnhub.media.ladder import Fraction, av1_rungs_for, rungs_for, storyboard_for
from learnhub.media.rules import Limits, Probe, Stream

LIMITS = Limits()
ORIGINAL = Path("/m/originals/ab/abc")
PROBE = Probe(
    frozenset({"mov"}),
    1,
    10.0,
    (
        Stream(0, "video", "h264"),
        Stream(1, "audio", "aac", channels=6, language="chi"),
        Stream(2, "audio", "aac", channels=1, language="iii"),
    ),
)
SOUNDS = (SoundPlan(1, "audio", 2, 2.5, 10.0), SoundPlan(2, "audio-2", 1, 0.0, 10.0))
PLAN = LadderPlan(tuple(rungs_for(640, 360)), Fraction(25), 10.0, SOUNDS, video_index=0)
ALL = {
    "probe": commands.probe_command(ORIGINAL, LIMITS),
    "decode": commands.decode_command(ORIGINAL, PROBE, LIMITS),
    "measure": commands.measure_command(ORIGINAL, PROBE, LIMITS),
    "ladder": commands.ladder_command(ORIGINAL, PLAN, LIMITS),
    "sound": commands.sound_command(ORIGINAL, PLAN, LIMITS),
}


def after(command: list[str], word: str) -> str:
    """The word that follows."""
    return command[command.index(word) + 1]


def graph(command: list[str]) -> str:
    """The filters."""
    return after(command, "-filter_complex")


@pytest.mark.parametrize("purpose", ALL)
def test_an_input_is_opened_only_by_allowed_demuxers_and_from_files(purpose: str) -> None:
    before_input = ALL[purpose][: ALL[purpose].index(f"file:{ORIGINAL}")]
    assert after(before_input, "-protocol_whitelist") == "file"
    formats = after(before_input, "-format_whitelist").split(",")
    assert not {"hls", "concat", "dash", "sdp", "image2", "lavfi", "rtsp"} & set(formats)
    assert not any("://" in word for word in ALL[purpose])
    if purpose != "probe":
        assert after(before_input, "-max_pixels") == str(LIMITS.pixels)
        assert "aac" in after(before_input, "-codec_whitelist").split(",")


def test_what_was_made_is_opened_as_nothing_but_mp4() -> None:
    board = storyboard_for(640, 360, 10, Fraction(25))
    for command in (commands.pictures_command("240p.m4s", board), commands.poster_command("360p.m4s", 4.0)):
        before_input = command[: command.index("-i")]
        assert (after(before_input, "-protocol_whitelist"), after(before_input, "-format_whitelist")) == ("file", "mov")


def test_the_measuring_decodes_every_sound_and_no_picture() -> None:
    command = ALL["measure"]
    assert after(command, "-c:v") == "copy"
    assert after(command, "-map") == "0:0"
    assert [word for word in ("ebur128@1", "ebur128@2") if word in graph(command)] == ["ebur128@1", "ebur128@2"]
    assert "[0:1]aformat=channel_layouts=stereo" in graph(command), "5.1 is measured as it will be heard"
    assert "scale" not in graph(command)


def test_the_ladder_is_one_process_with_one_decode_for_all_that_is_made() -> None:
    command = ALL["ladder"]
    assert command.count("-i") == 1
    outputs = [word for word in command if word in ("%v.m3u8", "frames.txt", "audio.u8", "audio-2.u8")]
    assert sorted(outputs) == ["%v.m3u8", "audio-2.u8", "audio.u8", "frames.txt"]
    heights, group = ("180p", "240p", "360p"), "agroup:sound"
    names = [f"v:{at},{group},name:{name}" for at, name in enumerate(heights)]
    names += [f"a:0,{group},name:audio", f"a:1,{group},name:audio-2"]
    assert after(command, "-var_stream_map") == " ".join(names)


def test_key_frames_stand_on_the_same_frames_in_all_heights() -> None:
    command = ALL["ladder"]
    assert after(command, "-g") == "100"
    for at in range(3):
        assert after(command, f"-keyint_min:v:{at}") == "100"
        assert after(command, f"-sc_threshold:v:{at}") == "0"
    assert "fps=fps=25/1:start_time=0" in graph(command)
    uneven = commands.ladder_command(ORIGINAL, replace(PLAN, rate=Fraction(30000, 1001)), LIMITS)
    assert after(uneven, "-g") == "120", "never shorter than a segment, or one would begin without a key frame"


def test_a_picture_is_scaled_step_by_step_from_the_highest() -> None:
    places = [graph(ALL["ladder"]).index(f"scale={size}") for size in ("640:360", "426:240", "320:180")]
    assert places == sorted(places)


def test_each_sound_is_levelled_by_its_own_gain_and_limited() -> None:
    filters = graph(ALL["ladder"])
    assert filters.count("alimiter") == 2
    assert filters.count("volume=2.5dB") == 1
    assert after(ALL["ladder"], "-b:a:0") == "80k"
    assert after(ALL["ladder"], "-b:a:1") == "48k"
    assert "scale" not in graph(ALL["sound"])


def test_streams_of_one_length_are_left_and_shorter_ones_drawn_out_to_the_whole() -> None:
    assert "tpad" not in graph(ALL["ladder"]) and "-t" not in ALL["ladder"]
    short = replace(PLAN, video_ends_s=4.0)
    command = commands.ladder_command(ORIGINAL, short, LIMITS)
    assert "tpad=stop=-1:stop_mode=clone" in graph(command)
    assert graph(command).count("apad") == 2
    assert [command[at + 1] for at, word in enumerate(command) if word == "-t"] == ["10.000"] * 3


def test_only_what_may_be_interlaced_is_looked_at_for_it() -> None:
    assert "bwdif" not in graph(ALL["ladder"])
    command = commands.ladder_command(ORIGINAL, replace(PLAN, interlaced=True), LIMITS)
    assert "bwdif=deint=interlaced:mode=send_frame" in graph(command)


def test_av1_is_made_beside_from_the_same_pictures() -> None:
    plan = replace(PLAN, av1_rungs=tuple(av1_rungs_for(PLAN.rungs)))
    command = commands.ladder_command(ORIGINAL, plan, LIMITS)
    codecs = [command[at + 1] for at, word in enumerate(command) if word.startswith("-c:v:")]
    assert codecs == ["libx264"] * 3 + ["libsvtav1"] * 3
    assert graph(command).count("scale=") == 3
    assert "name:240p-av1" in after(command, "-var_stream_map")
    assert "libsvtav1" not in ALL["ladder"]


def test_sound_alone_has_no_picture_and_picture_alone_no_group() -> None:
    alone = replace(PLAN, rungs=(), video_index=None, video_ends_s=0.0)
    command = commands.ladder_command(ORIGINAL, alone, LIMITS)
    assert after(command, "-var_stream_map").startswith("a:0,agroup:sound,name:audio ")
    assert not any(word.startswith("-c:v") for word in command)
    mute = commands.ladder_command(ORIGINAL, replace(PLAN, sounds=()), LIMITS)
    assert "agroup" not in after(mute, "-var_stream_map")
    assert not any(word.startswith("-c:a") for word in mute)


def test_a_storyboard_reads_key_frames_only() -> None:
    board = storyboard_for(640, 360, 3600, Fraction(25))
    command = commands.pictures_command("240p.m4s", board)
    assert after(command, "-skip_frame") == "nokey"
    assert command.index("-skip_frame") < command.index("-i")
    assert "tile=6x6" in graph(command)
    assert "not(mod(n,5))" in graph(command).replace("\\", "")
