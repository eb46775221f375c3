"""Copy the files of the browser libraries that pages load from node_modules to the design's static folder.

The result is not in git but is in the wheel, so an installed LearnHub needs neither npm nor any other site.
"""

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "learnhub" / "design" / "static" / "vendor"

# file in node_modules -> file under learnhub/design/static/vendor
FILES = {
    "hls.js/dist/hls.min.js": "hls.min.js",
    "hls.js/LICENSE": "hls.LICENSE.txt",
}


def copy_libraries() -> None:
    """Replace the vendor folder by the files of FILES; a missing file is an error."""
    shutil.rmtree(TARGET, ignore_errors=True)
    for source, target in FILES.items():
        destination = TARGET / target
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "node_modules" / source, destination)


if __name__ == "__main__":
    copy_libraries()
