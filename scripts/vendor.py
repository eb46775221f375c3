"""Bring the browser libraries that pages load from node_modules to the design's static folder.

The result is not in git but is in the wheel, so an installed LearnHub needs neither npm nor any other site.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
TARGET = ROOT / "learnhub" / "design" / "static" / "vendor"

# file in node_modules -> file under learnhub/design/static/vendor
FILES = {
    "hls.js/LICENSE": "hls.LICENSE.txt",
    "eventemitter3/LICENSE": "hls.eventemitter3.LICENSE.txt",
    "url-toolkit/LICENSE": "hls.url-toolkit.LICENSE.txt",
    "@svta/cml-utils/LICENSE": "hls.cml.LICENSE.txt",
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


HLS_PARTS = {
    "ALT_AUDIO": True,
    "CMCD": False,
    "CONTENT_STEERING": False,
    "EME_DRM": False,
    "IFRAMES": False,
    "INTERSTITIALS": False,
    "M2TS_ADVANCED_CODECS": False,
    "MEDIA_CAPABILITIES": False,
    "SUBTITLES": False,
    "VARIABLE_SUBSTITUTION": False,
}
"""The parts of hls.js that can be left out, by the names of its own build: what our playlists have is kept. Captions are
``<track>`` elements, not streams."""
BROTLI = """
const [, ...paths] = process.argv;
const fs = require('node:fs');
const zlib = require('node:zlib');
for (const path of paths) {
  const text = fs.readFileSync(path);
  fs.writeFileSync(`${path}.br`, zlib.brotliCompressSync(text, { params: { [zlib.constants.BROTLI_PARAM_SIZE_HINT]: text.length } }));
}
"""


def copy_libraries() -> None:
    """Replace the vendor folder by the files of FILES and what is built; a missing file is an error."""
    for folder, files in ((TARGET, FILES), (FONTS, FONT_FILES)):
        shutil.rmtree(folder, ignore_errors=True)
        for source, target in files.items():
            destination = folder / target
            destination.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(MODULES / source, destination)
    build_stream_library()
    join_player_parts()
    subprocess.run([node(), "-e", BROTLI, *sorted(TARGET.glob("*.js"))], check=True)


def node() -> Path:
    """Node as it came with the Python packages."""
    return Path(sys.executable).with_name("node")


def bundle(source: str, target: str, *words: str) -> None:
    """One file of a script and all that it imports, in the syntax of OLDEST."""
    subprocess.run(
        [
            *(MODULES / ".bin" / "esbuild", ROOT / "scripts" / source, "--bundle", "--minify", "--format=iife"),
            *("--charset=utf8", "--log-level=error", f"--target={OLDEST}", f"--outfile={TARGET / target}", *words),
        ],
        check=True,
    )


def build_stream_library() -> None:
    """Build hls.js from the source in its package, without the parts that HLS_PARTS leaves out and without a worker."""
    version = json.loads((MODULES / "hls.js" / "package.json").read_text("utf-8"))["version"]
    known = {f"__USE_{name}__": json.dumps(used) for name, used in HLS_PARTS.items()}
    known |= {"__VERSION__": json.dumps(version), "__IN_WORKER__": "false", "__HLS_WORKER_BUNDLE__": "undefined"}
    bundle("stream_library.js", "hls.js", *(f"--define:{name}={value}" for name, value in known.items()))


def join_player_parts() -> None:
    """Make one file of the parts of media-chrome that scripts/player_library.js names, and list their styles."""
    bundle("player_library.js", "media-chrome.js")
    styles = subprocess.run(
        [node(), ROOT / "scripts" / "player_styles.mjs"],
        check=True,
        capture_output=True,
        cwd=ROOT,
    ).stdout
    (TARGET / "media-chrome.styles.json").write_bytes(styles)


if __name__ == "__main__":
    copy_libraries()
