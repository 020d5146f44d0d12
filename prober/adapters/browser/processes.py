"""The operating system's processes that one driver started.

Processes are known by pid and start time, so that a pid that was given anew is never taken for ours. They are
remembered while they live: once the driver is dead, nothing else tells whose its children were. All functions here
read /proc, which takes milliseconds: call them from a thread.
"""

import asyncio
import os
from contextlib import suppress

import psutil

_DRIVER_ARGUMENT = "run-driver"
"""How the driver is called, which no other child of ours is."""

_TERMINATE_S = 2.0
"""How long a process may take to end when asked to."""

_KILL_S = 2.0
"""How long the kernel may take to end a killed process."""

_POLL_S = 0.02


def drivers() -> set[psutil.Process]:
    """Returns the drivers that this process has started and that live."""
    return {child for child in psutil.Process().children() if _is_driver(child)}


class ProcessTree:
    """A driver with all that descends from it."""

    def __init__(self, driver: psutil.Process) -> None:
        self._driver = driver
        self._known = {driver}

    def refresh(self) -> None:
        """Remembers the descendants of now."""
        with suppress(psutil.NoSuchProcess):
            self._known = {process for process in self._known if _lives(process)} | {
                self._driver,
                *self._driver.children(recursive=True),
            }

    def driver_lives(self) -> bool:
        """Tells whether the driver itself runs."""
        return _lives(self._driver)

    def living(self) -> list[psutil.Process]:
        """Returns the remembered processes that still run."""
        return [process for process in self._known if _lives(process)]

    def arguments(self) -> list[str]:
        """Returns the arguments of all remembered processes that still run."""
        found: list[str] = []
        for process in self.living():
            with suppress(psutil.Error):
                found.extend(process.cmdline())
        return found

    async def end(self) -> None:
        """Ends what is left: asks, insists, reaps."""
        await self._signal("terminate", wait_s=_TERMINATE_S)
        await self._signal("kill", wait_s=_KILL_S)
        await asyncio.to_thread(self._reap)

    async def _signal(self, how: str, *, wait_s: float) -> None:
        left = await asyncio.to_thread(self.living)
        await asyncio.to_thread(_send, how, left)
        deadline = asyncio.get_running_loop().time() + wait_s
        while left and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(_POLL_S)
            left = await asyncio.to_thread(self.living)

    def _reap(self) -> None:
        """Collects our own dead children, which we inherit when we run as a container's first process.

        The driver is left out: asyncio awaits it.
        """
        for process in self._known - {self._driver}:
            with suppress(ChildProcessError):
                os.waitpid(process.pid, os.WNOHANG)


def _send(how: str, processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            getattr(process, how)()


def _is_driver(process: psutil.Process) -> bool:
    try:
        return _DRIVER_ARGUMENT in process.cmdline()
    except psutil.Error:
        return False


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
