"""The recent changes of the store: what watches read.

A watch is a position in this history, so a slow watcher costs no memory; one that falls out of the
window is told so, and lists again, as with a real API server.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from prober.lab.kube.errors import ExpiredError
from prober.lab.kube.paging import Place, place_of
from prober.lab.kube.resources import Obj, ResourceId
from prober.lab.kube.selectors import EVERYTHING, Selector


class EventType(StrEnum):
    """What a watch event tells."""

    ADDED = "ADDED"
    """The object is new to the watcher."""

    MODIFIED = "MODIFIED"
    """The object changed."""

    DELETED = "DELETED"
    """The object is gone, or is no longer selected."""

    BOOKMARK = "BOOKMARK"
    """Nothing happened up to this resourceVersion."""

    ERROR = "ERROR"
    """The watch ended with a Status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a watch."""

    type: EventType
    object: Obj


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a list or watch is about; an empty namespace means all of them."""

    resource: ResourceId
    namespace: str = ""
    selector: Selector = EVERYTHING

    def covers(self, obj: Mapping[str, Any]) -> bool:
        """Tell whether an object of the resource belongs to the scope."""
        namespace = obj["metadata"].get("namespace", "")
        return self.namespace in ("", namespace) and self.selector.matches(obj)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One write.

    Attributes:
        version: the resourceVersion that the write made.
        resource: the resource of the object.
        before: the object before, `None` if it is new.
        after: the object after; when it was removed, its last state.
        removed: whether the object is gone.
    """

    version: int
    resource: ResourceId
    before: Obj | None
    after: Obj
    removed: bool = False

    def seen_from(self, scope: Scope) -> Event | None:
        """Return what a watcher of a scope is told about the change, if anything."""
        if self.resource != scope.resource:
            return None
        stays = not self.removed and scope.covers(self.after)
        if self.before is None or not scope.covers(self.before):
            return Event(type=EventType.ADDED, object=self.after) if stays else None
        if stays:
            return Event(type=EventType.MODIFIED, object=self.after)
        # Who no longer selects an object learns how it was when it was selected, and when it ceased to be.
        return Event(type=EventType.DELETED, object=self.after if self.removed else self._unselected(self.before))

    def _unselected(self, before: Obj) -> Obj:
        return before | {"metadata": before["metadata"] | {"resourceVersion": str(self.version)}}


class History:
    """The last changes, oldest first, and a way to wait for the next one."""

    def __init__(self, *, window: int) -> None:
        self._changes: deque[Change] = deque(maxlen=window)
        self._grown = asyncio.Event()
        self._version = 1  # 0 means "any" to clients, so it is never given out
        self._closed = False

    @property
    def version(self) -> int:
        """The resourceVersion of the last write."""
        return self._version

    @property
    def closed(self) -> bool:
        """Whether no change will follow."""
        return self._closed

    def append(self, change: Change) -> None:
        """Record a change; wake whoever waits."""
        self._changes.append(change)
        self._version = change.version
        self._wake()

    def close(self) -> None:
        """End every wait, now and later."""
        self._closed = True
        self._wake()

    def since(self, version: int) -> list[Change]:
        """Return the changes after a resourceVersion.

        Raises:
            ExpiredError: some of them have left the window.
        """
        oldest = self._changes[0].version if self._changes else self._version + 1
        if version < oldest - 1:
            raise ExpiredError(f"too old resource version: {version} ({oldest - 1})")
        newer = []
        for change in reversed(self._changes):
            if change.version <= version:
                break
            newer.append(change)
        return newer[::-1]

    def rewind(self, present: Mapping[Place, Obj], *, resource: ResourceId, version: int) -> Mapping[Place, Obj]:
        """Return the objects of a resource as they were at a resourceVersion, from what they are now.

        Args:
            present: the objects by their places.
            resource: of these objects.
            version: not above the present one.

        Raises:
            ExpiredError: the version has left the window.
        """
        past = dict(present)
        for change in reversed(self.since(version)):
            if change.resource != resource:
                continue
            place = place_of(change.after)
            if change.before is None:
                del past[place]
            else:
                past[place] = change.before
        return past

    async def wait_beyond(self, version: int) -> None:
        """Wait until there is a change after a resourceVersion, or the history is closed."""
        while self._version <= version and not self._closed:
            await self._grown.wait()

    def _wake(self) -> None:
        self._grown.set()
        self._grown = asyncio.Event()
