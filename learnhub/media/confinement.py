"""What of the confinement of media programs takes hold on this machine; for the System page."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cache

from learnhub.kernel import confined

_SECONDS = 20


@dataclass(frozen=True)
class Confinement:
    """Whether the system keeps a media program from foreign files, from calls that it does not need, and has a network
    of its own for it."""

    files: bool
    calls: bool
    network: bool

    @property
    def is_whole(self) -> bool:
        """Files and calls are limited; the calls include every socket, so a network of its own is only a second wall."""
        return self.files and self.calls


@cache
def read_confinement() -> Confinement:
    """Asked once per process, by confining a program that does nothing."""
    words = [sys.executable, "-I", "-S", confined.__file__, "report"]
    try:
        told = subprocess.run(words, capture_output=True, check=True, timeout=_SECONDS).stdout
        return Confinement(**json.loads(told))
    except (OSError, subprocess.SubprocessError, ValueError, TypeError):
        return Confinement(files=False, calls=False, network=False)
