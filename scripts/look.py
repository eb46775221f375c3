"""Take pictures of pages as people see them: an old office PC and a phone, in Chinese and in English.

    python scripts/look.py /gallery /login                             against http://127.0.0.1:8000
    python scripts/look.py / /my/year --as li.wei:secret --out /tmp/pictures --full
    python scripts/look.py /gallery --start                            start a server for the time of the pictures
    python scripts/look.py /gallery --size phone --lang en --large

Prints one line per picture, with the page's status, its weight over the wire, how much wider than the screen the page
is (it should be 0) and what the browser's console had to say.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SIZES = {"pc": (1366, 768), "phone": (390, 844)}
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}


def main() -> int:
    """Run the command; the exit code is 1 when a page answered with an error, overflowed or complained."""
    chosen = read_arguments()
    chosen.out.mkdir(parents=True, exist_ok=True)
    with server(chosen) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        bad = [line for size in chosen.size for lang in chosen.lang for line in look(browser, base, size, lang, chosen)]
        browser.close()
    return 1 if any(bad) else 0


def read_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", help="paths such as /gallery, or whole addresses")
    parser.add_argument("--base", default="http://127.0.0.1:8000", help="the running server")
    parser.add_argument("--start", action="store_true", help="start a server on a free port for the time being")
    parser.add_argument("--as", dest="account", metavar="USER:PASSWORD", help="sign in first")
    parser.add_argument("--login-path", default="/login")
    parser.add_argument("--out", type=Path, default=Path("var/look"), help="folder of the pictures")
    parser.add_argument("--full", action="store_true", help="the whole page and not only the first screen")
    parser.add_argument("--size", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--lang", nargs="+", choices=LANGUAGES, default=list(LANGUAGES))
    parser.add_argument("--large", action="store_true", help="with large type")
    parser.add_argument("--open", metavar="CSS", help="click this before the picture")
    parser.add_argument("--wait", type=int, default=150, metavar="MS", help="before the picture")
    return parser.parse_args()


@contextmanager
def server(chosen: argparse.Namespace) -> Iterator[str]:
    """The address to look at; with --start, of a server that ends with the block."""
    if not chosen.start:
        yield chosen.base.rstrip("/")
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "flask", "--app", "wsgi:application", "run", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            base = f"http://127.0.0.1:{port}"
            wait_for(f"{base}/healthz", process)
            yield base
        finally:
            process.terminate()


def wait_for(address: str, process: subprocess.Popen[bytes], patience_s: float = 30) -> None:
    """Return when the address answers; stop the command when the server died or stays silent."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if process.poll() is not None:
            sys.exit("the server ended at once; start it by hand to see why")
        try:
            with urlopen(address, timeout=2):
                return
        except (URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
    sys.exit(f"no answer from {address}")


def look(browser: Browser, base: str, size: str, lang: str, chosen: argparse.Namespace) -> Iterator[bool]:
    """Take the pictures of one size and language; yields for each page whether something was wrong."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale=LANGUAGES[lang],
        has_touch=size == "phone", is_mobile=size == "phone", timezone_id="Asia/Shanghai",
    )  # fmt: skip
    cookies = [{"name": "lang", "value": {"zh": "zh_CN", "en": "en"}[lang], "url": base}]
    if chosen.large:
        cookies.append({"name": "type", "value": "large", "url": base})
    context.add_cookies(cookies)  # type: ignore[arg-type]
    if chosen.account:
        sign_in(context, base + chosen.login_path, chosen.account)
    for path in chosen.paths:
        name = re.sub(r"[^\w-]+", "-", path).strip("-") or "home"
        picture = chosen.out / f"{name}-{size}-{lang}{'-large' if chosen.large else ''}.png"
        yield take(context.new_page(), path if "://" in path else base + path, picture, chosen)
    context.close()


def sign_in(context: BrowserContext, address: str, account: str) -> None:
    """Fill in the log-in form."""
    user, _, password = account.partition(":")
    page = context.new_page()
    page.goto(address)
    page.locator("main input:not([type=hidden]):not([type=password])").first.fill(user)
    page.locator("main input[type=password]").first.fill(password)
    page.locator("main input[type=password]").first.press("Enter")
    page.wait_for_load_state("networkidle")
    if page.locator("main input[type=password]").count() == 1:
        sys.exit(f"could not sign in as {user}")
    page.close()


def take(page: Page, address: str, picture: Path, chosen: argparse.Namespace) -> bool:
    """Open one page, take its picture, print a line; returns whether something was wrong."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    weight: list[int] = []
    network.on("Network.loadingFinished", lambda event: weight.append(int(event["encodedDataLength"])))
    answer = page.goto(address, wait_until="load")
    if chosen.open:
        page.locator(chosen.open).locator("visible=true").first.click()
    page.wait_for_timeout(chosen.wait)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.screenshot(path=str(picture), full_page=chosen.full)
    status = answer.status if answer else 0
    print(f"{picture}  {status}  {sum(weight) / 1000:.0f} kB  overflow {overflow}px  {' | '.join(said)}")
    page.close()
    return status >= 400 or overflow > 0 or bool(said)


if __name__ == "__main__":
    sys.exit(main())
