import asyncio
from dataclasses import replace

import pytest
from aiohttp import web

from prober.adapters.kubernetes.api import ApiServer
from prober.adapters.kubernetes.paging import PAGE
from prober.adapters.kubernetes.resources import Platform, Resource
from prober.adapters.kubernetes.sessions import KubernetesSessions, overlaid
from prober.domain.errors import TargetFailed
from prober.domain.reasons import Reason
from tests.adapters.kubernetes.conftest import Gate, KubeWorld
from tests.contracts.sessions import NAMESPACE, request


def test_overlay_is_deep() -> None:
    """Mappings merge, everything else is replaced, neither operand changes."""
    base = {"a": {"b": 1, "c": 2}, "d": [1]}
    assert overlaid(base, {"a": {"c": 3}, "d": [2], "e": None}) == {"a": {"b": 1, "c": 3}, "d": [2], "e": None}
    assert base == {"a": {"b": 1, "c": 2}, "d": [1]}


async def test_the_spec_that_is_asked_for(world: KubeWorld) -> None:
    """A probe's session keeps nothing and ends by itself; the target's overlay has the last word."""
    overlay = {"resources": {"cpu": "2"}, "persistence": {"size": "1Gi"}, "timeout": "5m"}
    ref = (await world.sessions.create(replace(request(), overlay=overlay))).ref
    resource = world.resource("vdisessions", group="vdi.kasm.io", version="v1alpha1")
    [stored] = world.kube.store.select(resource, namespace=NAMESPACE).items
    assert stored["metadata"]["name"] == ref.name
    assert stored["spec"] == {
        "user": "probe-ubuntu@example.com",
        "template": "ubuntu-desktop",
        "persistence": {"enabled": False, "size": "1Gi"},
        "timeout": "5m",
        "resources": {"cpu": "2"},
    }


async def test_a_bad_spec_names_the_fields(world: KubeWorld) -> None:
    """What the schema refuses is `admission_rejected` with the paths of the fields."""
    with pytest.raises(TargetFailed, match=r"spec\.user") as caught:
        await world.sessions.create(replace(request(), user="nobody", overlay={"template": ""}))
    assert caught.value.fault.reason is Reason.ADMISSION_REJECTED
    assert "spec.template" in caught.value.fault.summary


async def test_a_missing_namespace(world: KubeWorld) -> None:
    """Creating where there is no namespace is `crd_missing`, and says what is missing."""
    with pytest.raises(TargetFailed, match="namespace is missing") as caught:
        await world.sessions.create(request(namespace="nowhere"))
    assert caught.value.fault.reason is Reason.CRD_MISSING


async def test_our_sessions_come_in_pages(world: KubeWorld, gate: Gate) -> None:
    """What is left of a bad week is listed page by page, in answers of bounded size."""
    made = (await world.sessions.create(request())).ref
    queries: list[dict[str, str]] = []

    async def page(asked: web.Request) -> web.Response:
        queries.append(dict(asked.query))
        last = "continue" in asked.query
        name = made.name if last else "another"
        item = {"metadata": {"name": name, "namespace": NAMESPACE, "uid": name}}
        return web.json_response({"metadata": {} if last else {"continue": "more"}, "items": [item]})

    gate.answer("GET", "/vdisessions", page)
    assert [view.ref.name for view in await world.sessions.ours(NAMESPACE)] == ["another", made.name]
    assert [(query["limit"], query.get("continue")) for query in queries] == [(str(PAGE), None), (str(PAGE), "more")]
    assert len({query["labelSelector"] for query in queries}) == 1


async def test_a_resource_that_is_not_served(api: ApiServer, world: KubeWorld) -> None:
    """An API server without our resource is `crd_missing`, whatever is asked of it; it does not look like "gone"."""
    ref = (await world.sessions.create(request())).ref
    other = Resource(kind="Desktop", plural="desktops", group="example.com", version="v1")
    sessions = KubernetesSessions(api, platform=Platform(sessions=other))
    for call in (sessions.create(request()), sessions.get(ref), sessions.ours(NAMESPACE)):
        with pytest.raises(TargetFailed, match="not served") as caught:
            await call
        assert caught.value.fault.reason is Reason.CRD_MISSING


async def test_create_is_never_repeated(world: KubeWorld, gate: Gate) -> None:
    """A server that says "try again" is reported, not obeyed."""
    gate.refuse("POST", "/vdisessions", 429, message="slow down", details={"retryAfterSeconds": 1})
    with pytest.raises(TargetFailed, match="slow down"):
        await world.sessions.create(request())
    assert len(gate.requests) == 1


async def test_a_forbidden_deletion(world: KubeWorld, gate: Gate) -> None:
    """A deletion that is refused is the teardown's fault, with the API server's words."""
    ref = (await world.sessions.create(request())).ref
    gate.refuse("DELETE", ref.name, 403, message="vdisessions is forbidden: User cannot delete")
    with pytest.raises(TargetFailed, match="cannot delete") as caught:
        await world.sessions.delete(ref)
    assert caught.value.fault.reason is Reason.DELETE_REJECTED


async def test_a_conflict_about_something_else(world: KubeWorld, gate: Gate) -> None:
    """A conflict while the session is still the same one is a refusal."""
    ref = (await world.sessions.create(request())).ref
    gate.refuse("DELETE", ref.name, 409, message="the object has been modified")
    with pytest.raises(TargetFailed, match="has been modified") as caught:
        await world.sessions.delete(ref)
    assert caught.value.fault.reason is Reason.DELETE_REJECTED


async def test_a_call_can_be_cancelled(world: KubeWorld, gate: Gate) -> None:
    """A server that never answers costs what the caller allows, and a cancellation stays one."""
    answered = asyncio.Event()

    async def never(_: web.Request) -> web.Response:
        await answered.wait()
        return web.Response()

    gate.answer("POST", "/vdisessions", never)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(world.sessions.create(request()), timeout=0.1)
    answered.set()
