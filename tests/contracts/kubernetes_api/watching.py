"""How collections are watched: exactly what happened after a version, until the watch ends or the version expired."""

import asyncio
from typing import Any

from tests.contracts.kubernetes_api.cluster import Cluster, config_map, session
from tests.contracts.kubernetes_api.server import TABLE, Obj

EVERYWHERE = "/apis/vdi.kasm.io/v1alpha1/vdisessions"

BOOKMARKED_S = "6"
"""The `timeoutSeconds` of a watch with a bookmark: a real server sends it 1 s to 3 s before the end, maybe twice."""


class Watching:
    """What a watch tells, and when it ends."""

    async def test_a_watch_tells_what_happened_since(self, cluster: Cluster) -> None:
        """From a version on each change comes once, in order, with growing versions; what was before does not come."""
        await cluster.session("before")
        version = await cluster.server.version(cluster.sessions())
        await cluster.session()
        await cluster.server.patched(cluster.sessions("probe"), {"spec": {"timeout": "1h"}})
        await cluster.server.patched(f"{cluster.sessions('probe')}/status", {"status": {"phase": "Running"}})
        await cluster.server.call("DELETE", cluster.sessions("probe"))
        events = await cluster.server.events(cluster.sessions(), resourceVersion=version)
        assert _told(events) == [
            ("ADDED", "probe"),
            ("MODIFIED", "probe"),
            ("MODIFIED", "probe"),
            ("DELETED", "probe"),
        ]
        assert events[2]["object"]["status"] == events[3]["object"]["status"] == {"phase": "Running"}
        versions = [int(version), *(int(event["object"]["metadata"]["resourceVersion"]) for event in events)]
        assert versions == sorted(set(versions))

    async def test_a_watch_resumes_after_an_event(self, cluster: Cluster) -> None:
        """The version of an event is one to go on from."""
        first, second = await cluster.session("first"), await cluster.session("second")
        events = await cluster.server.events(cluster.sessions(), resourceVersion=first["metadata"]["resourceVersion"])
        assert _told(events) == [("ADDED", "second")]
        assert events[0]["object"]["metadata"]["uid"] == second["metadata"]["uid"]

    async def test_a_watch_without_a_version_begins_with_the_present(self, cluster: Cluster) -> None:
        """What exists comes first, as added."""
        await cluster.session()
        assert _told(await cluster.server.events(cluster.sessions())) == [("ADDED", "probe")]

    async def test_an_open_watch_hears_at_once(self, cluster: Cluster) -> None:
        """A change reaches a watch that waits for it."""
        version = await cluster.server.version(cluster.sessions())
        async with cluster.server.watch(cluster.sessions(), resourceVersion=version) as events:
            made = await cluster.session()
            event = await events.next()
            await cluster.server.call("DELETE", cluster.sessions("probe"))
            assert (await events.next())["type"] == "DELETED"
        assert (event["type"], event["object"]["metadata"]["uid"]) == ("ADDED", made["metadata"]["uid"])

    async def test_a_watch_ends_by_its_time(self, cluster: Cluster) -> None:
        """`timeoutSeconds` ends a watch cleanly, with nothing more to say."""
        loop = asyncio.get_running_loop()
        version = await cluster.server.version(cluster.sessions())
        began = loop.time()
        assert await cluster.server.events(cluster.sessions(), resourceVersion=version, timeoutSeconds="1") == []
        assert 0.9 < loop.time() - began < 5

    async def test_a_watch_has_a_scope(self, cluster: Cluster) -> None:
        """One namespace's watch does not hear another's changes; the watch of all hears both."""
        version = await cluster.server.version(cluster.sessions())
        async with cluster.another_namespace() as other:
            await cluster.server.made(cluster.sessions(namespace=other), session("there"))
            await cluster.session("here")
            near = await cluster.server.events(cluster.sessions(), resourceVersion=version)
            all_of_them = await cluster.server.events(EVERYWHERE, resourceVersion=version)
        assert _told(near) == [("ADDED", "here")]
        assert {("ADDED", "here"), ("ADDED", "there")} <= set(_told(all_of_them))

    async def test_a_watch_of_one_object(self, cluster: Cluster) -> None:
        """A field selector narrows a watch to one name."""
        version = await cluster.server.version(cluster.sessions())
        for name in ("one", "other"):
            await cluster.session(name)
        events = await cluster.server.events(
            cluster.sessions(), resourceVersion=version, fieldSelector="metadata.name=one"
        )
        assert _told(events) == [("ADDED", "one")]

    async def test_selected_means_added(self, cluster: Cluster) -> None:
        """What begins to match is added, what ceases to match is deleted, for the watcher."""
        version = await cluster.server.version(cluster.sessions())
        await cluster.session()
        for label in ("x", "x2", "y"):
            await cluster.server.patched(cluster.sessions("probe"), {"metadata": {"labels": {"tier": label}}})
        events = await cluster.server.events(
            cluster.sessions(), resourceVersion=version, labelSelector="tier in (x,x2)"
        )
        assert _told(events) == [("ADDED", "probe"), ("MODIFIED", "probe"), ("DELETED", "probe")]
        assert events[-1]["object"]["metadata"]["labels"] == {"tier": "x2"}

    async def test_a_bookmark_tells_the_version(self, cluster: Cluster) -> None:
        """Who knows bookmarks learns before the end of a quiet watch how far it has come; others are not bothered."""
        query = {"resourceVersion": await cluster.server.version(cluster.sessions()), "timeoutSeconds": BOOKMARKED_S}
        async with (
            cluster.another_namespace() as other,
            cluster.server.watch(cluster.sessions(), allowWatchBookmarks="true", **query) as asked,
            cluster.server.watch(cluster.sessions(), **query) as unasked,
        ):
            # Made once the watches are open: a real server sends no bookmark to those that know the version already.
            made = await cluster.server.made(cluster.sessions(namespace=other), session("there"))
            told, quiet = await asyncio.gather(asked.next(), unasked.rest())
        assert told["type"] == "BOOKMARK"
        assert "BOOKMARK" not in [event["type"] for event in quiet]
        bookmark = told["object"]
        assert int(bookmark["metadata"]["resourceVersion"]) >= int(made["metadata"]["resourceVersion"])
        assert (bookmark["kind"], "spec" in bookmark) == ("VDISession", False)

    async def test_a_streaming_list(self, cluster: Cluster) -> None:
        """`sendInitialEvents` sends what exists, then a bookmark that says that this was all."""
        await cluster.session()
        query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}
        async with cluster.server.watch(cluster.sessions(), **query) as events:
            first, second = await events.next(), await events.next()
        assert [first["type"], second["type"]] == ["ADDED", "BOOKMARK"]
        assert second["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}

    async def test_an_expired_version(self, cluster: Cluster) -> None:
        """A watch from a version that is forgotten is answered with one ERROR event of code 410."""
        await cluster.session()
        await cluster.forget()
        events = await cluster.server.events(cluster.sessions(), resourceVersion="1")
        assert [event["type"] for event in events] == ["ERROR"]
        status = events[0]["object"]
        assert (status["kind"], status["code"], status["reason"]) == ("Status", 410, "Expired")
        assert status["message"].startswith("too old resource version: 1 (")

    async def test_recovery_by_a_list(self, cluster: Cluster) -> None:
        """After 410 a list gives the state, with a version from which the watch goes on."""
        await cluster.session()
        await cluster.forget()
        assert (await cluster.server.events(cluster.sessions(), resourceVersion="1"))[0]["type"] == "ERROR"
        listed = await cluster.server.listed(cluster.sessions())
        assert [item["metadata"]["name"] for item in listed["items"]] == ["probe"]
        await cluster.session("next")
        version = listed["metadata"]["resourceVersion"]
        events = await cluster.server.events(cluster.sessions(), resourceVersion=version)
        assert _told(events) == [("ADDED", "next")]

    async def test_a_watch_as_a_table(self, cluster: Cluster) -> None:
        """Rows come one by one; only the first has the headings."""
        await cluster.session("a")
        await cluster.session("b")
        events = await cluster.server.events(cluster.sessions(), accept=TABLE)
        tables: list[dict[str, Any]] = [event["object"] for event in events]
        assert [table["kind"] for table in tables] == ["Table", "Table"]
        assert {table["rows"][0]["cells"][0] for table in tables} == {"a", "b"}
        assert [bool(table.get("columnDefinitions")) for table in tables] == [True, False]

    async def test_built_in_kinds_are_watched_alike(self, cluster: Cluster) -> None:
        """A ConfigMap's story is told as a session's is."""
        version = await cluster.server.version(cluster.core("configmaps"))
        await cluster.server.made(cluster.core("configmaps"), config_map())
        await cluster.server.patched(cluster.core("configmaps", "child"), {"data": {"a": "2"}})
        await cluster.server.call("DELETE", cluster.core("configmaps", "child"))
        events = await cluster.server.events(
            cluster.core("configmaps"), resourceVersion=version, fieldSelector="metadata.name=child"
        )
        assert [event["type"] for event in events] == ["ADDED", "MODIFIED", "DELETED"]


def _told(events: list[Obj]) -> list[tuple[str, str]]:
    return [(event["type"], event["object"]["metadata"]["name"]) for event in events]
