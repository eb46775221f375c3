"""From one upload to all that is made of it, against bare ffmpeg, in the same run; then delivery and player.

    make bench-media
    python bench/media.py [--seconds 10] [--rounds 3] [--alone]

Limit of the ladder: bare ffmpeg decoding the recording once, encoding each height from pictures that are scaled
already, and the sound from samples that are decoded already. Peer: one bare ffmpeg per height, each with its sound, and
one for the sound alone, as scripts usually do it, with the same encoders and settings (but no levelling, no check). Limit of the storyboard: a full decode of the
recording. What counts is the CPU time of the processes (from the kernel's books), the least of the rounds, which are
run in turns; the commands are those that LearnHub runs. Loudness, peaks and key frames are those of what was made.

The bars of ``media_delivery.py`` and ``media_player.py`` are measured by those files and joined (not with ``--alone``).
Last line: one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.verdict import Bar, at_most, last_line  # noqa: E402
from learnhub.config import read_settings  # noqa: E402
from learnhub.media import commands, ladder  # noqa: E402
from learnhub.media.commands import LadderPlan  # noqa: E402
from learnhub.media.measure import measure_file  # noqa: E402
from learnhub.media.probe import probe_file  # noqa: E402
from learnhub.media.rules import Limits  # noqa: E402
from learnhub.media.transcode import plan_for, prepare_recording  # noqa: E402

LECTURE = "media/lecture-agri-60s.mp4"
OTHERS = ("media_delivery", "media_player")
LIMITS = Limits()
QUIET = ("ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-y")


def main() -> None:
    """Measures the work of the workers, then asks the other files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10, help="how much of the lecture the ladder is measured on")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--alone", action="store_true", help="without delivery and player")
    chosen = parser.parse_args()
    lecture = read_settings().shared_data / LECTURE
    with tempfile.TemporaryDirectory(dir=ROOT) as folder:
        costs = ladder_costs(lecture, Path(folder), chosen.seconds, chosen.rounds)
        made = Path(folder) / "made"
        made.mkdir()
        prepare_recording(lecture, LIMITS, made)
        costs |= storyboard_costs(lecture, made, chosen.rounds)
        outcome = outcome_of(made)
    print(json.dumps({"cpu_s": costs, **outcome}, indent=2))
    found = [] if chosen.alone else [bar for name in OTHERS for bar in bars_of(name)]
    print(verdict(costs, outcome, found))


def verdict(costs: dict[str, float], outcome: dict[str, float], others: list[Bar]) -> str:
    """The last line: every bar with its value and whether it holds."""
    limit = costs["decode"] + costs["encodes"] + costs["sound"]
    bars = [
        at_most("ladder_to_limit", costs["ladder"] / limit, 1.25),
        at_most("ladder_to_separate_runs", costs["ladder"] / costs["separate"], 0.65),
        at_most("storyboard_to_full_decode", costs["storyboard"] / costs["decode_whole"], 0.15),
        at_most("key_frames_that_differ", outcome["key_frames_that_differ"], 0),
        at_most("loudness_off_by_lu", abs(outcome["lufs"] + 18), 1.0),
        at_most("true_peak_dbtp", outcome["true_peak_dbtp"], -1.0),
        *others,
    ]
    return last_line("media", bars, preparation_to_limit=round(costs["preparation"] / limit, 2))


def bars_of(name: str) -> list[Bar]:
    """What another benchmark of media measured; nothing where the file is not there."""
    path = Path(__file__).with_name(f"{name}.py")
    if not path.is_file():
        return []
    told = subprocess.run([sys.executable, path], check=False, capture_output=True, text=True).stdout.splitlines()
    if not told:
        return [{"name": name, "value": None, "target": "measured", "holds": False}]
    found: list[Bar] = json.loads(told[-1])["bars"]
    return found


def ladder_costs(lecture: Path, folder: Path, seconds: float, rounds: int) -> dict[str, float]:
    """CPU seconds of each way over the first ``seconds`` of a lecture, the least of the rounds."""
    source = folder / "source.mp4"
    subprocess.run([*QUIET, "-i", lecture, "-t", str(seconds), "-c", "copy", source], check=True)
    probe = probe_file(source, LIMITS)
    plan = plan_for(probe, measure_file(source, probe, LIMITS, wall_s=60))
    raw = raw_parts(source, plan, folder)
    work = folder / "work"
    work.mkdir()
    ways: dict[str, Callable[[], float]] = {
        "decode": lambda: cpu_s([*QUIET, "-i", source, "-f", "null", "-"], work),
        "encodes": lambda: sum(
            cpu_s([*QUIET, *words, *encoder(plan, at), "-f", "mp4", "part.mp4"], work) - cpu_s([*QUIET, *words, "-f", "null", "-"], work)
            for at, words in enumerate(raw["pictures"])
        ),
        "sound": lambda: cpu_s([*QUIET, *raw["sound"][0], *aac(plan), "-f", "mp4", "part.mp4"], work),
        "ladder": lambda: cpu_s(commands.ladder_command(source, plan, LIMITS), work),
        "separate": lambda: sum(cpu_s(words, work) for words in separate_runs(source, plan)),
        "measuring": lambda: cpu_s(commands.measure_command(source, probe, LIMITS), work),
    }  # fmt: skip
    least = dict.fromkeys(ways, float("inf"))
    for _round in range(rounds):
        for name, way in ways.items():
            least[name] = min(least[name], way())
    least["preparation"] = least["measuring"] + least["ladder"]
    return {name: round(cost, 3) for name, cost in least.items()}


def raw_parts(source: Path, plan: LadderPlan, folder: Path) -> dict[str, list[list[str]]]:
    """The pictures of each height and the sound, decoded and scaled beforehand, as inputs for bare encoders."""
    pictures = []
    for rung in plan.rungs:
        path = folder / f"{rung.name}.yuv"
        size, rate = f"{rung.width}x{rung.height}", str(plan.rate)
        scaled = f"fps={rate},scale={rung.width}:{rung.height}"
        subprocess.run([*QUIET, "-i", source, "-vf", scaled, "-pix_fmt", "yuv420p", "-f", "rawvideo", path], check=True)
        pictures.append(["-f", "rawvideo", "-s", size, "-r", rate, "-pix_fmt", "yuv420p", "-i", str(path)])
    sound = folder / "sound.wav"
    subprocess.run([*QUIET, "-i", source, "-vn", "-ar", "48000", sound], check=True)
    return {"pictures": pictures, "sound": [["-i", str(sound)]]}


def encoder(plan: LadderPlan, at: int) -> list[str]:
    """The ladder's own settings of one height, for a run of its own."""
    rung = plan.rungs[at]
    distance = str(ladder.key_frame_distance(plan.rate))
    return [
        *("-c:v", "libx264", "-preset", plan.preset, "-crf", str(ladder.CRF), "-maxrate", f"{rung.ceiling_kbps}k"),
        *("-bufsize", f"{rung.ceiling_kbps * 2}k", "-g", distance, "-keyint_min", distance, "-sc_threshold", "0"),
    ]


def aac(plan: LadderPlan) -> list[str]:
    """The ladder's own settings of the sound."""
    return ["-c:a", "aac", "-aac_coder", "fast", "-b:a", f"{ladder.audio_kbps_for(plan.sounds[0].channels)}k"]


def separate_runs(source: Path, plan: LadderPlan) -> list[list[str]]:
    """One ffmpeg per height with its sound, each decoding for itself, and one for the sound alone."""
    heights = [
        [
            *QUIET,
            "-i",
            str(source),
            *aac(plan),
            "-vf",
            f"scale={rung.width}:{rung.height}",
            *encoder(plan, at),
            "part.mp4",
        ]
        for at, rung in enumerate(plan.rungs)
    ]
    return [*heights, [*QUIET, "-i", str(source), "-vn", *aac(plan), "part.mp4"]]


def storyboard_costs(lecture: Path, made: Path, rounds: int) -> dict[str, float]:
    """CPU seconds of drawing the storyboard of a whole lecture and of decoding the lecture."""
    first = ladder.rungs_for(1280, 720)[0]
    board = ladder.storyboard_for(first.width, first.height, 60, ladder.Fraction(25))
    least = {"storyboard": float("inf"), "decode_whole": float("inf")}
    for _round in range(rounds):
        drawn = cpu_s(commands.pictures_command(f"{first.name}.m4s", board), made)
        decoded = cpu_s([*QUIET, "-i", str(lecture), "-f", "null", "-"], made)
        least = {"storyboard": min(least["storyboard"], drawn), "decode_whole": min(least["decode_whole"], decoded)}
    return {name: round(cost, 3) for name, cost in least.items()}


def outcome_of(made: Path) -> dict[str, float]:
    """Loudness, true peak, and how many heights have key frames at other times than the lowest."""
    told = subprocess.run(
        [*QUIET[:3], "-i", made / "audio.m4s", "-af", "ebur128=framelog=verbose:peak=true", "-f", "null", "-"],
        check=True, capture_output=True, text=True,
    ).stderr  # fmt: skip
    times = [key_times(path) for path in sorted(made.glob("*p.m4s"))]
    return {
        "lufs": float(re.findall(r"I:\s+(-?[\d.]+) LUFS", told)[-1]),
        "true_peak_dbtp": float(re.findall(r"Peak:\s+(-?[\d.]+) dBFS", told)[-1]),
        "heights": len(times),
        "key_frames_that_differ": sum(one != times[0] for one in times),
    }


def key_times(path: Path) -> list[str]:
    """When the key frames of a rendition are shown."""
    words = [
        "ffprobe",
        "-v",
        "error",
        "-select_streams",
        "v",
        "-show_entries",
        "packet=pts_time,flags",
        "-of",
        "csv=p=0",
    ]
    told = subprocess.run([*words, path], check=True, capture_output=True, text=True).stdout
    return [line for line in told.splitlines() if "K" in line]


def cpu_s(words: list[str | Path], folder: Path) -> float:
    """CPU seconds of one process and its threads, user and system."""
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
        errors = child.stderr.read() if child.stderr else b""
        _pid, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(errors.decode("utf-8", "replace")[-2000:])
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
