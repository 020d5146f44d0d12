"""Opening the history's file, whatever is found in its place.

A broken file is set aside, for whoever wants to look at it, and replaced. Where no file can be kept at all (a folder
in its place, a folder that cannot be written) the runs are kept in memory. Neither is a reason to probe nothing.
"""

import os
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from prober.adapters.history.schema import NewerSchemaError, migrate

BUSY_S = 5.0
"""How long is waited for another process that writes, in seconds; a write takes milliseconds."""

_IN_MEMORY = ":memory:"

_BROKEN = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

_COMPANIONS = ("-wal", "-shm")
"""The files that SQLite keeps beside its own; without them the last runs are missing from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What opening came to.

    Attributes:
        set_aside: Where the file is now that could not be used; `None` where there was none.
        in_memory: Whether the runs are kept in memory only.
        problem: What was wrong, `None` where nothing was.
    """

    set_aside: Path | None = None
    in_memory: bool = False
    problem: str | None = None


class BrokenFileError(Exception):
    """The file cannot be used, now or later."""


def open_file(path: Path, *, now: datetime) -> tuple[sqlite3.Connection, Opening]:
    """Returns a connection to the file, made where there is none, with what there is to tell of it.

    Args:
        path: The file.
        now: The time, for the name of a file that is set aside.
    """
    try:
        return _opened(path, now=now)
    except (OSError, sqlite3.Error) as error:
        connection = _connect(_IN_MEMORY)
        migrate(connection)
        return connection, Opening(in_memory=True, problem=describe(error))


_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600


def is_broken(error: sqlite3.Error) -> bool:
    """Tells whether an error says that the file is broken; a full disk or a busy file say nothing of it."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _BROKEN  # the rest of the code are details


def describe(error: Exception) -> str:
    """Returns what is wrong, in few words."""
    return (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__


def _opened(path: Path, *, now: datetime) -> tuple[sqlite3.Connection, Opening]:
    path.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    if path.is_dir():
        # Never moved away: it may be a volume, or hold what somebody needs.
        raise IsADirectoryError(None, "it is a folder, not a file")
    try:
        return _sound(path), Opening()
    except (BrokenFileError, NewerSchemaError) as error:
        aside = _set_aside(path, now=now)
        return _sound(path), Opening(set_aside=aside, problem=describe(error))


def _sound(path: Path) -> sqlite3.Connection:
    """Returns a connection to a file that was checked.

    Raises:
        BrokenFileError: It is none of SQLite's, or damaged.
        NewerSchemaError: It is of a later version.
        sqlite3.Error: It may be sound, and cannot be used.
    """
    # Made before SQLite makes it, whose companions take its mode: reports are for nobody else to read.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, _PRIVATE_FILE))
    connection = _connect(str(path))
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        _check(connection)
        migrate(connection)
    except sqlite3.Error as error:
        connection.close()
        if is_broken(error):
            raise BrokenFileError(str(error)) from error
        raise
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection) -> None:
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise BrokenFileError(str(verdict))


def _connect(name: str) -> sqlite3.Connection:
    # Used by one thread at a time, and not always by the same one.
    return sqlite3.connect(name, timeout=BUSY_S, isolation_level=None, check_same_thread=False)


def _set_aside(path: Path, *, now: datetime) -> Path:
    """Gives the file, with its companions, a name that no other has; returns it.

    Raises:
        OSError: It cannot be renamed.
    """
    name = f"{path.name}.corrupt-{now:%Y%m%dT%H%M%SZ}"
    aside, number = path.with_name(name), 1
    while aside.exists():
        aside, number = path.with_name(f"{name}-{number}"), number + 1
    path.rename(aside)
    for end in _COMPANIONS:
        with suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
    return aside
