"""Busy processes, which take a machine's CPU.

Each ends by itself after a while, and as soon as we are gone, should nobody end it.
"""

import os
import subprocess
import sys

PER_CORE = 2
"""Busy processes for each core: enough that whoever else wants a core waits for most of its time."""

LIMIT_S = 120.0
"""How long a process may be busy, in seconds: longer than a run of the lab's own target may take."""

_BURN = """\
import os, sys, time
end, parent = time.monotonic() + float(sys.argv[1]), int(sys.argv[2])
while time.monotonic() < end and os.getppid() == parent:
    for _ in range(100_000):
        pass
"""


class Load:
    """The busy processes of one time; start and end take milliseconds, so call them from a thread."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def pids(self) -> tuple[int, ...]:
        """Their numbers."""
        return tuple(process.pid for process in self._processes)

    def start(self) -> None:
        """Keeps every core busy.

        Raises:
            OSError: A process cannot be started.
        """
        command = (sys.executable, "-I", "-S", "-c", _BURN, str(LIMIT_S), str(os.getpid()))
        for _ in range(PER_CORE * (os.cpu_count() or 1)):
            self._processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL))  # noqa: S603 - our own program

    def end(self) -> None:
        """Ends the processes."""
        for process in self._processes:
            process.kill()
        while self._processes:
            self._processes.pop().wait()
