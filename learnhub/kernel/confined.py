"""Starts a program that opens foreign files inside limits; run as a script in a process of its own, before it opens any.

``python -I -S confined.py <limits as JSON> <program> <arguments…>`` sets resource limits, ties the program's life to
its parent's (a killed worker must not leave an encoder running), takes network and foreign files away, and becomes the
program. With ``report`` in place of the limits it tells as JSON what this system allows. It imports nothing of
LearnHub: it must start in milliseconds.

Files: Landlock (Linux 5.13) lets the program read itself, its libraries and its own file, and write in its own folder.
Calls: a seccomp filter refuses sockets, foreign processes, mounts, changes of owner and mode, and the like. Network: a
network namespace of its own where that may be made; without it the filter alone stands. All three hold for root too,
need no right and no package. Decision: docs/decisions/0035-confinement.md.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import resource
import signal
import stat
import struct
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_READ, _READ_AND_RUN, _READ_FILE_ONLY = 0b1100, 0b1101, 0b100
_OF_FILES = 0b1100_0000_0000_0111  # the rights that a plain file can have
_RIGHTS = (0, 13, 14, 15, 15, 16)  # how many file rights each version of Landlock knows, from 0 on

# What every program opens before its own file; nothing that belongs to LearnHub or tells of other processes.
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/opt")
_SINGLE = ("/etc/ld.so.cache", "/etc/localtime", "/dev/urandom", "/dev/zero", "/proc/cpuinfo", "/proc/meminfo")
_CPUS = "/sys/devices/system/cpu"

_REFUSED_CALLS = {
    "x86_64": (0xC000003E, (
        *(41, 42, 49, 101, 310, 311, 250, 248, 249, 321, 298, 323, 165, 166, 155, 161, 272, 308, 246, 175, 313, 176),
        *(169, 167, 168, 304, 90, 91, 268, 92, 93, 94, 260, 188, 189, 190, 133, 259, 170, 164, 227, 159),
    )),
    "aarch64": (0xC00000B7, (
        *(198, 203, 200, 117, 270, 271, 219, 217, 218, 280, 241, 282, 40, 39, 41, 51, 97, 268, 104, 105, 273, 106),
        *(142, 224, 225, 265, 52, 53, 54, 55, 5, 6, 7, 33, 161, 170, 112, 171),
    )),
}  # fmt: skip
"""Numbers of: socket, connect, bind, ptrace, process_vm_*, keys, bpf, perf, userfaultfd, mounts, chroot, unshare, setns,
modules, reboot, swap, open_by_handle_at, chmod, chown, setxattr, mknod, host name and clock."""
_REFUSED_EVERYWHERE = (425, 426, 427, 428, 429, 430, 431, 432, 438, 452)  # io_uring, new mounts, pidfd_getfd, fchmodat2


def confine(limits: dict) -> dict:  # type: ignore[type-arg]
    """Applies the limits to this process and all that it becomes; returns what of the system's own took hold.

    ``limits``: memory_bytes, cpu_s, file_bytes, parent (its process id), read (files and folders), write (folders).
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != limits["parent"]:  # the parent died before the line above
        sys.exit(125)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    namespaces = _CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWNET | _CLONE_NEWUSER
    network = libc.unshare(namespaces) == 0
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["file_bytes"],) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu_s"], limits["cpu_s"] + 5))
    os.nice(5)
    files = limit_files(libc, limits["read"], limits["write"])
    return {"files": files, "calls": limit_calls(libc), "network": network}


def limit_files(libc: ctypes.CDLL, read: list, write: list) -> bool:  # type: ignore[type-arg]
    """Lets this process open nothing but the system's programs, ``read`` and, for writing, ``write``; False without Landlock."""
    version = libc.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    handled = (1 << _RIGHTS[min(version, len(_RIGHTS) - 1)]) - 1
    attributes = struct.pack("=QQQ", handled, 0b11 if version >= 4 else 0, 0b11 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = libc.syscall(_CREATE_RULESET, attributes[:size], size, 0)
    if rules < 0:
        return False
    granted = [(path, _READ_AND_RUN) for path in _SYSTEM] + [(path, _READ_FILE_ONLY) for path in _SINGLE]
    granted += [(_CPUS, _READ), ("/dev/null", _READ_FILE_ONLY | 0b10)]
    granted += [(path, _READ_AND_RUN) for path in read] + [(path, handled) for path in write]
    for path, rights in granted:
        _grant(libc, rules, path, rights & handled)
    done = libc.syscall(_RESTRICT_SELF, rules, 0) == 0
    os.close(rules)
    return done


def _grant(libc: ctypes.CDLL, rules: int, path: str, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not stat.S_ISDIR(os.fstat(handle).st_mode):
        rights &= _OF_FILES
    libc.syscall(_ADD_RULE, rules, 1, struct.pack("=Qi", rights, handle), 0)
    os.close(handle)


def limit_calls(libc: ctypes.CDLL) -> bool:
    """Has the kernel refuse (EPERM) what no media program needs; False on processors that are not in the table."""
    machine = platform.machine()
    if machine not in _REFUSED_CALLS:
        return False
    architecture, numbers = _REFUSED_CALLS[machine]
    refuse, allow = (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000)
    program = [(0x20, 0, 0, 4), (0x15, 1, 0, architecture), refuse, (0x20, 0, 0, 0), (0x35, 0, 1, 0x40000000), refuse]
    for number in (*numbers, *_REFUSED_EVERYWHERE):
        program += [(0x15, 0, 1, number), refuse]
    program.append(allow)
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *one) for one in program))
    # struct sock_fprog: a count, padding, a pointer
    told = ctypes.create_string_buffer(struct.pack("@HxxxxxxQ", len(program), ctypes.addressof(code)))
    return bool(libc.prctl(_PR_SET_SECCOMP, 2, told, 0, 0) == 0)


if __name__ == "__main__":
    if sys.argv[1] == "report":
        bounds = {
            "memory_bytes": 1 << 30,
            "file_bytes": 1 << 20,
            "cpu_s": 5,
            "parent": os.getppid(),
            "read": [],
            "write": [],
        }
        print(json.dumps(confine(bounds)))
    else:
        places = [os.path.join(folder, sys.argv[2]) for folder in os.get_exec_path()]
        found = next((path for path in places if os.access(path, os.X_OK)), sys.argv[2])
        confine(json.loads(sys.argv[1]))
        os.execv(found, sys.argv[2:])  # noqa: S606 - becoming the program is the purpose
