from typing import Any

import pytest
from aiohttp import web

from prober.adapters.kubernetes.api import ApiServer
from prober.adapters.kubernetes.children import tie_of
from prober.adapters.kubernetes.paging import MOST_BEGINNINGS, PAGE
from prober.adapters.kubernetes.resources import KASM, Platform, ResourceName
from prober.adapters.kubernetes.sessions import KubernetesSessions
from prober.domain.errors import TargetFailed
from prober.domain.reasons import Reason
from prober.domain.session import SessionRef, Tie
from tests.adapters.kubernetes.conftest import Gate, KubeWorld, pod
from tests.contracts.sessions import NAMESPACE, request

REF = SessionRef(namespace="vdi", name="probe-x", uid="u-1")
VDI = "vdi.kasm.io/v1alpha1"
OURS = {"apiVersion": VDI, "kind": "VDISession", "name": "probe-x", "uid": "u-1"}
LATER_VERSION = {**OURS, "apiVersion": "vdi.kasm.io/v1", "uid": "u-0"}
THEIRS = {**OURS, "uid": "u-0"}
NAMESAKE = {**THEIRS, "apiVersion": "example.com/v1"}
REPLICA_SET = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "probe-x", "uid": "r-1"}
LABELLED = {"vdi.kasm.io/session": "probe-x"}
PODS_ONLY = Platform(children=(ResourceName(plural="pods"),))


@pytest.mark.parametrize(
    ("metadata", "tie"),
    [
        pytest.param({"name": "a", "ownerReferences": [OURS]}, Tie.OWNER, id="our uid, any name"),
        pytest.param({"name": "a", "ownerReferences": [REPLICA_SET, OURS]}, Tie.OWNER, id="our uid among others"),
        pytest.param({"name": "probe-x", "ownerReferences": [THEIRS]}, None, id="our name, an earlier uid"),
        pytest.param({"name": "a", "labels": LABELLED, "ownerReferences": [THEIRS]}, None, id="our label, another's"),
        pytest.param({"name": "probe-x", "ownerReferences": [LATER_VERSION]}, None, id="our name, owned in a version"),
        pytest.param({"name": "probe-x", "ownerReferences": [REPLICA_SET]}, Tie.NAME, id="our name, no session's"),
        pytest.param({"name": "probe-x", "ownerReferences": [NAMESAKE]}, Tie.NAME, id="our name, a namesake's kind"),
        pytest.param({"name": "probe-x", "labels": LABELLED}, Tie.NAME, id="our name"),
        pytest.param({"name": "vdi-data-probe-x"}, Tie.NAME, id="the volume's name"),
        pytest.param({"name": "probe-x-1"}, None, id="a longer name"),
        pytest.param({"name": "a", "labels": LABELLED}, Tie.LABEL, id="our label"),
        pytest.param({"name": "a", "labels": {"vdi.kasm.io/session": "b"}}, None, id="another's label"),
        pytest.param({"name": "a", "labels": None, "ownerReferences": None}, None, id="nothing"),
    ],
)
def test_what_belongs_to_a_session(metadata: dict[str, Any], tie: Tie | None) -> None:
    """The owner's uid decides; without a session as owner the name does, then the label."""
    assert tie_of(metadata, REF, platform=KASM) is tie


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
    assert [(str(child), child.tie) for child in children.found] == [
        (f"Pod/{ref.name}", Tie.OWNER),
        (f"PersistentVolumeClaim/vdi-data-{ref.name}", Tie.NAME),
        (f"Service/{ref.name}", Tie.NAME),
        ("IngressRoute/r", Tie.LABEL),
    ]


async def test_what_may_not_be_listed_is_a_gap(world: KubeWorld, gate: Gate) -> None:
    """A missing permission or kind is stated, with what would mend it; the others are found all the same."""
    ref = (await world.sessions.create(request())).ref
    world.add_child(ref)
    gate.refuse("GET", "/services", 403, message="forbidden")
    gate.refuse("GET", "/ingressroutes", 404, message="the server could not find the requested resource")
    gate.refuse("GET", "/apis/traefik.io", 404, message="the server could not find the requested resource")
    children = await world.sessions.children(ref)
    assert [child.kind for child in children.found] == ["Pod"]
    assert children.gaps == (
        f"services: forbidden (needs list on services in namespace {NAMESPACE})",
        "ingressroutes.traefik.io: not served",
    )


async def test_a_version_that_is_served_no_more_is_discovered_anew(world: KubeWorld, gate: Gate) -> None:
    """A kind that answers 404 is looked up once, and asked for once more."""
    ref = (await world.sessions.create(request())).ref
    gate.refuse("GET", "/ingressroutes", 404, times=1, message="the server could not find the requested resource")
    children = await world.sessions.children(ref)
    assert children.gaps == ()
    asked = [asked for asked in gate.requests if "traefik.io" in asked]
    assert asked == [
        f"GET /apis/traefik.io/v1alpha1/namespaces/{NAMESPACE}/ingressroutes",
        "GET /apis/traefik.io",
        "GET /apis/traefik.io/v1alpha1",
        f"GET /apis/traefik.io/v1alpha1/namespaces/{NAMESPACE}/ingressroutes",
    ]


async def test_a_discovered_version_that_fails_too_is_a_gap(world: KubeWorld, gate: Gate) -> None:
    """A path that is not served although the API server says so ends the search."""
    gate.refuse("GET", "/ingressroutes", 404, message="the server could not find the requested resource")
    assert (await world.sessions.children(REF)).gaps == ("ingressroutes.traefik.io: not served",)


async def test_a_kind_of_a_configurations_own(world: KubeWorld, api: ApiServer) -> None:
    """A kind that is not well known is discovered: its objects are found by the name that they have in its version."""
    ref = (await world.sessions.create(request())).ref
    world.add("configmaps", {"metadata": {"name": f"settings-{ref.name}"}, "data": {}})
    platform = Platform(children=(ResourceName.parse("configmaps"),), child_names=("settings-{session}",))
    children = await KubernetesSessions(api, platform=platform).children(ref)
    assert [str(child) for child in children.found] == [f"ConfigMap/settings-{ref.name}"]


async def test_a_kind_without_namespaces_is_a_gap(api: ApiServer, gate: Gate) -> None:
    """What lives in no namespace is no session's, and no Role could permit it: it is not listed, which is said."""
    platform = Platform(children=(ResourceName.parse("vditemplates.vdi.kasm.io"),))
    (gap,) = (await KubernetesSessions(api, platform=platform).children(REF)).gaps
    assert gap.startswith("vditemplates.vdi.kasm.io: not looked at, its objects live in no namespace")
    assert not [asked for asked in gate.requests if asked.endswith("/vditemplates")]


async def test_discovery_that_is_forbidden_is_a_gap(world: KubeWorld, api: ApiServer, gate: Gate) -> None:
    """Where an administrator took discovery away, the gap says so."""
    del world
    gate.refuse("GET", "/apis/example.com", 403, message="forbidden")
    platform = Platform(children=(ResourceName.parse("widgets.example.com"),))
    (gap,) = (await KubernetesSessions(api, platform=platform).children(REF)).gaps
    assert gap == "widgets.example.com: forbidden (needs get on the API server's discovery documents)"


async def test_a_server_that_fails_proves_nothing(world: KubeWorld, gate: Gate) -> None:
    """A kind that could not be listed for another cause is a fault, never "nothing found"."""
    gate.refuse("GET", f"/namespaces/{NAMESPACE}/pods", 500, message="etcd timed out")
    with pytest.raises(TargetFailed, match="listing pods was refused: etcd timed out") as caught:
        await world.sessions.children(REF)
    assert caught.value.fault.reason is Reason.API_UNREACHABLE


class Pages:
    """Pods in pages of one, of which a list may expire.

    Attributes:
        asked: The queries, in order.
    """

    def __init__(self, *names: str, expires: int = 0) -> None:
        self.asked: list[dict[str, str]] = []
        self._names = names
        self._expires = expires

    async def answer(self, asked: web.Request) -> web.Response:
        """Answers one page."""
        self.asked.append(dict(asked.query))
        number = int(asked.query.get("continue", "0"))
        if number and self._expires > 0:
            self._expires -= 1
            body = {"kind": "Status", "code": 410, "reason": "Expired", "message": "the list has expired"}
            return web.json_response(body, status=410)
        more = {"continue": str(number + 1)} if number + 1 < len(self._names) else {}
        return web.json_response({"metadata": more, "items": [{"metadata": {"name": self._names[number]}}]})


async def test_a_crowded_namespace_is_read_in_pages(api: ApiServer, gate: Gate) -> None:
    """Thousands of Pods come in answers of bounded size, each page once."""
    pages = Pages("a", "probe-x", "b")
    gate.answer("GET", "/pods", pages.answer)
    children = await KubernetesSessions(api, platform=PODS_ONLY).children(REF)
    assert [child.name for child in children.found] == ["probe-x"]
    limit = {"limit": str(PAGE)}
    assert pages.asked == [limit, {**limit, "continue": "1"}, {**limit, "continue": "2"}]


async def test_only_metadata_are_asked_for(api: ApiServer, gate: Gate) -> None:
    """What is not looked at need not be sent; a server that knows no such list may send it whole."""
    accepted: list[str] = []

    async def answer(asked: web.Request) -> web.Response:
        accepted.append(asked.headers["Accept"])
        return web.json_response({"items": []})

    gate.answer("GET", "/pods", answer)
    await KubernetesSessions(api, platform=PODS_ONLY).children(REF)
    assert accepted == ["application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"]


async def test_a_list_that_expires_is_begun_anew(api: ApiServer, gate: Gate) -> None:
    """Nothing is missed, and nothing counted twice."""
    pages = Pages("probe-x", "b", expires=1)
    gate.answer("GET", "/pods", pages.answer)
    children = await KubernetesSessions(api, platform=PODS_ONLY).children(REF)
    assert [child.name for child in children.found] == ["probe-x"]


async def test_a_list_that_always_expires_proves_nothing(api: ApiServer, gate: Gate) -> None:
    """The beginnings are bounded, and what could not be read to its end is a fault."""
    pages = Pages("probe-x", "b", expires=99)
    gate.answer("GET", "/pods", pages.answer)
    with pytest.raises(TargetFailed, match="the list has expired"):
        await KubernetesSessions(api, platform=PODS_ONLY).children(REF)
    assert len(pages.asked) == 2 * MOST_BEGINNINGS
