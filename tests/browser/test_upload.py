"""The page of media in Chromium: several files, a line that breaks, pause, remove, the same file on another day."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from learnhub.media.uploads import parts
from learnhub.media.uploads.models import Upload
from learnhub.media.uploads.rules import State
from tests.browser.conftest import LiveServer

PageFor = Callable[..., Page]
ROOT = Path(__file__).parents[2]
MIB = 1 << 20


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Thirty MiB: four pieces."""
    path = tmp_path / "第1课 乡村振兴.mp4"
    path.write_bytes(random.Random(3).randbytes(30 * MIB))
    return path


def _wait(true: Callable[[], bool], page: Page, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, page.inner_text("main")
        page.wait_for_timeout(50)


def _content(live: LiveServer) -> bytes:
    return parts.path_of(live.settings.media_dir, Upload.get().id).read_bytes()


def test_a_broken_line_is_told_and_the_upload_goes_on_by_itself(
    live: LiveServer, page_for: PageFor, film: Path
) -> None:
    page = page_for("editor")
    page.goto("/media")
    sent: list[str] = []

    def break_some(route: Route) -> None:
        sent.append(route.request.method)
        broken = route.request.method == "PATCH" and sent.count("PATCH") in (2, 3, 4)
        route.abort("connectionreset") if broken else route.continue_()

    page.route("**/media/uploads/*", break_some)
    page.set_input_files('input[type="file"]', film)
    row = page.locator(".uploads > li")
    expect(row).to_contain_text("网络中断", timeout=30_000)
    expect(row).to_contain_text("已全部传完", timeout=60_000)
    assert sent.count("PATCH") >= 6
    assert (Upload.get().state, _content(live) == film.read_bytes()) == (State.RECEIVED, True)


def test_a_paused_upload_stands_still_and_goes_on_when_told(live: LiveServer, page_for: PageFor, film: Path) -> None:
    page = page_for("editor", width=390, height=844)
    page.goto("/media")
    held: list[Route] = []
    page.route("**/media/uploads/*", lambda route: held.append(route) if len(held) < 1 else route.continue_())
    page.set_input_files('input[type="file"]', film)
    row = page.locator(".uploads > li")
    _wait(lambda: bool(held), page)
    row.get_by_role("button", name="暂停").click()
    expect(row).to_contain_text("已暂停")
    received = Upload.get().received
    page.wait_for_timeout(500)
    assert Upload.get().received == received < film.stat().st_size
    row.get_by_role("button", name="继续").click()
    expect(row).to_contain_text("已全部传完", timeout=60_000)
    assert _content(live) == film.read_bytes()
    expect(page.locator("main table")).to_contain_text(film.name)


def test_the_same_file_goes_on_after_the_page_was_closed(live: LiveServer, page_for: PageFor, film: Path) -> None:
    page = page_for("editor")
    page.goto("/media")
    patches: list[int] = []

    def stop_after_one(route: Route) -> None:
        if route.request.method == "PATCH":
            patches.append(1)
        route.continue_() if len(patches) < 2 else route.abort()

    page.route("**/media/uploads/*", stop_after_one)
    page.set_input_files('input[type="file"]', film)
    expect(page.locator(".uploads > li")).to_contain_text("网络中断", timeout=30_000)
    assert Upload.get().received == 8 * MIB
    page.unroute("**/media/uploads/*")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/media")
    expect(page.locator("main table")).to_contain_text("未传完")
    page.set_input_files('input[type="file"]', film)
    expect(page.locator(".uploads > li")).to_contain_text("已全部传完", timeout=60_000)
    assert (Upload.select().count(), _content(live) == film.read_bytes()) == (1, True)


def test_many_files_go_at_once_one_is_removed_and_each_ends_with_its_state(
    live: LiveServer, page_for: PageFor, tmp_path: Path
) -> None:
    files = []
    for number in range(6):
        path = tmp_path / f"{number}.txt"
        path.write_text(f"第{number}课 乡村振兴\n" * 50, "utf-8")
        files.append(path)
    playlist = tmp_path / "坏的.mp4"
    playlist.write_text("#EXTM3U\n#EXTINF:9,\nfile:///etc/passwd\n")
    page = page_for("editor")
    page.goto("/media")
    page.set_input_files('input[type="file"]', [*files, playlist])
    rows = page.locator(".uploads > li")
    expect(rows).to_have_count(7)
    _wait(lambda: Upload.select().where(Upload.state == State.RECEIVED).count() == 7, page)
    worker = [sys.executable, "-m", "learnhub.cli", "worker", "--once"]
    subprocess.run(worker, env=live.environ, cwd=ROOT, check=True, timeout=120)
    expect(page.locator(".uploads > li.good")).to_have_count(6, timeout=20_000)
    expect(page.locator(".uploads > li.bad")).to_contain_text("播放列表")


def test_an_upload_that_is_removed_is_gone_from_the_server(live: LiveServer, page_for: PageFor, film: Path) -> None:
    page = page_for("editor")
    page.goto("/media")
    seen: list[str] = []

    def hold_the_second(route: Route) -> None:
        seen.append(route.request.method)
        if seen.count("PATCH") != 2 or route.request.method != "PATCH":
            route.continue_()

    page.route("**/media/uploads/*", hold_the_second)
    page.set_input_files('input[type="file"]', film)
    _wait(lambda: seen.count("PATCH") == 2, page)
    page.locator(".uploads > li").get_by_role("button", name="移除").click()
    expect(page.locator(".uploads > li")).to_have_count(0)
    _wait(lambda: Upload.get().state == State.REMOVED, page)
    assert list(parts.folder_of(live.settings.media_dir).glob(f"{Upload.get().id}.part")) == []
