"""Starts a media program inside limits; run as a script in a process of its own, before any media is opened.

``python -I -S confined.py <limits as JSON> <program> <arguments…>`` sets resource limits, ties the program's life to
its parent's (a killed worker must not leave an encoder running), takes the network away where the system allows it,
and becomes the program. It imports nothing of LearnHub: it must start in milliseconds.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000


def confine(limits: dict[str, int]) -> None:
    """Applies the limits to this process and all that it becomes. ``limits``: memory_bytes, cpu_s, file_bytes, parent."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != limits["parent"]:  # the parent died before the line above
        sys.exit(125)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # Without the right to do so the call fails and the allow-lists of protocols and formats stand alone.
    libc.unshare(_CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWNET | _CLONE_NEWUSER)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["file_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu_s"], limits["cpu_s"] + 5))
    os.nice(5)


if __name__ == "__main__":
    confine(json.loads(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - becoming the program is the purpose
