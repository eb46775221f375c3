"""Bring the browser libraries that pages load from node_modules to the design's static folder.

The result is not in git but is in the wheel, so an installed LearnHub needs neither npm nor any other site.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
TARGET = ROOT / "learnhub" / "design" / "static" / "vendor"

# file in node_modules -> file under learnhub/design/static/vendor
FILES = {
    "hls.js/dist/hls.min.js": "hls.min.js",
    "hls.js/LICENSE": "hls.LICENSE.txt",
    "media-chrome/LICENSE": "media-chrome.LICENSE.txt",
    "tus-js-client/dist/tus.min.js": "tus.min.js",
    "tus-js-client/LICENSE": "tus.LICENSE.txt",
    "tweetnacl/nacl-fast.min.js": "nacl-fast.min.js",
    "tweetnacl/LICENSE": "tweetnacl.LICENSE.txt",
}
FONTS = ROOT / "learnhub" / "proofs" / "fonts"

# file in node_modules -> file under learnhub/proofs/fonts: what PDFs are set in, not served to browsers
FONT_FILES = {
    "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf": "NotoSansSC-Regular.ttf",
    "@expo-google-fonts/noto-sans-sc/LICENSE_FONT": "NotoSansSC.LICENSE.txt",
}
OLDEST = "chrome80"
"""Syntax that a library may use; the browsers at the stations are of 2020 (docs/decisions/0036-player-and-captions.md)."""


def copy_libraries() -> None:
    """Replace the vendor folder by the files of FILES and the player's parts; a missing file is an error."""
    for folder, files in ((TARGET, FILES), (FONTS, FONT_FILES)):
        shutil.rmtree(folder, ignore_errors=True)
        for source, target in files.items():
            destination = folder / target
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(MODULES / source, destination)
    join_player_parts()


def join_player_parts() -> None:
    """Make one file of the parts of media-chrome that scripts/player_library.js names, and list their styles."""
    subprocess.run(
        [
            *(MODULES / ".bin" / "esbuild", ROOT / "scripts" / "player_library.js", "--bundle", "--minify"),
            *("--format=iife", "--charset=utf8", "--log-level=error", f"--target={OLDEST}"),
            f"--outfile={TARGET / 'media-chrome.js'}",
        ],
        check=True,
    )
    styles = subprocess.run(
        [Path(sys.executable).with_name("node"), ROOT / "scripts" / "player_styles.mjs"],
        check=True,
        capture_output=True,
        cwd=ROOT,
    ).stdout
    (TARGET / "media-chrome.styles.json").write_bytes(styles)


if __name__ == "__main__":
    copy_libraries()
