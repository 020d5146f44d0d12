"""What the kernel tells of this process's machine and control group; reads files, so call it from a thread.

A Pod's own numbers come first: its control group's pressure and throttling, in both versions of control groups; then
the whole machine's. What a kernel does not tell is `None`.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TOTAL = re.compile(r"^some\b.*\btotal=(\d+)", re.MULTILINE)
_MICROSECONDS = 1e6
_NANOSECONDS = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Counters of one moment, in seconds since some beginning, and gauges.

    Attributes:
        cpu_some_s: How long some task waited for a CPU.
        memory_some_s: How long some task waited for memory.
        throttled_s: How long the CPU quota kept threads from running.
        load: Tasks that run or wait to run, for each CPU.
        disk_free_ratio: Share of the temporary files' disk that is free.
    """

    cpu_some_s: float | None = None
    memory_some_s: float | None = None
    throttled_s: float | None = None
    load: float | None = None
    disk_free_ratio: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """Where the kernel tells it.

    Attributes:
        control_group: The mount of the control groups; in a container, the container's own.
        proc: The mount of procfs.
        disk: A path on the disk that is looked at; `None` for that of the temporary files.
    """

    control_group: Path = Path("/sys/fs/cgroup")
    proc: Path = Path("/proc")
    disk: Path | None = None

    def read(self) -> Reading:
        """Reads all of it."""
        return Reading(
            cpu_some_s=self._pressure("cpu"),
            memory_some_s=self._pressure("memory"),
            throttled_s=self._throttled(),
            load=self._load(),
            disk_free_ratio=self._disk_free(),
        )

    def _pressure(self, what: str) -> float | None:
        for path in (self.control_group / f"{what}.pressure", self.proc / "pressure" / what):
            found = _TOTAL.search(_text(path))
            if found is not None:
                return int(found.group(1)) / _MICROSECONDS
        return None

    def _throttled(self) -> float | None:
        paths = [self.control_group / part / "cpu.stat" for part in ("", "cpu", "cpu,cpuacct")]
        for name, unit in (("throttled_usec", _MICROSECONDS), ("throttled_time", _NANOSECONDS)):
            value = _stat(paths, name)
            if value is not None:
                return value / unit
        return None

    def _load(self) -> float | None:
        found = re.search(r" (\d+)/\d+ ", _text(self.proc / "loadavg"))
        return None if found is None else int(found.group(1)) / (os.cpu_count() or 1)

    def _disk_free(self) -> float | None:
        try:
            usage = shutil.disk_usage(self.disk or tempfile.gettempdir())
        except OSError:
            return None
        return usage.free / usage.total if usage.total else None


def _stat(paths: Sequence[Path], name: str) -> int | None:
    for path in paths:
        found = re.search(rf"^{name} (\d+)$", _text(path), re.MULTILINE)
        if found is not None:
            return int(found.group(1))
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeError):  # Reading pressure fails where the kernel has it switched off, too.
        return ""
