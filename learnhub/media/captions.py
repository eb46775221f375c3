"""Timed text: WebVTT and SRT in the encodings met in China, repaired or refused with the line; pure text work.

What is kept is plain WebVTT in UTF-8: no styles, no markup, no positions, so that it is safe in any player and its
words are what search finds.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass

from learnhub.kernel.errors import Invalid

MOST_BYTES = 4 << 20
_TIME = r"(-?)(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,:，。](\d{1,3})"
_TIMING = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?$")
_LIKE_TIMES = re.compile(r"^\s*-?\d\S*[:：]\S*\s*-->")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<\d[\d:.]*>|\{\\[^{}]*\}")
_READING = re.compile(r"<rt>[^<]*</rt>")  # how a rare character is read: not part of the words
_SKIPPED = re.compile(r"^(NOTE|STYLE|REGION)(\s|$)")


class CaptionsRefused(Invalid):
    """A caption file that cannot be repaired; ``line`` among the parameters counts from 1."""


@dataclass(frozen=True)
class Cue:
    """One caption: from and to in milliseconds, plain text of one or more lines."""

    start_ms: int
    end_ms: int
    text: str


def read_captions(raw: bytes) -> list[Cue]:
    """The captions of an uploaded file in order of time. Raises :class:`CaptionsRefused`."""
    if len(raw) > MOST_BYTES:
        raise CaptionsRefused("captions.too_large")
    return parse(decode(raw))


def decode(raw: bytes) -> str:
    """The text of UTF-8, UTF-16 (also without a mark), GB18030 or Big5 bytes."""
    if not raw.strip():
        raise CaptionsRefused("captions.empty")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in raw[:200]:
        encodings = ["utf-16-le" if raw[1:2] == b"\0" or raw[3:4] == b"\0" else "utf-16-be"]
    else:
        encodings = ["utf-8-sig", *_chinese(raw)]
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CaptionsRefused("captions.unknown_encoding")


def _chinese(raw: bytes) -> list[str]:
    """GB18030 or Big5 first: bytes of the one often read as the other, but then as characters that nobody writes."""
    try:
        as_gb, as_big5 = raw.decode("gb18030"), raw.decode("big5")
    except UnicodeDecodeError:
        return ["gb18030", "big5"]
    return ["big5", "gb18030"] if _usual(as_big5, "big5", 0xC6) > _usual(as_gb, "gb2312", 0xD7) else ["gb18030", "big5"]


def _usual(text: str, encoding: str, last: int) -> float:
    """The share of characters of everyday use: those that a national standard placed first, up to the row ``last``."""
    beyond_ascii = [sign for sign in text if sign > "\x7f"]
    usual = sum(1 for sign in beyond_ascii if len(told := sign.encode(encoding, "ignore")) == 2 and told[0] <= last)
    return usual / max(1, len(beyond_ascii))


def parse(text: str) -> list[Cue]:
    """The captions of WebVTT or SRT text.

    Repaired: a missing header, commas, dots or colons before the milliseconds, missing hours, any line ends, blank
    lines inside a caption, markup, any order, captions over one another, times before the beginning. Refused with the
    line: times that cannot be read or run backwards, other formats.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff").split("\n")
    found: list[tuple[int, int, list[str]]] = []
    skipping = bool(lines) and lines[0].startswith("WEBVTT")
    for at, line in enumerate(lines):
        if "-->" in line and _is_timing(lines, at, inside=bool(found) and not skipping):
            found.append((*_times(line, at + 1), []))
            skipping = False
        elif not line.strip():
            skipping = False
        elif _SKIPPED.match(line) and (at == 0 or not lines[at - 1].strip()):
            skipping = True
        elif not skipping and not _is_name_of_next(lines, at):
            if not found:
                raise CaptionsRefused("captions.not_timed_text", line=at + 1)
            found[-1][2].append(line)
    cues = repaired([Cue(start, end, "\n".join(kept)) for start, end, kept in found])
    if not cues:
        raise CaptionsRefused("captions.no_cues")
    return cues


def repaired(cues: Iterable[Cue]) -> list[Cue]:
    """The captions in order of time, of plain text, none over another, none before the beginning, none without words.

    Those that begin together become one of several lines; one that reaches into the next ends where that begins.
    """
    plain = [Cue(max(0, cue.start_ms), cue.end_ms, _plain(cue.text)) for cue in cues]
    kept: list[Cue] = []
    for cue in sorted((one for one in plain if one.text), key=lambda one: (one.start_ms, one.end_ms)):
        if cue.end_ms <= cue.start_ms:
            continue
        if kept and kept[-1].start_ms == cue.start_ms:
            lines = kept[-1].text.split("\n")
            lines += [line for line in cue.text.split("\n") if line not in lines]
            kept[-1] = Cue(cue.start_ms, max(kept[-1].end_ms, cue.end_ms), "\n".join(lines))
            continue
        if kept and kept[-1].end_ms > cue.start_ms:
            kept[-1] = Cue(kept[-1].start_ms, cue.start_ms, kept[-1].text)
        kept.append(cue)
    return kept


def to_webvtt(cues: list[Cue]) -> str:
    """The captions as WebVTT."""
    blocks = [f"{clock(cue.start_ms)} --> {clock(cue.end_ms)}\n{html.escape(cue.text, quote=False)}" for cue in cues]
    return "WEBVTT\n\n" + "\n\n".join(blocks) + "\n"


def list_cues(text: str) -> list[tuple[int, int, str]]:
    """``(start_ms, end_ms, text)`` of each caption, for search and transcripts."""
    return [(cue.start_ms, cue.end_ms, cue.text) for cue in parse(text)]


def clock(at_ms: int) -> str:
    """Milliseconds as WebVTT writes them.

    >>> clock(3_723_004)
    '01:02:03.004'
    """
    seconds, rest = divmod(at_ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


def _is_timing(lines: list[str], at: int, *, inside: bool) -> bool:
    """A line with an arrow is a timing line, unless it is text: not readable as times and within a caption."""
    if _TIMING.match(lines[at]):
        return True
    is_text = inside and bool(lines[at - 1].strip()) and not _LIKE_TIMES.match(lines[at])
    return not is_text


def _times(line: str, number: int) -> tuple[int, int]:
    match = _TIMING.match(line)
    if match is None:
        raise CaptionsRefused("captions.bad_time", line=number, text=line.strip()[:60])
    parts = match.groups()
    start, end = _ms(*parts[:5]), _ms(*parts[5:])
    if start is None or end is None:
        raise CaptionsRefused("captions.bad_time", line=number, text=line.strip()[:60])
    if end <= start:
        raise CaptionsRefused("captions.ends_before_start", line=number, text=line.strip()[:60])
    return start, end


def _ms(sign: str, hours: str | None, minutes: str, seconds: str, fraction: str) -> int | None:
    if int(minutes) > 59 or int(seconds) > 59:
        return None
    at = ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(fraction.ljust(3, "0"))
    return -at if sign else at


def _is_name_of_next(lines: list[str], at: int) -> bool:
    """A single line right before the times, after a blank line, is the caption's number or name."""
    begins = at == 0 or not lines[at - 1].strip()
    return begins and at + 1 < len(lines) and "-->" in lines[at + 1]


def _plain(text: str) -> str:
    bare = html.unescape(_TAG.sub("", _READING.sub("", text))).replace("-->", "→").replace("\0", "")
    return "\n".join(line.strip() for line in bare.split("\n") if line.strip())
