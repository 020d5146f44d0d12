"""How objects go: finalizers, preconditions, what they own, the namespace around them."""

import pytest

from tests.contracts.kubernetes_api.cluster import FINALIZER, NAMESPACES, Cluster, config_map, names, pod, session
from tests.contracts.kubernetes_api.server import MERGE_PATCH, Obj, eventually


class Deleting:
    """When an object is gone, and what goes with it."""

    async def test_what_nothing_holds_is_gone(self, cluster: Cluster) -> None:
        """The answer is a Status with the uid; a second deletion is 404."""
        made = await cluster.session()
        reply = await cluster.server.call("DELETE", cluster.sessions("probe"))
        assert (reply.status, reply.body["kind"], reply.body["status"]) == (200, "Status", "Success")
        details = {"name": "probe", "group": "vdi.kasm.io", "kind": "vdisessions", "uid": made["metadata"]["uid"]}
        assert reply.body["details"] == details
        assert (await cluster.server.call("DELETE", cluster.sessions("probe"))).refusal == (404, "NotFound")

    async def test_a_pod_without_a_node_is_gone(self, cluster: Cluster) -> None:
        """The answer is the Pod as it was."""
        made = await cluster.server.made(cluster.core("pods"), pod())
        reply = await cluster.server.call("DELETE", cluster.core("pods", "pod"))
        assert (reply.status, reply.body["metadata"]["uid"]) == (200, made["metadata"]["uid"])
        assert not await cluster.server.exists(cluster.core("pods", "pod"))

    async def test_a_finalizer_holds(self, cluster: Cluster) -> None:
        """A held object is marked, stays readable, is told as modified, and goes with its last finalizer."""
        made = await cluster.session("probe", finalizers=[FINALIZER])
        path = cluster.sessions("probe")
        reply = await cluster.server.call("DELETE", path)
        assert (reply.status, reply.body["kind"]) == (200, "VDISession")
        held = (await cluster.server.call("GET", path)).body
        assert held["metadata"]["deletionTimestamp"]
        assert (held["metadata"]["deletionGracePeriodSeconds"], held["metadata"]["generation"]) == (0, 2)
        await cluster.server.patched(f"{path}/status", {"status": {"phase": "Terminating"}})
        last = await cluster.release(path)
        assert last["status"] == {"phase": "Terminating"}
        assert not await cluster.server.exists(path)
        events = await cluster.server.events(cluster.sessions(), resourceVersion=made["metadata"]["resourceVersion"])
        assert [event["type"] for event in events] == ["MODIFIED", "MODIFIED", "DELETED"]
        assert events[0]["object"]["metadata"]["deletionTimestamp"] == held["metadata"]["deletionTimestamp"]

    async def test_deleting_twice_changes_nothing(self, cluster: Cluster) -> None:
        """A second deletion of a held object is accepted, without a new version."""
        await cluster.session("probe", finalizers=[FINALIZER])
        first, second = [await cluster.server.call("DELETE", cluster.sessions("probe")) for _ in range(2)]
        assert (first.status, second.status) == (200, 200)
        versions = {reply.body["metadata"]["resourceVersion"] for reply in (first, second)}
        assert len(versions) == 1
        await cluster.release(cluster.sessions("probe"))

    async def test_no_finalizer_comes_late(self, cluster: Cluster) -> None:
        """What waits for its deletion takes no further finalizer."""
        await cluster.session("probe", finalizers=[FINALIZER])
        await cluster.server.call("DELETE", cluster.sessions("probe"))
        patch = {"metadata": {"finalizers": [FINALIZER, "example.com/late"]}}
        refused = await cluster.server.call("PATCH", cluster.sessions("probe"), patch, kind=MERGE_PATCH)
        assert (refused.refusal, refused.causes) == ((422, "Invalid"), {"metadata.finalizers": "FieldValueForbidden"})
        await cluster.release(cluster.sessions("probe"))

    async def test_a_condemned_object_may_be_changed(self, cluster: Cluster) -> None:
        """What waits for its deletion is still written to by those who see to it."""
        await cluster.session("probe", finalizers=[FINALIZER, "example.com/other"])
        await cluster.server.call("DELETE", cluster.sessions("probe"))
        left = {"metadata": {"finalizers": ["example.com/other"]}}
        kept = await cluster.server.patched(cluster.sessions("probe"), left)
        assert kept["metadata"]["finalizers"] == ["example.com/other"]
        assert await cluster.server.exists(cluster.sessions("probe"))
        await cluster.release(cluster.sessions("probe"))

    @pytest.mark.parametrize(
        ("field", "words"),
        [
            ("uid", "the UID in the precondition (999999)"),
            ("resourceVersion", "the ResourceVersion in the precondition (999999)"),
        ],
        ids=["uid", "version"],
    )
    async def test_preconditions(self, cluster: Cluster, field: str, words: str) -> None:
        """A deletion that is meant for another object, or state, is 409; the right one works."""
        made = await cluster.session()
        path = cluster.sessions("probe")
        refused = await cluster.server.call("DELETE", path, {"preconditions": {field: "999999"}})
        assert refused.refusal == (409, "Conflict")
        assert refused.body["details"] == {"name": "probe", "group": "vdi.kasm.io", "kind": "VDISession"}
        assert words in refused.body["message"]
        right = {"preconditions": {field: made["metadata"][field]}}
        assert (await cluster.server.call("DELETE", path, right)).status == 200

    async def test_an_unknown_policy(self, cluster: Cluster) -> None:
        """A propagation policy that does not exist is 422."""
        await cluster.session()
        refused = await cluster.server.call("DELETE", cluster.sessions("probe"), {"propagationPolicy": "Sideways"})
        assert (refused.refusal, refused.causes) == ((422, "Invalid"), {"propagationPolicy": "FieldValueNotSupported"})

    async def test_children_follow(self, cluster: Cluster) -> None:
        """What a deleted object owned goes after it; what it did not own stays."""
        await _family(cluster)
        await cluster.server.made(cluster.core("configmaps"), config_map("stranger"))
        await cluster.server.call("DELETE", cluster.sessions("probe"), {"propagationPolicy": "Background"})
        await eventually(lambda: _gone(cluster, "child"), what="the child goes with its owner")
        assert "stranger" in names(await cluster.server.listed(cluster.core("configmaps")))

    async def test_children_wait_for_a_held_owner(self, cluster: Cluster) -> None:
        """While a finalizer holds the owner its children stay, unless somebody else deletes them."""
        await _family(cluster, finalizers=[FINALIZER])
        await cluster.server.call("DELETE", cluster.sessions("probe"))
        assert await cluster.server.exists(cluster.core("configmaps", "child"))
        await cluster.release(cluster.sessions("probe"))
        await eventually(lambda: _gone(cluster, "child"), what="the child goes with its owner")

    async def test_a_late_child_goes(self, cluster: Cluster) -> None:
        """A child that names an owner which is gone already does not stay."""
        owner = await cluster.session()
        await cluster.server.call("DELETE", cluster.sessions("probe"))
        await cluster.server.made(cluster.core("configmaps"), config_map(owner=owner))
        await eventually(lambda: _gone(cluster, "child"), what="the late child goes")

    async def test_foreground(self, cluster: Cluster) -> None:
        """With `Foreground` the owner waits, marked, for the children that block it."""
        await _family(cluster, child_finalizers=[FINALIZER])
        reply = await cluster.server.call("DELETE", cluster.sessions("probe"), {"propagationPolicy": "Foreground"})
        assert reply.body["metadata"]["finalizers"] == ["foregroundDeletion"]
        child = cluster.core("configmaps", "child")
        await eventually(lambda: _condemned(cluster, child), what="the child is deleted first")
        assert await cluster.server.exists(cluster.sessions("probe"))
        await cluster.release(child)
        await eventually(lambda: _session_gone(cluster), what="the owner goes after its child")

    async def test_orphans(self, cluster: Cluster) -> None:
        """With `Orphan` the children stay, without an owner."""
        await _family(cluster)
        await cluster.server.call("DELETE", cluster.sessions("probe"), {"propagationPolicy": "Orphan"})
        await eventually(lambda: _session_gone(cluster), what="the owner goes once its children are released")
        child = (await cluster.server.call("GET", cluster.core("configmaps", "child"))).body
        assert "ownerReferences" not in child["metadata"]
        assert "deletionTimestamp" not in child["metadata"]

    async def test_a_namespace_goes_with_all_that_is_in_it(self, cluster: Cluster) -> None:
        """While something is held in it a namespace is Terminating and takes nothing new; then it is gone."""
        async with cluster.another_namespace() as other:
            sessions, place = cluster.sessions(namespace=other), f"{NAMESPACES}/{other}"
            await cluster.server.made(sessions, session("held", finalizers=[FINALIZER]))
            await cluster.server.made(sessions, session("free"))
            await cluster.server.call("DELETE", place)
            found = (await cluster.server.call("GET", place)).body
            assert found["status"]["phase"] == "Terminating"
            refused = await cluster.server.call("POST", sessions, session("late"))
            assert refused.refusal == (403, "Forbidden")
            assert refused.causes == {"metadata.namespace": "NamespaceTerminating"}
            assert f"in namespace {other} because it is being terminated" in refused.body["message"]
            await eventually(lambda: _condemned(cluster, f"{sessions}/held"), what="the held session is deleted")
            await cluster.release(f"{sessions}/held")
            await eventually(lambda: _absent(cluster, place), what="the namespace goes")
            assert names(await cluster.server.listed(sessions)) == []


async def _family(
    cluster: Cluster, *, finalizers: list[str] | None = None, child_finalizers: list[str] | None = None
) -> None:
    """Makes a session `probe` that owns a ConfigMap `child`."""
    owner = await cluster.session("probe", finalizers=finalizers or [])
    child: Obj = config_map(owner=owner, finalizers=child_finalizers or [])
    await cluster.server.made(cluster.core("configmaps"), child)


async def _absent(cluster: Cluster, path: str) -> bool:
    return (await cluster.server.call("GET", path)).status == 404


async def _gone(cluster: Cluster, name: str) -> bool:
    return await _absent(cluster, cluster.core("configmaps", name))


async def _session_gone(cluster: Cluster) -> bool:
    return await _absent(cluster, cluster.sessions("probe"))


async def _condemned(cluster: Cluster, path: str) -> bool:
    return "deletionTimestamp" in (await cluster.server.call("GET", path)).body["metadata"]
