"""Templates over HTTPS, against the lab's API with a gate in front of it."""

from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web

from prober.adapters.kubernetes.api import ApiServer
from prober.adapters.kubernetes.paging import MOST_BEGINNINGS, MOST_PAGES
from prober.adapters.kubernetes.templates import KubernetesTemplates
from prober.domain.errors import TargetFailed
from prober.domain.reasons import Reason
from prober.lab.kube.operations import Key
from prober.lab.kube.resources import Resource
from prober.lab.kube.server import KubeApi
from tests.adapters.kubernetes.conftest import Gate, cut
from tests.contracts.templates import TemplatesContract

PATH = "/vditemplates"


@dataclass
class KubeOffers:
    """The lab's API, from the administrator's side."""

    templates: KubernetesTemplates
    kube: KubeApi
    gate: Gate

    async def offer(self, name: str, **labels: str) -> str:
        body = {"metadata": {"name": name, "labels": labels}, "spec": {"image": "desktop:1"}}
        kind = {"apiVersion": "vdi.kasm.io/v1alpha1", "kind": "VDITemplate"}
        self.kube.store.create(self.resource, body={**kind, **body})
        return name

    async def withdraw(self, name: str) -> None:
        self.kube.store.delete(self.key(name))

    async def lose_api(self) -> None:
        self.gate.answer("GET", PATH, cut)

    @property
    def resource(self) -> Resource:
        """Where templates are kept."""
        found = self.kube.store.catalog.find("vditemplates", group="vdi.kasm.io", version="v1alpha1")
        assert found is not None
        return found

    def key(self, name: str) -> Key:
        """Returns a template's key."""
        return Key(resource=self.resource, name=name, namespace="")


@pytest.fixture
def offers(api: ApiServer, kube: KubeApi, gate: Gate) -> KubeOffers:
    """The lab's API without templates, listed three at a time."""
    return KubeOffers(templates=KubernetesTemplates(api, page=3), kube=kube, gate=gate)


class TestKubernetesTemplates(TemplatesContract):
    """The adapter passes the suite of its port."""


def listing(*items: dict[str, Any], following: str = "") -> web.Response:
    metadata = {"resourceVersion": "1"} | ({"continue": following} if following else {})
    return web.json_response({"kind": "VDITemplateList", "metadata": metadata, "items": list(items)})


async def test_pages_follow_one_another(offers: KubeOffers, gate: Gate) -> None:
    """Each page is asked for with the last one's token and the same selector, until there is none."""
    queries: list[dict[str, str]] = []

    async def page(asked: web.Request) -> web.Response:
        queries.append(dict(asked.query))
        last = "continue" in asked.query
        return listing({"metadata": {"name": "b" if last else "a"}}, following="" if last else "to-b")

    gate.answer("GET", PATH, page)
    assert list(await offers.templates.names(selector="tier in (gold)")) == ["a", "b"]
    first = {"limit": "3", "labelSelector": "tier in (gold)"}
    assert queries == [first, {**first, "continue": "to-b"}]


async def test_a_list_without_end_is_no_answer(offers: KubeOffers, gate: Gate) -> None:
    """An API server that always has a further page is not followed for ever."""

    async def page(_: web.Request) -> web.Response:
        return listing({"metadata": {"name": "a"}}, following="more")

    gate.answer("GET", PATH, page)
    with pytest.raises(TargetFailed, match=f"more than {MOST_PAGES} pages"):
        await offers.templates.names()
    assert len(gate.requests) == MOST_PAGES


async def test_a_list_that_breaks_off_is_a_fault(offers: KubeOffers, gate: Gate) -> None:
    """A token that expired between two pages makes no short list."""
    for number in range(5):
        await offers.offer(f"t{number}")

    async def first(_: web.Request) -> web.Response:
        return listing({"metadata": {"name": "a"}}, following="more")

    for _ in range(MOST_BEGINNINGS):
        gate.answer("GET", PATH, first, times=1)
        gate.refuse("GET", PATH, 410, reason="Expired", message="The provided continue parameter is too old", times=1)
    with pytest.raises(TargetFailed, match="too old"):
        await offers.templates.names()


@pytest.mark.parametrize("body", [{}, {"items": {}}, {"kind": "Status"}], ids=["empty", "mapping", "no list"])
async def test_what_is_no_list_is_no_empty_list(offers: KubeOffers, gate: Gate, body: dict[str, Any]) -> None:
    """A 200 of something else than a list does not read as: there are no templates."""

    async def odd(_: web.Request) -> web.Response:
        return web.json_response(body)

    gate.answer("GET", PATH, odd)
    with pytest.raises(TargetFailed, match="gave no list") as caught:
        await offers.templates.names()
    assert caught.value.fault.reason is Reason.API_UNREACHABLE


async def test_what_is_being_deleted_is_left_out(offers: KubeOffers, gate: Gate) -> None:
    """A template that only its finalizer keeps takes no more sessions."""

    async def page(_: web.Request) -> web.Response:
        return listing(
            {"metadata": {"name": "a"}}, {"metadata": {"name": "b", "deletionTimestamp": "2026-11-22T09:00:00Z"}}
        )

    gate.answer("GET", PATH, page)
    assert list(await offers.templates.names()) == ["a"]


async def test_a_missing_permission_is_named(offers: KubeOffers, gate: Gate) -> None:
    """A 403 says which verb on what is needed, and that a namespaced role does not give it."""
    gate.refuse("GET", PATH, 403, reason="Forbidden", message="vditemplates is forbidden")
    with pytest.raises(TargetFailed, match=r"list on vditemplates\.vdi\.kasm\.io in the whole cluster") as caught:
        await offers.templates.names()
    assert caught.value.fault.reason is Reason.RBAC_DENIED


@pytest.mark.parametrize(
    ("code", "reason"),
    [(404, Reason.CRD_MISSING), (503, Reason.API_UNREACHABLE), (400, Reason.ADMISSION_REJECTED)],
    ids=["no such resource", "unavailable", "bad selector"],
)
async def test_other_refusals(offers: KubeOffers, gate: Gate, code: int, reason: Reason) -> None:
    """Whatever refuses is a fault, also a platform that has no templates at all."""
    gate.refuse("GET", PATH, code, message="no")
    with pytest.raises(TargetFailed) as caught:
        await offers.templates.names()
    assert caught.value.fault.reason is reason


async def test_an_empty_list_may_be_written_as_null(offers: KubeOffers, gate: Gate) -> None:
    """The API server writes so where it has only metadata to tell, and there is nothing to tell of."""

    async def nothing(_: web.Request) -> web.Response:
        return web.json_response({"kind": "PartialObjectMetadataList", "metadata": {}, "items": None})

    gate.answer("GET", PATH, nothing)
    assert await offers.templates.names() == []
