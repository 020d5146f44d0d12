"""Opening what a URL names: a local folder, a bucket, a container."""

import os
import shutil
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

from prober.domain.retention import Room

PRIVATE = 0o700
"""The folder's mode: pictures of desktops are for their owner's eyes only."""

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
        OSError: One cannot be made.
    """
    for name in names:
        root /= name
        root.mkdir(mode=PRIVATE, exist_ok=True)
