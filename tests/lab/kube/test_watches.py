"""Watches, without HTTP."""

import asyncio
import itertools
from collections.abc import Callable
from contextlib import aclosing
from functools import partial

import pytest

from prober.lab.kube.history import Event, EventType
from prober.lab.kube.operations import Key
from prober.lab.kube.resources import NAMESPACES, Obj, Resource
from prober.lab.kube.selectors import parse_selector
from prober.lab.kube.store import Store
from prober.lab.kube.watches import WatchRequest, watch

NewSession = Callable[..., Obj]

SOON_S = 0.05


async def _collect(store: Store, *, count: int | None = None, request: WatchRequest) -> list[Event]:
    """Return the first events of a watch, or all until it ends."""
    events: list[Event] = []
    async with aclosing(watch(store, request=request)) as stream:
        async for event in stream:
            events.append(event)
            if len(events) == count:
                break
    return events


def _short(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.type, event.object["metadata"].get("name", "")) for event in events]


async def test_a_watch_begins_with_the_present(store: Store, sessions: Resource, new_session: NewSession) -> None:
    """Without a resourceVersion the objects that exist come first, as added."""
    store.create(sessions, body=new_session("a"), namespace="vdi")

    events = await _collect(store, request=WatchRequest(resource=sessions, timeout_s=SOON_S))

    assert _short(events) == [("ADDED", "a")]


async def test_a_watch_tells_each_change(store: Store, key: Key, new_session: NewSession) -> None:
    """From a resourceVersion on, creation, change, deletion come in their order."""
    version = store.history.version
    store.create(key.resource, body=new_session(), namespace="vdi")
    store.patch(key, change=lambda obj: obj | {"spec": obj["spec"] | {"timeout": "1h"}})
    store.delete(key)

    events = await _collect(store, count=3, request=WatchRequest(resource=key.resource, since=version))

    assert _short(events) == [("ADDED", "probe"), ("MODIFIED", "probe"), ("DELETED", "probe")]
    versions = [int(event.object["metadata"]["resourceVersion"]) for event in events]
    assert versions == sorted(set(versions))


async def test_a_waiting_watch_is_woken(store: Store, sessions: Resource, new_session: NewSession) -> None:
    """A change reaches a watch that waits for it."""
    waiting = asyncio.create_task(_collect(store, count=1, request=WatchRequest(resource=sessions)), name="waiting")
    await asyncio.sleep(0)  # the watch runs up to where it waits
    store.create(sessions, body=new_session(), namespace="vdi")

    assert _short(await waiting) == [("ADDED", "probe")]


async def test_selected_means_added(store: Store, key: Key, new_session: NewSession) -> None:
    """An object that begins to match is added for the watcher, one that ceases to is deleted as it was, at the time."""
    version = store.history.version
    store.create(key.resource, body=new_session(), namespace="vdi")
    for label in ("x", "y"):
        store.patch(key, change=partial(_labelled, to=label))

    request = WatchRequest(resource=key.resource, selector=parse_selector("tier=x"), since=version, timeout_s=SOON_S)

    added, deleted = await _collect(store, request=request)
    assert _short([added, deleted]) == [("ADDED", "probe"), ("DELETED", "probe")]
    assert deleted.object["metadata"]["labels"] == {"tier": "x"}
    assert deleted.object["metadata"]["resourceVersion"] == str(store.history.version)


async def test_an_old_version_is_expired(store: Store, sessions: Resource, new_session: NewSession) -> None:
    """A resourceVersion that left the window ends the watch with a 410 Status."""
    version = store.history.version
    for number in range(30):
        store.create(sessions, body=new_session(f"s{number}"), namespace="vdi")

    events = await _collect(store, request=WatchRequest(resource=sessions, since=version))

    assert [event.type for event in events] == [EventType.ERROR]
    assert (events[0].object["code"], events[0].object["reason"]) == (410, "Expired")


async def test_a_bookmark_carries_the_version(store: Store, sessions: Resource, new_session: NewSession) -> None:
    """Before a watch ends by time it tells the version, even if only others changed."""
    version = store.history.version
    store.create(NAMESPACES, body={"metadata": {"name": "other"}})

    events = await _collect(
        store,
        request=WatchRequest(resource=sessions, since=version, bookmarks=True, timeout_s=SOON_S),
    )

    assert [event.type for event in events] == [EventType.BOOKMARK]
    assert events[0].object["metadata"]["resourceVersion"] == str(store.history.version)


@pytest.mark.looptime
async def test_bookmarks_come_in_a_busy_cluster(store: Store, sessions: Resource) -> None:
    """A watch that others' changes wake all the time is told the version every minute all the same."""
    writing = asyncio.create_task(_write_every_second(store), name="busy cluster")
    request = WatchRequest(resource=sessions, since=store.history.version, bookmarks=True, timeout_s=150)

    events = await _collect(store, request=request)

    writing.cancel()
    await asyncio.wait([writing])
    assert [event.type for event in events] == [EventType.BOOKMARK] * 3


async def _write_every_second(store: Store) -> None:
    for number in itertools.count():
        store.create(NAMESPACES, body={"metadata": {"name": f"other-{number}"}})
        await asyncio.sleep(1)


async def test_closing_the_history_ends_watches(store: Store, sessions: Resource) -> None:
    """A server that stops does not wait for its watches."""
    waiting = asyncio.create_task(_collect(store, request=WatchRequest(resource=sessions)), name="waiting")
    await asyncio.sleep(0)
    store.history.close()

    assert await waiting == []


def _labelled(obj: Obj, *, to: str) -> Obj:
    return obj | {"metadata": obj["metadata"] | {"labels": {"tier": to}}}
