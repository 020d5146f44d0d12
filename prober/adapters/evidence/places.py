"""Opening what a URL names: a local folder, a bucket, a container."""

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

from prober.domain.retention import Room

PRIVATE = 0o700
"""The folder's mode: pictures of desktops are for their owner's eyes only."""

_STAGED = re.compile(r"#\d+\Z")
"""How the library names a file until it is written whole; it takes no such name from us."""

DEPTH = 3
"""How deep the store's files lie: target, run, name."""

_MOST_RETRIES = 2
_RETRY_S = 10.0
"""How long the library may try again, in seconds; its own default is minutes, which no run waits for."""


def folder_of(url: str) -> Path | None:
    """Returns the local folder that a URL names, `None` where it names none."""
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def open_place(url: str) -> ObjectStore:
    """Opens the store; a local folder is made where it is missing. Blocks.

    Raises:
        OSError: The folder cannot be made.
        ValueError: No store has such a URL.
        obstore.exceptions.BaseError: The library cannot open it with what the environment says.
    """
    folder = folder_of(url)
    if folder is not None:
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        return LocalStore(folder, automatic_cleanup=True)
    if urlsplit(url).scheme == "memory":
        return MemoryStore()
    return from_url(url, retry_config={"max_retries": _MOST_RETRIES, "retry_timeout": timedelta(seconds=_RETRY_S)})


def room_at(folder: Path) -> Room:
    """Returns the room of the disk that a folder is on. Blocks.

    Raises:
        OSError: The disk cannot be asked.
    """
    usage = shutil.disk_usage(os.fspath(folder))
    return Room(free=usage.free, total=usage.total)


def make_private(root: Path, *names: str) -> None:
    """Makes folders below one another that nobody else may read, however open the outermost is. Blocks.

    Raises:
        OSError: One cannot be made, or is a symbolic link: what is behind it would never be listed, nor removed.
    """
    for name in names:
        root /= name
        root.mkdir(mode=PRIVATE, exist_ok=True)
        if root.is_symlink():
            raise OSError(errno.ELOOP, "a symbolic link is in the place of a folder", str(root))


def files_below(root: Path, *names: str) -> list[tuple[str, int, datetime]]:
    """Returns path, size and time of the files that a store has below a folder, `DEPTH` names deep. Blocks.

    Symbolic links are neither followed nor listed: what they lead to is somebody else's, or listed in its own place.

    Args:
        root: The store's folder.
        names: Folders below it; without any, the files of all are listed.

    Raises:
        OSError: A folder that is there cannot be read.
    """
    folders = [()] if not names else [names]
    while folders and len(folders[0]) < DEPTH - 1:
        folders = [(*folder, entry.name) for folder in folders for entry in _entries(root, folder) if _is_folder(entry)]
    return [file for folder in folders for entry in _entries(root, folder) for file in _listed(folder, entry)]


def _entries(root: Path, folder: tuple[str, ...]) -> list[os.DirEntry[str]]:
    behind_link = any((root / Path(*folder[:length])).is_symlink() for length in range(1, len(folder) + 1))
    try:
        with os.scandir(root / Path(*folder)) as entries:
            return [] if behind_link else list(entries)
    except (FileNotFoundError, NotADirectoryError):  # removed since it was listed
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False)


def _listed(folder: tuple[str, ...], entry: os.DirEntry[str]) -> Iterator[tuple[str, int, datetime]]:
    with suppress(FileNotFoundError):  # as above
        if entry.is_file(follow_symlinks=False) and not _STAGED.search(entry.name):
            status = entry.stat(follow_symlinks=False)
            yield "/".join((*folder, entry.name)), status.st_size, datetime.fromtimestamp(status.st_mtime, UTC)
