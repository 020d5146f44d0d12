"""Processes and their sockets as /proc tells of them: proc(5), of the processes that we may look into.

All functions read files, which takes milliseconds: call them from a thread.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")

ESTABLISHED = "01"
"""The state of a TCP connection that can carry something, as /proc/net/tcp spells it."""

Address = tuple[str, int]
"""An IPv4 address with a port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process at the moment at which it was read.

    Attributes:
        pid: Its number.
        started: When it started, in ticks since the machine did: tells it from a later one of the same number.
        parent: The number of its parent.
        user: The user id that it runs as.
        program: The path of its program.
        command: How it was called.
    """

    pid: int
    started: int
    parent: int
    user: int
    program: str
    command: tuple[str, ...]


def read_process(pid: int) -> Process | None:
    """Returns a process; `None` for one that is gone, or that we may not look into."""
    folder = PROC / str(pid)
    try:
        # The name in brackets may have blanks and brackets itself.
        stat = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
        command = _arguments((folder / "cmdline").read_bytes().decode(errors="replace"))
        program = str((folder / "exe").readlink())
        user = folder.stat().st_uid
    except OSError:
        return None
    return Process(pid=pid, started=int(stat[19]), parent=int(stat[1]), user=user, program=program, command=command)


def _arguments(told: str) -> tuple[str, ...]:
    """Returns how a process was called; Chromium's parts tell it anew, with blanks between."""
    told = told.rstrip("\0")
    return tuple(told.split("\0" if "\0" in told else " "))


def lineage(pid: int) -> Iterator[Process]:
    """Yields a process, its parent, and so on, as far as we may look."""
    process = read_process(pid)
    while process is not None:
        yield process
        process = read_process(process.parent)


def owner_of(*, local: Address, remote: Address) -> int | None:
    """Returns the number of the process of our user that has the IPv4 connection between these two ends open.

    Args:
        local: The end that is its own.
        remote: The other one.
    """
    inode = _inode(f"{_spelled(local)} {_spelled(remote)} {ESTABLISHED}")
    if inode is None:
        return None
    wanted = f"socket:[{inode}]"
    candidates = (int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal())
    return next((pid for pid in candidates if _is_ours(pid) and _holds(pid, wanted)), None)


def _inode(wanted: str) -> str | None:
    for line in (PROC / "self/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if " ".join(fields[1:4]) == wanted:
            return fields[9]
    return None


def _spelled(address: Address) -> str:
    """Spells an address as /proc/net/tcp does: the host as a number of this machine's byte order."""
    host, port = address
    (number,) = struct.unpack("=I", bytes(int(part) for part in host.split(".")))
    return f"{number:08X}:{port:04X}"


def _is_ours(pid: int) -> bool:
    try:
        return (PROC / str(pid)).stat().st_uid == os.getuid()
    except OSError:
        return False


def _holds(pid: int, wanted: str) -> bool:
    folder = PROC / str(pid) / "fd"
    try:
        return any(_link(entry) == wanted for entry in folder.iterdir())
    except OSError:
        return False


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:  # closed meanwhile
        return ""
