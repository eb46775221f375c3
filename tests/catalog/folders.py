"""Small course folders for tests: a good one, written anew each time, that a test then spoils."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

CATEGORIES = """\
[law]
title = "法律法规"
title_en = "Laws"

[farming]
title = "农业技术"
title_en = "Farming"
"""
COURSE = """\
code = "{code}"
title = "{title}"
title_en = "Fire safety"
summary = "村级消防常识。"
summary_en = "Fire safety for villages."
category = "{category}"
unit = "{unit}"
{audience}kind = "{kind}"
keywords = ["消防", "安全"]

[[chapters]]
key = "basics"
title = "基础"
title_en = "Basics"
"""
TEXT = """\
+++
title = "认识火灾"
title_en = "Know fire"
kind = "text"
chapter = "basics"
+++

火灾分为几类，先要认清。

## 固体火灾

木柴、布料起火，用水就能扑灭。

## 油类火灾

油锅起火不能泼水，盖上锅盖。
"""
VIDEO = """\
+++
title = "灭火器使用"
kind = "video"
media = "media/clip.mp4"
captions = { zh-CN = "captions/clip.vtt" }
+++

先拔销，再压把。
"""
CAPTIONS = """\
WEBVTT

00:00:00.200 --> 00:00:01.000
提起灭火器，

00:00:01.000 --> 00:00:01.900
对准火焰根部。
"""
TEST = """\
title = "小测验"
title_en = "Test"
pass_share = 60

[[questions]]
key = "q1"
kind = "single"
text = "油锅起火怎么办？"
options = ["泼水", "盖锅盖", "用扇子扇"]
answer = "B"
explanation = "隔绝空气。"

[[questions]]
key = "q2"
kind = "multiple"
text = "灭火器怎么用？"
options = ["拔销", "压把", "倒着拿"]
answer = ["A", "B"]

[[questions]]
key = "q3"
kind = "judge"
text = "火灾时可以乘电梯逃生。"
answer = false
"""
KNOWN = ("law", "farming")


def write_course(
    courses_dir: Path,
    code: str = "fire-safety",
    *,
    unit: str = "530402",
    audience: tuple[str, ...] = (),
    title: str = "村级消防常识",
    category: str = "law",
    kind: str = "required",
    with_video: bool = False,
) -> Path:
    """A course folder with a text lesson, a test and, if wanted, a two-second film; ``categories.toml`` beside it."""
    folder = courses_dir / code
    for name in ("lessons", "tests", "captions", "media"):
        (folder / name).mkdir(parents=True)
    (courses_dir / "categories.toml").write_text(CATEGORIES, "utf-8")
    listed = ", ".join(f'"{one}"' for one in audience)
    course = COURSE.format(
        code=code,
        unit=unit,
        title=title,
        category=category,
        kind=kind,
        audience=f"audience = [{listed}]\n" if audience else "",
    )
    (folder / "course.toml").write_text(course, "utf-8")
    (folder / "lessons/01-know-fire.md").write_text(TEXT, "utf-8")
    (folder / "tests/03-test.toml").write_text(TEST, "utf-8")
    if with_video:
        (folder / "lessons/02-extinguisher.md").write_text(VIDEO, "utf-8")
        (folder / "captions/clip.vtt").write_text(CAPTIONS, "utf-8")
        (folder / "media/clip.mp4").write_bytes(film())
    return folder


def edit(path: Path, before: str, after: str) -> None:
    """Replaces a piece of a file that must be there."""
    text = path.read_text("utf-8")
    assert before in text, f"{before!r} is not in {path.name}"
    path.write_text(text.replace(before, after), "utf-8")


@cache
def film() -> bytes:
    """Two seconds of moving test picture with a tone, 320×180."""
    made = subprocess.run(
        [
            *(shutil.which("ffmpeg") or "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=25"),
            *("-f", "lavfi", "-i", "sine=frequency=440", "-t", "2", "-pix_fmt", "yuv420p", "-c:a", "aac"),
            *("-movflags", "frag_keyframe+empty_moov", "-f", "mp4", "-"),
        ],
        check=True,
        capture_output=True,
    )
    return made.stdout
