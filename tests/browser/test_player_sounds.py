"""A recording in two languages: the sound is chosen and remembered; small pictures over the bar; names for who listens."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

from learnhub.catalog.models import Lesson
from tests.browser.test_player import PageFor, lesson, until, wait_for_time  # noqa: F401 (fixtures)

SOUND = "document.querySelector('[data-control=\"language\"]')"
TRACKS = "[...document.querySelector('video').textTracks]"


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds of picture with two sounds: Chinese and Yi."""
    path = tmp_path_factory.mktemp("sounds") / "clip.mp4"
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=12:duration=8"),
            *(
                "-f",
                "lavfi",
                "-i",
                "sine=frequency=300:duration=8",
                "-f",
                "lavfi",
                "-i",
                "sine=frequency=900:duration=8",
            ),
            *("-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
            *("-c:a", "aac", "-metadata:s:a:0", "language=zho", "-metadata:s:a:1", "language=iii", str(path)),
        ],
        check=True,
    )
    return path


def test_the_language_of_the_sound_is_chosen_while_it_plays_and_remembered(
    page_for: PageFor,
    lesson: Lesson,  # noqa: F811
) -> None:
    page = page_for("learner")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if ".m4s" in request.url else None)
    page.goto(f"/lessons/{lesson.id}")
    until(page, f"{SOUND}.options.length === 2")
    page.click('[data-control="settings"]')
    first, second = page.evaluate(f"[...{SOUND}.options].map((option) => option.value)")
    assert page.evaluate(f"{SOUND}.value") == first
    page.click('[data-control="play"]')
    wait_for_time(page, 1)
    sounds = {url for url in asked if "audio" in url}
    page.select_option('[data-control="language"]', second)
    until(page, "document.querySelector('video').currentTime >= 2")
    assert {url for url in asked if "audio" in url} - sounds, "the other sound is fetched"
    page.reload()
    until(page, f"{SOUND}.options.length === 2 && {SOUND}.value === '{second}'")


def test_the_bar_shows_small_pictures_and_every_control_has_a_chinese_name(
    page_for: PageFor,
    lesson: Lesson,  # noqa: F811
) -> None:
    page = page_for("learner")
    page.goto(f"/lessons/{lesson.id}")
    until(page, f"{TRACKS}.some((track) => track.label === 'thumbnails' && track.cues && track.cues.length > 0)")
    page.hover('[data-control="place"]')
    until(page, "document.querySelector('[data-control=\"place\"]').hasAttribute('mediapreviewimage')")
    for name, words in (("play", "播放"), ("mute", "静音"), ("small", "画中画"), ("full", "全屏")):
        control = page.locator(f'[data-control="{name}"]')
        expect(control).to_be_visible()
        said = control.evaluate("(one) => one.getAttribute('aria-label') || one.shadowRoot.textContent")
        assert words in said, (name, said)
