"""HLS playlists: reading those that ffmpeg wrote, writing the one that names them all. Pure text and bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LENGTH = re.compile(r"^#EXTINF:([\d.]+)", re.MULTILINE)
_RANGE = re.compile(r"^#EXT-X-BYTERANGE:(\d+)@(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Variant:
    """One line of the master playlist; bit rates in bit/s (peak of any segment, and mean); ``codecs`` as in RFC 6381."""

    name: str
    kind: str
    bandwidth: int
    average_bandwidth: int
    codecs: str
    width: int = 0
    height: int = 0
    rate: float = 0.0
    language: str = ""

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


def codec_of(head: bytes) -> str:
    """The RFC 6381 name of a rendition's codec from the head of its MP4 file (H.264 or AAC-LC)."""
    at = head.find(b"avcC")
    if at >= 0:
        return f"avc1.{head[at + 5 : at + 8].hex()}"
    if head.find(b"mp4a") >= 0:
        return "mp4a.40.2"
    raise ValueError("neither H.264 nor AAC")


def master_playlist(variants: list[Variant]) -> str:
    """The master playlist: heights from low to high with the one sound beside them, or the sound alone.

    The lowest comes first: a player begins with it, and the first picture is there soon on a poor line.
    """
    sound = next((one for one in variants if one.kind == "audio"), None)
    pictures = [one for one in variants if one.kind == "video"]
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if sound and pictures:
        language = f',LANGUAGE="{sound.language}"' if sound.language else ""
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="{sound.name}"{language},DEFAULT=YES,AUTOSELECT=YES,'
            f'URI="{sound.playlist}"'
        )
    for one in pictures or ([sound] if sound else []):
        lines += [_variant_line(one, sound if pictures else None), one.playlist]
    return "\n".join(lines) + "\n"


def _variant_line(one: Variant, sound: Variant | None) -> str:
    extra = sound.bandwidth if sound else 0
    extra_mean = sound.average_bandwidth if sound else 0
    codecs = f"{one.codecs},{sound.codecs}" if sound else one.codecs
    words = [f"BANDWIDTH={one.bandwidth + extra}", f"AVERAGE-BANDWIDTH={one.average_bandwidth + extra_mean}"]
    if one.width:
        words += [f"RESOLUTION={one.width}x{one.height}", f"FRAME-RATE={one.rate:.3f}"]
    words += [f'CODECS="{codecs}"', f'NAME="{one.name}"']
    if sound:
        words.append('AUDIO="sound"')
    return "#EXT-X-STREAM-INF:" + ",".join(words)
