"""What a real API server does beyond what the embedded one can; each test names the limit that says so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prober.lab.kube.limits import Limit
from tests.contracts.kubernetes_api.cluster import Cluster, config_map, lacking, pod, session
from tests.contracts.kubernetes_api.server import STRATEGIC_PATCH, Obj, Server, eventually

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"
CHILDREN = 40
"""More than a garbage collector with the default rate of 20 requests a second is done with in a second."""

PROTOBUF = "application/vnd.kubernetes.protobuf"
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


class Beyond:
    """Where the embedded server ends."""

    @lacking(Limit.QUOTA)
    async def test_quotas(self, cluster: Cluster) -> None:
        """A quota can be set."""
        quota = {"metadata": {"name": "few"}, "spec": {"hard": {"count/vdisessions.vdi.kasm.io": "1"}}}
        await cluster.server.made(cluster.core("resourcequotas"), quota)

    @lacking(Limit.ADMISSION)
    async def test_policies(self, cluster: Cluster) -> None:
        """A policy of one's own can be brought; it is not bound here, so that it hurts nobody."""
        name = f"{cluster.namespace}.example.com"
        rule = {"apiGroups": ["example.com"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]}
        spec = {"matchConstraints": {"resourceRules": [rule]}, "validations": [{"expression": "true"}]}
        body = {"metadata": {"name": name}, "spec": spec}
        reply = await cluster.server.call("POST", POLICIES, body, query={"dryRun": "All"})
        assert reply.status == 201, reply.text

    @lacking(Limit.CLAIM_PROTECTION)
    async def test_claims_are_protected(self, cluster: Cluster) -> None:
        """A claim has a finalizer from its beginning; who takes it off is a controller."""
        claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        body = {"metadata": {"name": "home"}, "spec": claim}
        made = await cluster.server.made(cluster.core("persistentvolumeclaims"), body)
        assert made["metadata"].get("finalizers") == ["kubernetes.io/pvc-protection"]

    @lacking(Limit.GRACEFUL_DELETION)
    async def test_a_node_keeps_its_pod_for_a_while(self, cluster: Cluster) -> None:
        """A deleted Pod of a node waits for its kubelet, unless the grace period is set to nothing."""
        path = cluster.core("pods", "pod")
        await cluster.server.made(cluster.core("pods"), pod(nodeName="nobody.example.com"))
        await cluster.server.call("DELETE", path)
        held = await cluster.server.call("GET", path)
        assert held.status == 200
        assert held.body["metadata"]["deletionGracePeriodSeconds"] == 30
        await cluster.server.call("DELETE", path, {"gracePeriodSeconds": 0})
        assert not await cluster.server.exists(path)

    @lacking(Limit.LATE_COLLECTION)
    async def test_children_outlive_their_owner(self, cluster: Cluster) -> None:
        """Of many children at least one is still there when the deletion of their owner is answered."""
        owner = await cluster.session()
        bodies = [config_map(f"child-{number}", owner=owner, labels={"of": "probe"}) for number in range(CHILDREN)]
        await asyncio.gather(*(cluster.server.made(cluster.core("configmaps"), body) for body in bodies))
        await cluster.server.call("DELETE", cluster.sessions("probe"))
        left = await cluster.server.listed(cluster.core("configmaps"), labelSelector="of=probe")
        assert left["items"]

    @lacking(Limit.BUILT_IN_RULES)
    async def test_built_in_objects_are_checked(self, cluster: Cluster) -> None:
        """A container's name must be a DNS label."""
        refused = await cluster.server.call("POST", cluster.core("pods"), pod(containers=("Not_a_label",)))
        assert refused.status == 422
        assert refused.causes == {"spec.containers[0].name": "FieldValueInvalid"}

    @lacking(Limit.BUILT_IN_RULES)
    async def test_built_in_objects_are_completed(self, cluster: Cluster) -> None:
        """A Service has an address of its own."""
        body = {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 8080}]}}
        made = await cluster.server.made(cluster.core("services"), body)
        assert made["spec"].get("clusterIP")

    @lacking(Limit.EXPRESSIONS)
    async def test_rules_in_cel(self, cluster: Cluster) -> None:
        """A CRD's own rules are kept."""
        async with _things(cluster) as (group, _):
            body = _thing(group, version="v1", size=8)
            refused = await cluster.server.call("POST", _path(cluster, group, "v1"), body)
        assert refused.status == 422
        assert "no more than seven" in refused.body["message"]

    @lacking(Limit.VERSIONS)
    async def test_several_versions(self, cluster: Cluster) -> None:
        """An object that was made at one version is read at another."""
        async with _things(cluster) as (group, _):
            made = await cluster.server.call("POST", _path(cluster, group, "v1"), _thing(group, version="v1", size=1))
            assert made.status == 201
            read = await cluster.server.call("GET", f"{_path(cluster, group, 'v1beta1')}/thing")
            assert read.status == 200
        assert read.body["apiVersion"] == f"{group}/v1beta1"

    @lacking(Limit.SERVER_SIDE_APPLY)
    async def test_server_side_apply(self, cluster: Cluster) -> None:
        """An apply patch makes or changes an object, and notes who wanted which field."""
        query = {"fieldManager": "tester"}
        body = session("probe")
        path = cluster.sessions("probe")
        reply = await cluster.server.call("PATCH", path, body, query=query, kind="application/apply-patch+yaml")
        assert reply.status == 201
        assert [entry["manager"] for entry in reply.body["metadata"]["managedFields"]] == ["tester"]

    @lacking(Limit.PATCH_DIRECTIVES)
    async def test_patch_directives(self, cluster: Cluster) -> None:
        """A strategic merge patch may say that a map is to be replaced."""
        await cluster.server.made(cluster.core("configmaps"), config_map(labels={"a": "1"}))
        patch = {"metadata": {"labels": {"$patch": "replace", "b": "2"}}}
        path = cluster.core("configmaps", "child")
        changed = await cluster.server.patched(path, patch, kind=STRATEGIC_PATCH)
        assert changed["metadata"]["labels"] == {"b": "2"}

    @lacking(Limit.COLLECTION_DELETION)
    async def test_a_collection_can_be_deleted(self, cluster: Cluster) -> None:
        """One request deletes what a selector chooses."""
        for name, label in (("a", "x"), ("b", "y")):
            await cluster.session(name, labels={"tier": label})
        reply = await cluster.server.call("DELETE", cluster.sessions(), query={"labelSelector": "tier=x"})
        assert reply.status == 200
        assert [one["metadata"]["name"] for one in (await cluster.server.listed(cluster.sessions()))["items"]] == ["b"]

    @lacking(Limit.AGGREGATED_DISCOVERY)
    async def test_aggregated_discovery(self, cluster: Cluster) -> None:
        """All groups with all resources come in one document."""
        reply = await cluster.server.call("GET", "/apis", accept=AGGREGATED)
        assert reply.body.get("kind") == "APIGroupDiscoveryList"

    @lacking(Limit.PROTOBUF)
    async def test_protobuf(self, cluster: Cluster) -> None:
        """Built-in objects are had as protobuf, too."""
        reply = await cluster.server.call("GET", cluster.core("pods"), accept=PROTOBUF)
        assert (reply.status, reply.text[:3]) == (200, "k8s")

    @lacking(Limit.FAIRNESS)
    async def test_priority_and_fairness(self, cluster: Cluster) -> None:
        """Each answer names the flow schema that its request was queued by."""
        reply = await cluster.server.call("GET", cluster.sessions())
        assert "X-Kubernetes-Pf-Flowschema-Uid" in reply.headers


@asynccontextmanager
async def _things(cluster: Cluster) -> AsyncIterator[tuple[str, Server]]:
    """Defines a kind of two versions with a rule of its own, for as long as the test needs it."""
    group = f"{cluster.namespace}.example.com"
    body = _definition(group)
    await cluster.server.made(CRDS, body)
    path = f"{CRDS}/{body['metadata']['name']}"
    try:
        await eventually(lambda: _served(cluster, group), what="the new kind is served")
        yield group, cluster.server
    finally:
        await asyncio.shield(cluster.server.call("DELETE", path))


def _definition(group: str) -> Obj:
    rule = {"rule": "self <= 7", "message": "no more than seven"}
    spec = {"type": "object", "properties": {"size": {"type": "integer", "x-kubernetes-validations": [rule]}}}
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}
    versions = [{"name": name, "served": True, "storage": name == "v1", "schema": schema} for name in ("v1", "v1beta1")]
    named = {"plural": "things", "kind": "Thing", "singular": "thing", "listKind": "ThingList"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"things.{group}"},
        "spec": {"group": group, "scope": "Namespaced", "names": named, "versions": versions},
    }


def _thing(group: str, *, version: str, size: int) -> Obj:
    return {
        "apiVersion": f"{group}/{version}",
        "kind": "Thing",
        "metadata": {"name": "thing"},
        "spec": {"size": size},
    }


def _path(cluster: Cluster, group: str, version: str) -> str:
    return f"/apis/{group}/{version}/namespaces/{cluster.namespace}/things"


async def _served(cluster: Cluster, group: str) -> bool:
    return (await cluster.server.call("GET", _path(cluster, group, "v1"))).status == 200
