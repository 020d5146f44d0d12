"""Keeps a state directory to one lab at a time.

The lock is the kernel's (flock), so it goes with its process, however that ends; the file that carries
it says whose it is. It holds between two labs of one process as well.
"""

import fcntl
import os
from pathlib import Path

LOCK_NAME = "lab.lock"
LOCK_MODE = 0o600
LONGEST_PID = 32
"""Bytes; more than the digits of any process id."""


class LabRunningError(Exception):
    """Another lab uses the state directory."""

    def __init__(self, directory: Path, *, pid: str) -> None:
        super().__init__(f"a lab is already running in {directory} (pid {pid or 'unknown'})")


class StateLock:
    """The lock of a state directory."""

    def __init__(self, directory: Path) -> None:
        """Describes the lock; nothing is locked yet.

        Args:
            directory: What is locked; must exist by then.
        """
        self._directory = directory
        self._path = directory / LOCK_NAME
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Locks the directory.

        Raises:
            LabRunningError: Another lab holds the lock.
            OSError: The lock's file cannot be written.
        """
        while self._descriptor is None:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, LOCK_MODE)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_at(self._path, descriptor=descriptor):
                    _sign(descriptor)
                    self._descriptor = descriptor
            except BlockingIOError as error:
                pid = os.read(descriptor, LONGEST_PID).decode().strip()
                raise LabRunningError(self._directory, pid=pid) from error
            finally:
                if self._descriptor is None:
                    os.close(descriptor)

    def release(self) -> None:
        """Unlocks the directory, if it is locked; removes the lock's file while nobody else can hold it."""
        if self._descriptor is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None


def _is_at(path: Path, *, descriptor: int) -> bool:
    """Whether an open file is the one at a path: its last owner may have removed it before it could be locked."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _sign(descriptor: int) -> None:
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
