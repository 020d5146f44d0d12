from typing import Any

import pytest

from prober.adapters.kubernetes.children import belongs
from prober.adapters.kubernetes.resources import KASM
from prober.domain.errors import TargetFailed
from prober.domain.reasons import Reason
from prober.domain.session import SessionRef
from tests.adapters.kubernetes.conftest import Gate, KubeWorld, pod
from tests.contracts.sessions import NAMESPACE, request

REF = SessionRef(namespace="vdi", name="probe-x", uid="u-1")
OURS = {"kind": "VDISession", "name": "probe-x", "uid": "u-1"}
THEIRS = {"kind": "VDISession", "name": "probe-x", "uid": "u-0"}
REPLICA_SET = {"kind": "ReplicaSet", "name": "probe-x", "uid": "r-1"}


@pytest.mark.parametrize(
    ("metadata", "ours"),
    [
        pytest.param({"name": "a", "ownerReferences": [OURS]}, True, id="our uid, any name"),
        pytest.param({"name": "probe-x", "ownerReferences": [THEIRS]}, False, id="our name, an earlier uid"),
        pytest.param({"name": "probe-x", "ownerReferences": [REPLICA_SET]}, True, id="our name, no session owns it"),
        pytest.param({"name": "probe-x"}, True, id="our name"),
        pytest.param({"name": "vdi-data-probe-x"}, True, id="the volume's name"),
        pytest.param({"name": "probe-x-1"}, False, id="a longer name"),
        pytest.param({"name": "a", "labels": {"vdi.kasm.io/session": "probe-x"}}, True, id="our label"),
        pytest.param({"name": "a", "labels": {"vdi.kasm.io/session": "b"}}, False, id="another's label"),
        pytest.param({"name": "a", "labels": None, "ownerReferences": None}, False, id="nothing"),
    ],
)
def test_what_belongs_to_a_session(metadata: dict[str, Any], *, ours: bool) -> None:
    """The owner's uid decides; without a session as owner the name does, then the label."""
    assert belongs(metadata, REF, platform=KASM) is ours


async def test_all_kinds_are_listed(world: KubeWorld) -> None:
    """Pods, volumes, services and routes are found, strangers are not."""
    ref = (await world.sessions.create(request())).ref
    world.add("pods", pod(ref.name, owner=ref))
    world.add("pods", pod("a-stranger"))
    port = {"ports": [{"port": 8080}]}
    world.add("services", {"metadata": {"name": ref.name}, "spec": port})
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    world.add("persistentvolumeclaims", {"metadata": {"name": f"vdi-data-{ref.name}"}, "spec": claim})
    route = {"metadata": {"name": "r", "labels": {"vdi.kasm.io/session": ref.name}}, "spec": {"routes": []}}
    typed = {"apiVersion": "traefik.io/v1alpha1", "kind": "IngressRoute", **route}
    world.add("ingressroutes", typed, group="traefik.io", version="v1alpha1")
    children = await world.sessions.children(ref)
    assert children.gaps == ()
    assert [str(child) for child in children.found] == [
        f"Pod/{ref.name}",
        f"PersistentVolumeClaim/vdi-data-{ref.name}",
        f"Service/{ref.name}",
        "IngressRoute/r",
    ]


async def test_what_may_not_be_listed_is_a_gap(world: KubeWorld, gate: Gate) -> None:
    """A missing permission or kind is stated; the others are found all the same."""
    ref = (await world.sessions.create(request())).ref
    world.add_child(ref)
    gate.refuse("GET", "/services", 403, message="forbidden")
    gate.refuse("GET", "/ingressroutes", 404, message="the server could not find the requested resource")
    children = await world.sessions.children(ref)
    assert [child.kind for child in children.found] == ["Pod"]
    assert children.gaps == ("Service: forbidden", "IngressRoute: not served")


async def test_a_server_that_fails_proves_nothing(world: KubeWorld, gate: Gate) -> None:
    """A kind that could not be listed for another cause is a fault, never "nothing found"."""
    gate.refuse("GET", f"/namespaces/{NAMESPACE}/pods", 500, message="etcd timed out")
    with pytest.raises(TargetFailed, match="listing pods was refused: etcd timed out") as caught:
        await world.sessions.children(REF)
    assert caught.value.fault.reason is Reason.API_UNREACHABLE
