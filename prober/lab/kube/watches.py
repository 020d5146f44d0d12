"""Watches: the stream of events that one client sees.

https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass

from prober.lab.kube.errors import ExpiredError
from prober.lab.kube.history import Event, EventType, Scope
from prober.lab.kube.resources import Resource
from prober.lab.kube.selectors import EVERYTHING, Selector
from prober.lab.kube.store import Store

BOOKMARK_INTERVAL_S = 60.0
"""How often a quiet watch is told the current resourceVersion, as often as by a real API server."""

DEFAULT_TIMEOUT_S = 1800.0
"""When a watch ends that names no time, as kube-apiserver's `--min-request-timeout`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRequest:
    """What a client wants to watch.

    Attributes:
        resource: the resource.
        namespace: one namespace, or all if empty.
        selector: which objects.
        since: only changes after this resourceVersion; `None` begins with the present objects.
        bookmarks: whether the client understands bookmarks.
        initial_events: whether a bookmark ends the present objects (streaming list).
        timeout_s: when the watch ends, in seconds.
    """

    resource: Resource
    namespace: str = ""
    selector: Selector = EVERYTHING
    since: int | None = None
    bookmarks: bool = False
    initial_events: bool = False
    timeout_s: float = DEFAULT_TIMEOUT_S


async def watch(store: Store, *, request: WatchRequest) -> AsyncGenerator[Event, None]:
    """Yield what a client is told until its time is over or the store's history is closed.

    A resourceVersion that left the window ends the watch with an ERROR event.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + request.timeout_s
    next_bookmark = loop.time() + BOOKMARK_INTERVAL_S
    version = request.since
    if version is None:
        page = store.select(request.resource, namespace=request.namespace, selector=request.selector)
        version = page.version
        for item in page.items:
            yield Event(type=EventType.ADDED, object=item)
        if request.initial_events:
            yield _bookmark(request.resource, version=version, initial=True)
    while loop.time() < end and not store.history.closed:
        try:
            changes = store.history.since(version)
        except ExpiredError as error:
            yield Event(type=EventType.ERROR, object=error.to_status())
            return
        for change in changes:
            version = change.version
            if event := change.seen_from(_scope(request)):
                yield event
        with suppress(TimeoutError):
            async with asyncio.timeout_at(min(end, next_bookmark)):
                await store.history.wait_beyond(version)
        # Asked of the clock instead of the timeout: a busy watch is told the version in time, too.
        if loop.time() >= min(end, next_bookmark):
            next_bookmark = loop.time() + BOOKMARK_INTERVAL_S
            if request.bookmarks:
                yield _bookmark(request.resource, version=version)


def _scope(request: WatchRequest) -> Scope:
    return Scope(resource=request.resource.id, namespace=request.namespace, selector=request.selector)


def _bookmark(resource: Resource, *, version: int, initial: bool = False) -> Event:
    annotations = {"annotations": {"k8s.io/initial-events-end": "true"}} if initial else {}
    return Event(
        type=EventType.BOOKMARK,
        object={
            "kind": resource.kind,
            "apiVersion": resource.api_version,
            "metadata": {
                "resourceVersion": str(version),
                "creationTimestamp": None,
                **annotations,
            },
        },
    )
