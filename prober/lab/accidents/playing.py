"""The accidents themselves, one function each; each returns how it is undone.

They signal processes and read /proc: call them from a thread.
"""

import os
import resource
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from prober.lab.accidents.kernel import Process, read_process
from prober.lab.accidents.load import Load
from prober.lab.accidents.visitors import Visitor

Undo = Callable[[], None]
"""Undoes an accident, as far as that can be; may be called when there is nothing left to undo."""


class GoneError(Exception):
    """The process that was to be hit is not there any more."""


def kill_browser(visitor: Visitor) -> Undo:
    """Kills the browser.

    Raises:
        GoneError: It ended by itself.
    """
    with _held(visitor.browser) as descriptor:
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    return _nothing


def kill_driver(visitor: Visitor) -> Undo:
    """Kills the driver; its browser ends by itself.

    Raises:
        GoneError: It ended by itself.
    """
    with _held(visitor.driver) as descriptor:
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    return _nothing


def stop_browser(visitor: Visitor) -> Undo:
    """Has the browser stand still; undone, it goes on.

    Raises:
        GoneError: It ended by itself.
    """
    with _held(visitor.browser) as descriptor:
        signal.pidfd_send_signal(descriptor, signal.SIGSTOP)

    def go_on() -> None:
        with suppress(GoneError), _held(visitor.browser) as again:
            signal.pidfd_send_signal(again, signal.SIGCONT)

    return go_on


def starve() -> Undo:
    """Takes the CPU of everybody on the machine.

    Raises:
        OSError: No process can be started.
    """
    load = Load()
    try:
        load.start()
    except BaseException:
        load.end()
        raise
    return load.end


class Disks:
    """Whose disk is full: each process has its own limit back once nothing is left that set it."""

    def __init__(self) -> None:
        self._limits: dict[tuple[int, int], tuple[int, tuple[int, int]]] = {}
        self._lock = threading.Lock()

    def fill(self, visitor: Visitor) -> Undo:
        """Lets the prober write to no file any more.

        Its limit on the size of files becomes 0 (setrlimit(2), RLIMIT_FSIZE), so that every write to one fails, as on
        a disk that is full; pipes and sockets are none.

        Raises:
            GoneError: It ended by itself, or is ourselves.
        """
        prober = visitor.prober
        if prober.pid == os.getpid():
            raise GoneError("the prober is the lab itself")
        key = prober.pid, prober.started
        with self._lock, _held(prober):
            number, limits = self._limits.get(key) or (0, resource.prlimit(prober.pid, resource.RLIMIT_FSIZE))
            resource.prlimit(prober.pid, resource.RLIMIT_FSIZE, (0, limits[1]))
            self._limits[key] = number + 1, limits
        return lambda: self._free(prober)

    def _free(self, prober: Process) -> None:
        key = prober.pid, prober.started
        with self._lock:
            number, limits = self._limits.pop(key)
            if number > 1:
                self._limits[key] = number - 1, limits
                return
            with suppress(GoneError, ProcessLookupError), _held(prober):
                resource.prlimit(prober.pid, resource.RLIMIT_FSIZE, limits)


@contextmanager
def _held(process: Process) -> Iterator[int]:
    """Gives a pidfd of a process: it was looked at again after that was opened, so it is no other one's.

    Raises:
        GoneError: The process is not there any more.
    """
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError as error:
        raise GoneError(f"process {process.pid} ended") from error
    try:
        now = read_process(process.pid)
        if now is None or now.started != process.started:
            raise GoneError(f"process {process.pid} ended")
        yield descriptor
    except ProcessLookupError as error:
        raise GoneError(f"process {process.pid} ended") from error
    finally:
        os.close(descriptor)


def _nothing() -> None:
    """Undoes nothing: what is dead stays dead."""
