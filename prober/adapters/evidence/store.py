"""The port `EvidenceStore` over one library for local folders, S3, GCS and Azure.

A run's folder is `<target>/<run_id>/`. Its manifest is written last and removed last, so that a folder with one is
whole, and one whose removal was cut off is found again. Anything else below the URL is not ours and is never touched:
a folder is ours by its manifest, or, where that is missing, by a name that is a run id. What a symbolic link leads to
is not ours either: in a local folder none below the URL is followed.

What blocks at a local folder is done in a thread of the store's own, one at a time. Where it does not come back, since
the disk behind the folder hangs, every call fails at once until it does: no further thread is given to that disk.
"""

import asyncio
import json
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias, TypeVar

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import ObjectStore

from prober.adapters.evidence.places import files_below, folder_of, make_private, open_place, room_at
from prober.adapters.one_thread import OneThread
from prober.domain.artefacts import Artefact
from prober.domain.ids import RunId, TargetName
from prober.domain.manifest import MANIFEST_NAME, EvidenceRecord, Manifest, as_dict, manifest_from, manifest_of
from prober.domain.masking import Mask, message
from prober.domain.retention import KeptRun, Room
from prober.flow.ports.evidence import EvidenceStore, StoreFailed

_Folder: TypeAlias = tuple[str, str]
"""Target and run id."""

_T = TypeVar("_T")

_AT_ONCE = 16
"""Manifests that are read at the same time: each is a round trip to a cloud, and there may be thousands."""

_LONGEST_WORDS = 300
"""Of the library's messages, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """One file as it is listed."""

    path: str
    size: int
    modified_at: datetime

    @property
    def folder(self) -> _Folder | None:
        """The run's folder that it is in, `None` where it is in none."""
        match self.path.split("/"):
            case [target, run_id, _]:
                return target, run_id
            case _:
                return None

    @property
    def is_manifest(self) -> bool:
        """Whether it is the manifest of its folder."""
        return self.path.endswith(f"/{MANIFEST_NAME}")


class StoredEvidence(EvidenceStore):
    """Evidence below one URL; it is opened when it is used, so that it need not be there at the start.

    Args:
        url: `file:///...`, `s3://bucket/prefix`, `gs://bucket/prefix`, `az://account/container/prefix`, `memory:///`.
        mask: Masks the secrets that are known, in what is told of failures.
    """

    def __init__(self, url: str, *, mask: Mask = str) -> None:
        self._mask = mask
        self._url = url.rstrip("/")
        self._folder = folder_of(url)
        self._opened: ObjectStore | None = None
        self._thread = OneThread("evidence")
        self._in_turn = asyncio.Lock()
        self._asked: Future[Any] | None = None
        self._manifests: dict[_Folder, Manifest] = {}  # what was kept never changes, so each is read once

    async def keep(self, record: EvidenceRecord, artefacts: Sequence[Artefact]) -> str:
        """Stores a run's folder, the manifest last, and returns its URL."""
        manifest = await asyncio.to_thread(manifest_of, record, artefacts)  # hashes megabytes
        listed = Artefact(name=MANIFEST_NAME, media_type="application/json", content=_published(manifest))
        folder = record.target, record.run_id
        with self._translated("keep evidence"):
            store = await self._open()
            try:
                if self._folder is not None:
                    await self._aside(partial(make_private, self._folder, *folder))
                for artefact in (*artefacts, listed):
                    await self._put(store, folder, artefact)
            except (BaseError, OSError):
                with suppress(BaseError, OSError):
                    await self._clear(store, folder)
                raise
        return f"{self._url}/{record.target}/{record.run_id}/"

    async def runs(self) -> Sequence[KeptRun]:
        """Lists what is kept, cut-off folders included."""
        with self._translated("list evidence"):
            store = await self._open()
            folders: dict[_Folder, list[_File]] = defaultdict(list)
            for file in await self._files(store):
                if file.folder is not None:
                    folders[file.folder].append(file)
            whole = [folder for folder, files in folders.items() if any(file.is_manifest for file in files)]
            manifests = await self._read(store, whole)
        kept = (_kept(folder, files, manifest=manifests.get(folder)) for folder, files in folders.items())
        return [run for run in kept if run is not None]

    async def remove(self, run: KeptRun) -> None:
        """Removes a run's folder, the manifest last."""
        with self._translated("remove evidence"):
            await self._clear(await self._open(), (run.target, run.run_id))

    async def room(self) -> Room | None:
        """Returns the room of the folder's disk."""
        if self._folder is None:
            return None
        with self._translated("ask the disk of the evidence"):
            await self._open()
            return await self._aside(partial(room_at, self._folder))

    async def _open(self) -> ObjectStore:
        # A folder each time: people remove it, and one that is made by the way would be readable for everybody.
        if self._opened is None or self._folder is not None:
            self._opened = await self._aside(partial(open_place, self._url))
        return self._opened

    async def _aside(self, work: Callable[[], _T]) -> _T:
        """Does what blocks in the store's thread.

        Raises:
            StoreFailed: The thread does not come back from what somebody asked who has given up waiting.
        """
        async with self._in_turn:
            if self._asked is not None and not self._asked.done():
                raise StoreFailed(f"{self._url} hangs: it still has not answered what it was asked before")
            self._asked = asked = self._thread.submit(work)
            return await asyncio.wrap_future(asked)

    async def _put(self, store: ObjectStore, folder: _Folder, artefact: Artefact) -> None:
        # A file has no content type; in a bucket it lets a browser show what a link leads to.
        attributes = None if self._folder is not None else {"Content-Type": artefact.media_type}
        path = "/".join((*folder, artefact.name))
        await obstore.put_async(store, path, artefact.content, attributes=attributes, use_multipart=False)

    async def _read(self, store: ObjectStore, folders: Sequence[_Folder]) -> dict[_Folder, Manifest]:
        """Returns the folders' manifests, each read once; one that is gone or is no manifest is left out."""
        # A list of its own for each call: others list at the same time, and may have seen other folders. It is known
        # from the start: who is cut off in the middle of thousands goes on there the next time.
        manifests = {folder: self._manifests[folder] for folder in folders if folder in self._manifests}
        self._manifests = manifests
        fresh = [folder for folder in folders if folder not in manifests]
        for begin in range(0, len(fresh), _AT_ONCE):
            some = fresh[begin : begin + _AT_ONCE]
            read = await asyncio.gather(*(_manifest(store, folder) for folder in some), return_exceptions=True)
            for folder, manifest in zip(some, read, strict=True):
                if isinstance(manifest, BaseException):
                    raise manifest
                if manifest is not None:
                    manifests[folder] = manifest
        self._manifests = manifests  # another list, begun meanwhile, may not have come as far
        return manifests

    async def _files(self, store: ObjectStore, folder: _Folder | None = None) -> list[_File]:
        """Lists all files, or those of one folder; what lies behind a link is none."""
        if self._folder is not None:
            # Not by the library: it follows links, whatever they lead to, and fails where they lead round in a circle.
            found = await self._aside(partial(files_below, self._folder, *(folder or ())))
            return [_File(path=path, size=size, modified_at=modified_at) for path, size, modified_at in found]
        files: list[_File] = []
        async for batch in obstore.list(store, prefix=None if folder is None else "/".join(folder)):
            files += [_File(path=one["path"], size=one["size"], modified_at=one["last_modified"]) for one in batch]
        return files

    async def _clear(self, store: ObjectStore, folder: _Folder) -> None:
        files = [file for file in await self._files(store, folder) if file.folder == folder]
        for is_manifest in (False, True):
            paths = [file.path for file in files if file.is_manifest is is_manifest]
            with suppress(FileNotFoundError, NotFoundError):  # somebody else removes it at the same time
                await obstore.delete_async(store, paths)

    @contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError, ValueError) as error:
            raise StoreFailed(f"cannot {doing}: {self._words(error)}") from error

    def _words(self, error: Exception) -> str:
        """Returns the message without the library's own dump of its structures, on one line."""
        words = str(error).partition("\n\nDebug source")[0]
        return message(words, most=_LONGEST_WORDS, mask=self._mask) or type(error).__name__


async def _manifest(store: ObjectStore, folder: _Folder) -> Manifest | None:
    try:
        answer = await obstore.get_async(store, "/".join((*folder, MANIFEST_NAME)))
        content = bytes(await answer.bytes_async())
    except (FileNotFoundError, NotFoundError):  # removed since it was listed
        return None
    try:
        return manifest_from(json.loads(content))
    except ValueError:
        return None


def _kept(folder: _Folder, files: Sequence[_File], *, manifest: Manifest | None) -> KeptRun | None:
    target, run_id = folder
    if manifest is None and not _is_run_id(run_id):
        return None
    return KeptRun(
        target=TargetName(target),
        run_id=RunId(run_id),
        kept_at=max(file.modified_at for file in files) if manifest is None else manifest.record.kept_at,
        outcome=None if manifest is None else manifest.record.outcome,
        size=sum(file.size for file in files),
    )


def _is_run_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _published(manifest: Manifest) -> bytes:
    return json.dumps(as_dict(manifest), indent=1).encode() + b"\n"
