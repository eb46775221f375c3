"""Write the exact versions installed in this environment to scripts/constraints.txt.

setup.cfg says which versions LearnHub may run with; the constraints say with which it was tested, so that every
machine gets the same.
"""

import subprocess
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent / "constraints.txt"
HEADER = "# The exact versions that the tests ran with. Written by `make lock`; used by scripts/setup.sh.\n"


def write_constraints() -> None:
    """Replace the file by what `pip freeze` says of this environment, without LearnHub itself."""
    frozen = subprocess.run(
        [sys.executable, "-m", "pip", "freeze", "--exclude-editable", "--exclude", "learnhub"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    TARGET.write_text(HEADER + frozen, encoding="utf-8")


if __name__ == "__main__":
    write_constraints()
