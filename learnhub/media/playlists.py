"""HLS playlists: reading those that ffmpeg wrote, writing the one that names them all. Pure text and bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LENGTH = re.compile(r"^#EXTINF:([\d.]+)", re.MULTILINE)
_RANGE = re.compile(r"^#EXT-X-BYTERANGE:(\d+)@(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Variant:
    """One line of the master playlist; bit rates in bit/s (peak of any segment, and mean); ``codecs`` as in RFC 6381.

    ``language`` (a tag of BCP 47, empty when unknown), ``label`` and ``channels`` are those of a sound.
    """

    name: str
    kind: str
    bandwidth: int
    average_bandwidth: int
    codecs: str
    width: int = 0
    height: int = 0
    rate: float = 0.0
    language: str = ""
    label: str = ""
    channels: int = 0

    @property
    def playlist(self) -> str:
        """The file name of its media playlist."""
        return f"{self.name}.m3u8"


def segments_of(playlist: str) -> list[tuple[float, int]]:
    """Seconds and bytes of each segment of a media playlist with byte ranges."""
    lengths = [float(text) for text in _LENGTH.findall(playlist)]
    sizes = [int(size) for size, _ in _RANGE.findall(playlist)]
    if len(lengths) != len(sizes):
        raise ValueError("a playlist whose segments have no byte ranges")
    return list(zip(lengths, sizes, strict=True))


def bit_rates(playlist: str) -> tuple[int, int]:
    """Peak and mean bit/s of a media playlist; a last segment under half a second does not make the peak."""
    segments = [(seconds, size) for seconds, size in segments_of(playlist) if seconds > 0]
    seconds, size = sum(one[0] for one in segments), sum(one[1] for one in segments)
    mean = round(size * 8 / seconds)
    return max([mean, *(round(size * 8 / length) for length, size in segments if length >= 0.5)]), mean


def bytes_named(playlist: str) -> int:
    """How many bytes a file must have that a media playlist cuts into ranges."""
    return max((int(size) + int(offset) for size, offset in _RANGE.findall(playlist)), default=0)


def codec_of(head: bytes) -> str:
    """The RFC 6381 name of a rendition's codec from the head of its MP4 file (H.264, AV1 or AAC-LC)."""
    at = head.find(b"avcC")
    if at >= 0:
        return f"avc1.{head[at + 5 : at + 8].hex()}"
    at = head.find(b"av1C")
    if at >= 0:
        profile, flags = head[at + 5], head[at + 6]
        depth = 10 if flags & 0x40 else 8
        return f"av01.{profile >> 5}.{profile & 31:02}{'H' if flags & 0x80 else 'M'}.{depth:02}"
    if head.find(b"mp4a") >= 0:
        return "mp4a.40.2"
    raise ValueError("neither H.264 nor AV1 nor AAC")


def master_playlist(variants: list[Variant]) -> str:
    """The master playlist: heights from low to high with the sounds beside them, at last the sound alone.

    The lowest comes first: a player begins with it, and the first picture is there soon on a poor line. The first
    sound is the one played by default; the others are there to choose. The sound alone is what is left to a player
    on a line that carries no picture.
    """
    sounds = [one for one in variants if one.kind == "audio"]
    pictures = [one for one in variants if one.kind == "video"]
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    lines += [_sound_line(one, is_first=one is sounds[0]) for one in sounds if pictures or len(sounds) > 1]
    in_group = bool(pictures) or len(sounds) > 1
    for one in [*pictures, *sounds[:1]]:
        lines += [_variant_line(one, sounds, in_group=in_group), one.playlist]
    return "\n".join(lines) + "\n"


def _sound_line(one: Variant, *, is_first: bool) -> str:
    words = ["TYPE=AUDIO", 'GROUP-ID="sound"', f'NAME="{one.label or one.name}"']
    words += [f'LANGUAGE="{one.language}"'] if one.language else []
    words += [f"DEFAULT={'YES' if is_first else 'NO'}", "AUTOSELECT=YES"]
    words += [f'CHANNELS="{one.channels}"'] if one.channels else []
    return "#EXT-X-MEDIA:" + ",".join([*words, f'URI="{one.playlist}"'])


def _variant_line(one: Variant, sounds: list[Variant], *, in_group: bool) -> str:
    beside = sounds if one.kind == "video" else []  # whoever chooses the largest of them must still be served
    peak = one.bandwidth + max((sound.bandwidth for sound in beside), default=0)
    mean = one.average_bandwidth + max((sound.average_bandwidth for sound in beside), default=0)
    codecs = ",".join([one.codecs, *sorted({sound.codecs for sound in beside})])
    words = [f"BANDWIDTH={peak}", f"AVERAGE-BANDWIDTH={mean}"]
    if one.width:
        words += [f"RESOLUTION={one.width}x{one.height}", f"FRAME-RATE={one.rate:.3f}"]
    words += [f'CODECS="{codecs}"', f'NAME="{one.name}"']
    if in_group and sounds:
        words.append('AUDIO="sound"')
    return "#EXT-X-STREAM-INF:" + ",".join(words)
