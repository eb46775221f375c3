"""`pip install` of the wheel gives all that is needed to serve."""

from __future__ import annotations

import re
import subprocess
import zipfile
from collections.abc import Callable

from tests.packaging.conftest import Installed, Site


def test_wheel_holds_every_file_of_the_package(installed: Installed) -> None:
    lying = {
        str(path.relative_to(installed.source))
        for path in (installed.source / "learnhub").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    with zipfile.ZipFile(installed.wheel) as wheel:
        packed = {name for name in wheel.namelist() if not name.split("/")[0].endswith(".dist-info")}
    assert packed == lying


def test_wheel_holds_the_browser_libraries_with_their_licences(installed: Installed) -> None:
    vendor = installed.package / "design" / "static" / "vendor"
    assert (vendor / "hls.js").stat().st_size > 100_000
    assert (vendor / "hls.LICENSE.txt").is_file()


def test_installed_command_is_the_wheels_own(installed: Installed) -> None:
    python = installed.environment / "bin" / "python"
    done = subprocess.run(
        [python, "-c", "import learnhub; print(learnhub.__file__)"], capture_output=True, text=True, check=True, cwd="/"
    )
    assert done.stdout.strip() == str(installed.package / "__init__.py")


def test_installed_wheel_serves_the_login_page_with_its_static_files(start_site: Callable[[], Site]) -> None:
    site = start_site()
    status, kind, body = site.get("/login")
    assert (status, kind) == (200, "text/html; charset=utf-8")
    page = body.decode()
    assert '<html lang="zh-CN"' in page
    assets = re.findall(r'<(?:link|script)[^>]+(?:href|src)="(/[^"]+\.(?:css|js)[^"]*)"', page)
    assert assets, "the log-in page names a style sheet"
    for asset in assets:
        status, kind, body = site.get(asset.replace("&amp;", "&"))
        assert (status, bool(body)) == (200, True), asset
        assert kind.startswith(("text/css", "text/javascript", "application/javascript")), asset


def test_secrets_are_made_at_the_first_run_and_only_the_owner_reads_them(start_site: Callable[[], Site]) -> None:
    site = start_site()
    assert (site.home / "var" / "secrets.json").stat().st_mode & 0o777 == 0o600
