"""Who descends from whom, read from /proc."""

from __future__ import annotations

from pathlib import Path


def descendants_of(pid: int) -> set[int]:
    """The process ids of the children, grandchildren … of `pid` that run now."""
    parents = {child: parent for child in _all_pids() if (parent := _parent_of(child)) is not None}
    found: set[int] = set()
    fresh = {pid}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


def is_running(pid: int) -> bool:
    """Whether the process exists and is not a zombie."""
    fields = _stat_of(pid)
    return fields is not None and fields[0] not in "ZX"


def _all_pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _parent_of(pid: int) -> int | None:
    fields = _stat_of(pid)
    return int(fields[1]) if fields else None


def _stat_of(pid: int) -> list[str] | None:
    """State, parent … : what follows the name, which may itself contain spaces and brackets."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
