"""How objects change: optimistic locking, patches, the status subresource."""

from typing import Any

import pytest

from tests.contracts.kubernetes_api.cluster import Cluster, pod
from tests.contracts.kubernetes_api.server import JSON, JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, Obj

STATUS: Obj = {"status": {"phase": "Running", "url": "https://probe.example.com"}}


class Changing:
    """What a write changes, and when it is refused."""

    async def test_a_write_makes_a_new_version(self, cluster: Cluster) -> None:
        """A changed spec counts as a new generation; a changed label does not."""
        made = await cluster.session()
        labelled = await cluster.server.patched(cluster.sessions("probe"), {"metadata": {"labels": {"a": "1"}}})
        changed = await cluster.server.patched(cluster.sessions("probe"), {"spec": {"timeout": "1h"}})
        versions = [int(one["metadata"]["resourceVersion"]) for one in (made, labelled, changed)]
        assert versions == sorted(set(versions))
        assert [one["metadata"]["generation"] for one in (made, labelled, changed)] == [1, 1, 2]
        assert changed["metadata"]["uid"] == made["metadata"]["uid"]

    async def test_a_write_of_the_same_is_none(self, cluster: Cluster) -> None:
        """A patch that changes nothing makes no new version."""
        made = await cluster.session()
        same = await cluster.server.patched(cluster.sessions("probe"), {"spec": {"timeout": "8h"}})
        assert same["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]

    @pytest.mark.parametrize("method", ["PUT", "PATCH"], ids=str.lower)
    async def test_a_stale_write_conflicts(self, cluster: Cluster, method: str) -> None:
        """A write that is based on an older version is 409 Conflict."""
        stale = await cluster.session()
        await cluster.server.patched(cluster.sessions("probe"), {"spec": {"timeout": "1h"}})
        kind = JSON if method == "PUT" else MERGE_PATCH
        refused = await cluster.server.call(method, cluster.sessions("probe"), stale, kind=kind)
        assert refused.refusal == (409, "Conflict")
        assert refused.body["details"] == {"name": "probe", "group": "vdi.kasm.io", "kind": "vdisessions"}
        assert "the object has been modified" in refused.body["message"]

    async def test_put_needs_the_version(self, cluster: Cluster) -> None:
        """A custom object cannot be replaced unconditionally."""
        made = await cluster.session()
        del made["metadata"]["resourceVersion"]
        refused = await cluster.server.call("PUT", cluster.sessions("probe"), made)
        assert (refused.refusal, refused.causes) == (
            (422, "Invalid"),
            {"metadata.resourceVersion": "FieldValueInvalid"},
        )

    async def test_put_replaces(self, cluster: Cluster) -> None:
        """With the present version a replacement takes away what it does not have."""
        made = await cluster.session("probe", labels={"a": "1"})
        del made["metadata"]["labels"]
        made["spec"]["timeout"] = "1h"
        reply = await cluster.server.call("PUT", cluster.sessions("probe"), made)
        assert (reply.status, reply.body["spec"]["timeout"]) == (200, "1h")
        assert "labels" not in reply.body["metadata"]

    async def test_put_is_about_the_path(self, cluster: Cluster) -> None:
        """Another name than the path's is 400; another uid is 409."""
        made = await cluster.session()
        named = made | {"metadata": made["metadata"] | {"name": "other"}}
        identified = made | {"metadata": made["metadata"] | {"uid": "other"}}
        refused = [await cluster.server.call("PUT", cluster.sessions("probe"), body) for body in (named, identified)]
        assert [one.refusal for one in refused] == [(400, "BadRequest"), (409, "Conflict")]

    async def test_a_uid_cannot_be_patched(self, cluster: Cluster) -> None:
        """The identity of an object is immutable."""
        await cluster.session()
        patch = {"metadata": {"uid": "other"}}
        refused = await cluster.server.call("PATCH", cluster.sessions("probe"), patch, kind=MERGE_PATCH)
        assert (refused.refusal, refused.causes) == ((422, "Invalid"), {"metadata.uid": "FieldValueInvalid"})

    async def test_merge_patches(self, cluster: Cluster) -> None:
        """Objects merge, null removes, defaults come back."""
        await cluster.session("probe", labels={"a": "1", "b": "2"})
        patch = {"metadata": {"labels": {"a": None, "c": "3"}}, "spec": {"timeout": None, "resources": {"cpu": 2}}}
        changed = await cluster.server.patched(cluster.sessions("probe"), patch)
        assert changed["metadata"]["labels"] == {"b": "2", "c": "3"}
        assert (changed["spec"]["timeout"], changed["spec"]["resources"]) == ("8h", {"cpu": 2})

    async def test_json_patches(self, cluster: Cluster) -> None:
        """Operations are done in order, all or none."""
        await cluster.session()
        path = cluster.sessions("probe")
        good = [
            {"op": "test", "path": "/spec/timeout", "value": "8h"},
            {"op": "replace", "path": "/spec/timeout", "value": "1h"},
            {"op": "add", "path": "/metadata/labels", "value": {"a/b": "1"}},
        ]
        changed = await cluster.server.patched(path, good, kind=JSON_PATCH)
        assert (changed["spec"]["timeout"], changed["metadata"]["labels"]) == ("1h", {"a/b": "1"})
        bad = [{"op": "remove", "path": "/metadata/labels/a~1b"}, {"op": "test", "path": "/spec/timeout", "value": "x"}]
        assert (await cluster.server.call("PATCH", path, bad, kind=JSON_PATCH)).refusal == (422, "Invalid")
        assert (await cluster.server.call("GET", path)).body["metadata"]["labels"] == {"a/b": "1"}

    @pytest.mark.parametrize(
        ("patch", "kind", "refusal"),
        [
            pytest.param({"op": "remove"}, JSON_PATCH, (400, "BadRequest"), id="no list"),
            pytest.param([{"op": "jump", "path": "/a"}], JSON_PATCH, (422, "Invalid"), id="unknown operation"),
            pytest.param([{"op": "remove", "path": "/spec/nope"}], JSON_PATCH, (422, "Invalid"), id="nothing there"),
            pytest.param([{"op": "add", "path": "a", "value": 1}], JSON_PATCH, (422, "Invalid"), id="no pointer"),
            pytest.param("{", MERGE_PATCH, (400, "BadRequest"), id="no JSON"),
            pytest.param({}, JSON, (415, "UnsupportedMediaType"), id="no patch"),
            pytest.param({}, STRATEGIC_PATCH, (415, "UnsupportedMediaType"), id="strategic"),
        ],
    )
    async def test_bad_patches(self, cluster: Cluster, patch: Any, kind: str, refusal: tuple[int, str]) -> None:
        """What is no patch, or has nothing to work on, is refused; custom objects know no strategic merge."""
        await cluster.session()
        assert (await cluster.server.call("PATCH", cluster.sessions("probe"), patch, kind=kind)).refusal == refusal

    async def test_a_patch_is_validated(self, cluster: Cluster) -> None:
        """A patch cannot make an object invalid."""
        await cluster.session()
        patch = {"spec": {"timeout": 7}}
        refused = await cluster.server.call("PATCH", cluster.sessions("probe"), patch, kind=MERGE_PATCH)
        assert (refused.refusal, refused.causes) == ((422, "Invalid"), {"spec.timeout": "FieldValueTypeInvalid"})

    async def test_the_status_is_a_resource_of_its_own(self, cluster: Cluster) -> None:
        """A write of the status leaves the spec alone, and makes no new generation."""
        await cluster.session()
        body = STATUS | {"spec": {"timeout": "1h"}, "metadata": {"labels": {"a": "1"}}}
        written = await cluster.server.patched(f"{cluster.sessions('probe')}/status", body)
        assert written["status"] == STATUS["status"]
        assert (written["spec"]["timeout"], written["metadata"]["generation"]) == ("8h", 1)
        assert "labels" not in written["metadata"]

    async def test_the_status_is_only_there(self, cluster: Cluster) -> None:
        """A write of the object leaves the status alone."""
        await cluster.session()
        await cluster.server.patched(f"{cluster.sessions('probe')}/status", STATUS)
        body = {"status": {"phase": "Failed"}, "spec": {"timeout": "1h"}}
        written = await cluster.server.patched(cluster.sessions("probe"), body)
        assert (written["status"], written["spec"]["timeout"]) == (STATUS["status"], "1h")

    async def test_a_status_can_be_put(self, cluster: Cluster) -> None:
        """PUT of the status wants the present version, as of the object; GET of it gives the whole object."""
        made = await cluster.session()
        path = f"{cluster.sessions('probe')}/status"
        assert (await cluster.server.call("PUT", path, made | STATUS)).status == 200
        assert (await cluster.server.call("PUT", path, made | STATUS)).refusal == (409, "Conflict")
        assert (await cluster.server.call("GET", path)).body["spec"] == made["spec"]

    async def test_a_status_is_validated(self, cluster: Cluster) -> None:
        """A value outside a closed set is refused with the values that are supported."""
        await cluster.session()
        path, patch = f"{cluster.sessions('probe')}/status", {"status": {"phase": "Dreaming"}}
        refused = await cluster.server.call("PATCH", path, patch, kind=MERGE_PATCH)
        assert (refused.refusal, refused.causes) == ((422, "Invalid"), {"status.phase": "FieldValueNotSupported"})
        assert 'supported values: "Pending", "Creating"' in refused.body["message"]

    async def test_a_pods_conditions_merge_by_type(self, cluster: Cluster) -> None:
        """Built-in kinds take strategic merge patches, as kubelets send them."""
        await cluster.server.made(cluster.core("pods"), pod())
        path = f"{cluster.core('pods', 'pod')}/status"
        for conditions in ({"type": "Ready", "status": "False"}, {"type": "Custom", "status": "True"}):
            body = {"status": {"phase": "Running", "conditions": [conditions]}}
            written = await cluster.server.patched(path, body, kind=STRATEGIC_PATCH)
        found = {one["type"]: one["status"] for one in written["status"]["conditions"]}
        assert found.items() >= {"Ready": "False", "Custom": "True"}.items()
        assert written["status"]["phase"] == "Running"
