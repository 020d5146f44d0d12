from typing import Any

import pytest
from aiohttp import web

from prober.adapters.kubernetes.api import ApiServer
from prober.adapters.kubernetes.discovery import Discovery
from prober.adapters.kubernetes.refusals import Refusal
from prober.adapters.kubernetes.resources import INGRESS_ROUTES, PODS, Resource, ResourceName
from tests.adapters.kubernetes.conftest import Answer, Gate

WIDGETS = ResourceName(plural="widgets", group="example.com")
GROUP = {"versions": [{"version": "v1beta1"}, {"version": "v1"}], "preferredVersion": {"version": "v1"}}
WIDGET = {"name": "widgets", "kind": "Widget", "namespaced": True, "verbs": ["get", "list"]}


def says(body: dict[str, Any]) -> Answer:
    """Returns an answer of the API server."""

    async def answer(_: web.Request) -> web.Response:
        return web.json_response(body)

    return answer


@pytest.fixture
def discovery(api: ApiServer) -> Discovery:
    """What is tested, new."""
    return Discovery(api)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("pods", ResourceName(plural="pods")),
        ("ingressroutes.traefik.io", ResourceName(plural="ingressroutes", group="traefik.io")),
    ],
    ids=["core group", "a group"],
)
def test_names_are_kubectls(text: str, name: ResourceName) -> None:
    """A kind is spelled as kubectl spells it, back and forth."""
    assert ResourceName.parse(text) == name
    assert str(name) == text


async def test_well_known_kinds_need_no_discovery(discovery: Discovery, gate: Gate) -> None:
    """No request is made for what every platform of this kind has."""
    assert await discovery.find(PODS.name) == PODS
    assert await discovery.find(INGRESS_ROUTES.name) == INGRESS_ROUTES
    assert gate.requests == []


async def test_a_core_kind_is_found(discovery: Discovery) -> None:
    """Kinds without a group are found in the one version that they have."""
    assert await discovery.find(ResourceName.parse("configmaps")) == Resource(kind="ConfigMap", plural="configmaps")


async def test_the_preferred_version_comes_first(discovery: Discovery, gate: Gate) -> None:
    """The kind is spoken of in the group's preferred version, and looked up once."""
    gate.answer("GET", "/apis/example.com", says(GROUP))
    gate.answer("GET", "/apis/example.com/v1", says({"resources": [WIDGET]}))
    wanted = Resource(kind="Widget", plural="widgets", group="example.com", version="v1")
    assert [await discovery.find(WIDGETS), await discovery.find(WIDGETS)] == [wanted, wanted]
    assert gate.requests == ["GET /apis/example.com", "GET /apis/example.com/v1"]


@pytest.mark.parametrize(
    "preferred",
    [{"resources": []}, {"resources": [{**WIDGET, "verbs": ["create"]}]}, {"resources": None}],
    ids=["without the kind", "without lists of it", "without sense"],
)
async def test_another_version_will_do(discovery: Discovery, gate: Gate, preferred: dict[str, Any]) -> None:
    """A kind that the preferred version does not have is taken from another one; it may be without namespaces."""
    gate.answer("GET", "/apis/example.com", says(GROUP))
    gate.answer("GET", "/apis/example.com/v1", says(preferred))
    gate.answer("GET", "/apis/example.com/v1beta1", says({"resources": [{**WIDGET, "namespaced": False}]}))
    found = await discovery.find(WIDGETS)
    assert isinstance(found, Resource)
    assert found.version == "v1beta1"
    assert found.path("vdi") == "/apis/example.com/v1beta1/widgets"


async def test_a_kind_that_is_not_served(discovery: Discovery, gate: Gate) -> None:
    """It is said to be missing, and is not asked for with each look."""
    for _ in range(3):
        found = await discovery.find(WIDGETS)
        assert isinstance(found, Refusal)
        assert (found.code, found.message) == (404, "the API server serves no widgets.example.com")
    assert gate.requests == ["GET /apis/example.com"]


async def test_a_kind_that_is_installed_later_is_found(
    discovery: Discovery, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while a missing kind is asked for again."""
    monkeypatch.setattr("prober.adapters.kubernetes.discovery.ASK_AGAIN_S", 0.0)
    assert isinstance(await discovery.find(WIDGETS), Refusal)
    gate.answer("GET", "/apis/example.com", says(GROUP))
    gate.answer("GET", "/apis/example.com/v1", says({"resources": [WIDGET]}))
    assert isinstance(await discovery.find(WIDGETS), Resource)


@pytest.mark.parametrize("path", ["/apis/example.com", "/apis/example.com/v1"], ids=["group", "version"])
async def test_a_server_that_fails_is_asked_again(discovery: Discovery, gate: Gate, path: str) -> None:
    """What another refusal means is for the caller to say; it is not remembered."""
    gate.refuse("GET", path, 500, times=1, message="etcd timed out")
    gate.answer("GET", "/apis/example.com", says(GROUP))
    gate.answer("GET", "/apis/example.com/v1", says({"resources": [WIDGET]}))
    found = await discovery.find(WIDGETS)
    assert isinstance(found, Refusal)
    assert (found.code, found.message) == (500, "etcd timed out")
    assert isinstance(await discovery.find(WIDGETS), Resource)
