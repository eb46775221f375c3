"""What may become a lecture: pure decisions on what a probe and a full decode found.

No regulation speaks here; the limits protect the server, and every refusal has words in ``messages.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

FORMATS = frozenset("mov mp4 m4a 3gp 3g2 mj2 matroska webm avi mpegts mpeg flv asf rm mp3 aac wav flac ogg amr".split())
VIDEO_CODECS = frozenset(
    "h264 hevc av1 vp8 vp9 mpeg1video mpeg2video mpeg4 msmpeg4v1 msmpeg4v2 msmpeg4v3 wmv1 wmv2 wmv3 vc1 flv1 h263 "
    "theora mjpeg rv30 rv40 prores dnxhd dvvideo".split()
)
AUDIO_CODECS = frozenset(
    "aac mp3 mp2 ac3 eac3 opus vorbis flac alac wmav1 wmav2 wmapro wmavoice cook sipr amrnb amrwb amr_nb amr_wb "
    "pcm_s16le pcm_s16be pcm_s24le pcm_s32le pcm_u8 pcm_f32le pcm_alaw pcm_mulaw adpcm_ima_wav adpcm_ms nellymoser".split()
)


MOST_SOUNDS = 4


@dataclass(frozen=True)
class Limits:
    """Bounds on one upload: bytes, seconds, pixels of one frame, streams, frames per second."""

    bytes: int = 8 << 30
    longest_s: float = 6 * 3600
    shortest_s: float = 0.5
    pixels: int = 3840 * 2160
    streams: int = 24
    rate: float = 240


@dataclass(frozen=True)
class Stream:
    """One stream as ffprobe tells it; ``width`` and ``height`` as displayed (upright, square pixels)."""

    index: int
    kind: str
    codec: str
    width: int = 0
    height: int = 0
    pixels: int = 0
    nominal_rate: Fraction = Fraction(0)
    average_rate: Fraction = Fraction(0)
    channels: int = 0
    duration_s: float | None = None
    language: str = ""
    title: str = ""
    is_default: bool = False
    is_cover: bool = False
    is_interlaced: bool = False


@dataclass(frozen=True)
class Probe:
    """What ffprobe found: the names of the format, its length in seconds where known, bytes, streams."""

    formats: frozenset[str]
    size: int
    duration_s: float | None
    streams: tuple[Stream, ...] = field(default=())

    @property
    def video(self) -> Stream | None:
        """The first moving picture; a cover picture of a sound file is none."""
        return next((one for one in self.streams if one.kind == "video" and not one.is_cover), None)

    @property
    def audio(self) -> Stream | None:
        """The first sound."""
        return next((one for one in self.streams if one.kind == "audio"), None)

    @property
    def sounds(self) -> list[Stream]:
        """The sounds that can be used, several when the recording speaks several languages; the one to begin with first."""
        usable = [one for one in self.streams if one.kind == "audio" and one.codec in AUDIO_CODECS]
        return sorted(usable, key=lambda one: (not one.is_default, one.index))[:MOST_SOUNDS]


@dataclass(frozen=True)
class Decoded:
    """What a full decode gave: seconds of picture and of sound, frames, lines of complaint, loudness in LUFS."""

    video_s: float = 0.0
    audio_s: float = 0.0
    frames: int = 0
    errors: int = 0
    code: int = 0
    lufs: float | None = None

    @property
    def duration_s(self) -> float:
        """The length of the longer of picture and sound."""
        return max(self.video_s, self.audio_s)


@dataclass(frozen=True)
class Accepted:
    """The file may be prepared as ``kind`` (``video`` or ``audio``)."""

    kind: str


@dataclass(frozen=True)
class Refused:
    """The file may not be used: a code of ``messages.py`` and the values for its words."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)


def judge_nature(nature: str) -> Refused | None:
    """A refusal for what the first bytes already give away; None when a probe must say."""
    codes = {
        "empty": "media.empty",
        "text": "media.text_disguised",
        "page": "media.page_disguised",
        "svg": "media.page_disguised",
        "playlist": "media.playlist",
        "archive": "media.archive",
    }
    return Refused(codes[nature]) if nature in codes else None


def judge(probe: Probe, decoded: Decoded | None, limits: Limits) -> Accepted | Refused:
    """Whether a probed file may become a lecture; with ``decoded`` the decision is final."""
    refused = _judge_container(probe, limits) or _judge_streams(probe, limits)
    if refused is None and decoded is not None:
        refused = _judge_decoded(probe, decoded, limits)
    return refused or Accepted("video" if probe.video else "audio")


def _judge_container(probe: Probe, limits: Limits) -> Refused | None:
    if probe.size > limits.bytes:
        return Refused("media.too_large", {"most_mb": limits.bytes >> 20, "mb": probe.size >> 20})
    if not probe.formats & FORMATS:
        return Refused("media.format_not_allowed", {"format": ",".join(sorted(probe.formats))})
    if len(probe.streams) > limits.streams:
        return Refused("media.too_many_streams", {"count": len(probe.streams), "most": limits.streams})
    if probe.duration_s is not None and probe.duration_s > limits.longest_s:
        return Refused("media.too_long", {"minutes": int(probe.duration_s / 60), "most": int(limits.longest_s / 60)})
    return None


def _judge_streams(probe: Probe, limits: Limits) -> Refused | None:
    if probe.video is None and probe.audio is None:
        return Refused("media.no_streams")
    for stream, allowed in ((probe.video, VIDEO_CODECS), (probe.audio, AUDIO_CODECS)):
        if stream is not None and stream.codec not in allowed:
            return Refused("media.codec_not_allowed", {"codec": stream.codec or "?"})
    video = probe.video
    if video is None:
        return None
    if video.pixels <= 0:
        return Refused("media.damaged")
    if video.pixels > limits.pixels or max(video.width, video.height) > 16 * min(video.width, video.height):
        return Refused("media.too_many_pixels", {"width": video.width, "height": video.height})
    if video.average_rate > limits.rate:
        return Refused("media.rate_too_high", {"rate": int(video.average_rate), "most": int(limits.rate)})
    return None


def _judge_decoded(probe: Probe, decoded: Decoded, limits: Limits) -> Refused | None:
    if decoded.duration_s <= 0 or (probe.video is not None and decoded.frames == 0):
        return Refused("media.damaged")
    if decoded.duration_s > limits.longest_s:
        return Refused("media.too_long", {"minutes": int(decoded.duration_s / 60), "most": int(limits.longest_s / 60)})
    for stream, got_s in ((probe.video, decoded.video_s), (probe.audio, decoded.audio_s)):
        told_s = _told_length(probe, stream)
        if told_s is not None and got_s < told_s - max(1.0, 0.03 * told_s):
            return Refused("media.truncated", {"told": round(told_s, 1), "got": round(got_s, 1)})
    if decoded.duration_s < limits.shortest_s:
        return Refused("media.too_short", {"seconds": round(decoded.duration_s, 2)})
    if decoded.code != 0 or decoded.errors > max(20, decoded.frames // 50):
        return Refused("media.damaged")
    return None


def _told_length(probe: Probe, stream: Stream | None) -> float | None:
    """The length that the file claims for a stream; the container's own counts only when nothing else can stretch it."""
    if stream is None:
        return None
    if stream.duration_s is not None:
        return stream.duration_s
    return probe.duration_s if len(probe.streams) == 1 else None
