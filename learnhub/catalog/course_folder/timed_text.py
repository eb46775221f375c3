"""WebVTT as authored beside a recording: enough of the format to refuse what no player would show. Pure."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

LONGEST_CUE = 1000
MOST_CUES = 20_000
_STAMP = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMES = re.compile(rf"^\s*{_STAMP}[ \t]+-->[ \t]+{_STAMP}(?:[ \t]+.*)?$")
_MARKUP = re.compile(r"<[^<>]*>")


@dataclass(frozen=True)
class Cue:
    """One caption: when it shows, in milliseconds, and its words without markup."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True)
class BadCue:
    """Why a WebVTT text cannot be used: the line, from 1, and a code."""

    line: int
    code: str


def parse_webvtt(text: str) -> list[Cue] | BadCue:
    """The cues of a WebVTT text (line ends are line feeds) in their order, or the first thing that is wrong."""
    lines = text.split("\n")
    if not re.match(r"^WEBVTT([ \t].*)?$", lines[0]):
        return BadCue(1, "catalog.caption_no_header")
    cues: list[Cue] = []
    for first, block in _blocks(lines):
        cue = _cue(first, block)
        if isinstance(cue, BadCue):
            return cue
        if cue is None:
            continue
        if cues and cue.start_ms < cues[-1].start_ms:
            return BadCue(first, "catalog.caption_order")
        cues.append(cue)
        if len(cues) > MOST_CUES:
            return BadCue(first, "catalog.caption_too_many")
    return cues or BadCue(len(lines), "catalog.caption_no_cues")


def _blocks(lines: list[str]) -> list[tuple[int, list[str]]]:
    """Runs of lines that are not blank, each with the number of its first line; the header's run is left out."""
    blocks: list[tuple[int, list[str]]] = []
    is_open = False
    for number, line in enumerate(lines, 1):
        if not line.strip():
            is_open = False
        elif is_open:
            blocks[-1][1].append(line)
        else:
            blocks.append((number, [line]))
            is_open = True
    return blocks[1:]


def _cue(first: int, block: list[str]) -> Cue | BadCue | None:
    """The cue of a block; None for notes, styles and regions."""
    if re.match(r"^(NOTE|STYLE|REGION)\b", block[0]):
        return None
    at = next((place for place, line in enumerate(block[:2]) if "-->" in line), None)
    if at is None:
        return BadCue(first, "catalog.caption_no_times")
    times = _TIMES.match(block[at])
    if times is None:
        return BadCue(first + at, "catalog.caption_bad_times")
    start_ms, end_ms = _ms(times.groups()[:4]), _ms(times.groups()[4:])
    if end_ms <= start_ms:
        return BadCue(first + at, "catalog.caption_ends_early")
    words = html.unescape(_MARKUP.sub("", " ".join(line.strip() for line in block[at + 1 :]))).strip()
    if len(words) > LONGEST_CUE:
        return BadCue(first + at, "catalog.caption_too_long")
    return Cue(start_ms, end_ms, words)


def _ms(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths
