"""The API over HTTPS, as kubernetes_asyncio and bare HTTP clients see it."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from kubernetes_asyncio import client, watch

from prober.lab.kube.resources import Obj
from prober.lab.kube.server import KubeApi

NewSession = Callable[..., Obj]

SESSIONS: Any = {"group": "vdi.kasm.io", "version": "v1alpha1", "plural": "vdisessions", "namespace": "vdi"}
MERGE: Any = {"_content_type": "application/merge-patch+json"}
SESSIONS_PATH = "/apis/vdi.kasm.io/v1alpha1/namespaces/vdi/vdisessions"
SECRETS_PATH = "/api/v1/namespaces/vdi/secrets"
FOREIGN_EVENT = {"metadata": {"name": "e"}, "involvedObject": {"kind": "Pod", "name": "p", "namespace": "default"}}


@pytest.fixture
async def http(api: KubeApi) -> AsyncIterator[aiohttp.ClientSession]:
    """Bare HTTP with the token."""
    trusting = ssl.create_default_context(cadata=api.ca_pem)
    async with aiohttp.ClientSession(
        api.url,
        connector=aiohttp.TCPConnector(ssl=trusting),
        headers={"Authorization": "Bearer the-lab's-token"},
    ) as session:
        yield session


async def test_a_session_lives_its_life(objects: client.CustomObjectsApi, new_session: NewSession) -> None:
    """Create, get, list, set the status, delete: as the prober and its operator do."""
    created = await objects.create_namespaced_custom_object(**SESSIONS, body=new_session())
    await objects.patch_namespaced_custom_object_status(
        **SESSIONS, name="probe", body={"status": {"phase": "Running"}, "spec": {"timeout": "1s"}}, **MERGE
    )
    got = await objects.get_namespaced_custom_object(**SESSIONS, name="probe")
    listed = await objects.list_namespaced_custom_object(**SESSIONS, label_selector="!absent")
    deleted = await objects.delete_namespaced_custom_object(**SESSIONS, name="probe")

    assert got["status"] == {"phase": "Running"}
    assert got["spec"] == created["spec"]
    assert listed["items"] == [got]
    assert (deleted["status"], deleted["details"]["uid"]) == ("Success", created["metadata"]["uid"])


async def test_a_finalizer_holds_a_session(objects: client.CustomObjectsApi, new_session: NewSession) -> None:
    """A deleted session stays until its finalizer is patched away."""
    body = new_session(finalizers=["vdi.kasm.io/session-cleanup"])
    await objects.create_namespaced_custom_object(**SESSIONS, body=body)

    held = await objects.delete_namespaced_custom_object(**SESSIONS, name="probe")
    assert "deletionTimestamp" in held["metadata"]

    await objects.patch_namespaced_custom_object(
        **SESSIONS, name="probe", body=[{"op": "remove", "path": "/metadata/finalizers/0"}]
    )
    with pytest.raises(client.ApiException) as caught:
        await objects.get_namespaced_custom_object(**SESSIONS, name="probe")
    assert caught.value.status == 404


async def test_typed_clients_work(core: client.CoreV1Api) -> None:
    """Pods go through the typed client, strategic merge patch of the status included."""
    pod = client.V1Pod(
        metadata=client.V1ObjectMeta(generate_name="pod-", labels={"app": "vdi"}),
        spec=client.V1PodSpec(containers=[client.V1Container(name="main", image="desktop")]),
    )
    created = await core.create_namespaced_pod("vdi", pod)
    ready = {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
    await core.patch_namespaced_pod_status(created.metadata.name, "vdi", ready)
    listed = await core.list_pod_for_all_namespaces(label_selector="app in (vdi)")
    await core.delete_namespaced_pod(created.metadata.name, "vdi")

    assert [item.status.phase for item in listed.items] == ["Running"]
    assert listed.items[0].metadata.name.startswith("pod-")
    assert (await core.list_namespaced_pod("vdi")).items == []


async def test_events_are_found_by_their_object(core: client.CoreV1Api) -> None:
    """Events can be selected by what they are about."""
    for name in ("a", "b"):
        about = client.V1ObjectReference(kind="VDISession", name=name, namespace="vdi")
        event = client.CoreV1Event(metadata=client.V1ObjectMeta(generate_name="event-"), involved_object=about)
        await core.create_namespaced_event("vdi", event)

    found = await core.list_namespaced_event("vdi", field_selector="involvedObject.name=b")

    assert [event.involved_object.name for event in found.items] == ["b"]


async def test_a_watch_follows_a_session(objects: client.CustomObjectsApi, new_session: NewSession) -> None:
    """A watch that starts at a list tells what happened since, then ends by its time."""
    listed = await objects.list_namespaced_custom_object(**SESSIONS)
    await objects.create_namespaced_custom_object(**SESSIONS, body=new_session())
    await objects.delete_namespaced_custom_object(**SESSIONS, name="probe")

    async with watch.Watch() as watching:
        stream = watching.stream(
            objects.list_namespaced_custom_object,
            **SESSIONS,
            resource_version=listed["metadata"]["resourceVersion"],
            timeout_seconds=1,
        )
        seen = [event["type"] async for event in stream]

    assert seen == ["ADDED", "DELETED"]


async def test_an_expired_watch_is_gone(objects: client.CustomObjectsApi, new_session: NewSession) -> None:
    """A watch from a version that left the window ends with 410."""
    for number in range(25):
        await objects.create_namespaced_custom_object(**SESSIONS, body=new_session(f"s{number}"))

    async with watch.Watch() as watching:
        stream = watching.stream(
            objects.list_namespaced_custom_object, **SESSIONS, resource_version="2", timeout_seconds=5
        )
        with pytest.raises(client.ApiException) as caught:
            await anext(stream)

    assert caught.value.status == 410


async def test_a_bad_spec_is_unprocessable(http: aiohttp.ClientSession, new_session: NewSession) -> None:
    """422 names each bad field."""
    body = new_session() | {"spec": {"user": "nobody"}}
    async with http.post(SESSIONS_PATH, json=body) as response:
        status = await response.json()

    assert response.status == 422
    assert (status["kind"], status["reason"]) == ("Status", "Invalid")
    assert [cause["field"] for cause in status["details"]["causes"]] == ["spec.template", "spec.user"]
    assert status["message"].startswith('VDISession.vdi.kasm.io "probe" is invalid: [spec.template')


@pytest.mark.parametrize(
    ("method", "path", "options", "code", "reason"),
    [
        ("GET", "/api/v1/nowhere", {}, 404, "NotFound"),
        ("GET", "/api/v1/namespaces/vdi/pods/absent", {}, 404, "NotFound"),
        ("GET", "/api/v1/pods/absent", {}, 404, "NotFound"),
        ("GET", "/api/v1/namespaces/vdi/events/absent/status", {}, 404, "NotFound"),
        ("DELETE", SESSIONS_PATH, {}, 405, "MethodNotAllowed"),
        ("POST", f"{SESSIONS_PATH}/probe", {}, 405, "MethodNotAllowed"),
        ("GET", "/api/v1/pods", {"headers": {"Accept": "text/html"}}, 406, "NotAcceptable"),
        ("POST", SESSIONS_PATH, {"data": "x", "headers": {"Content-Type": "application/json"}}, 400, "BadRequest"),
        ("POST", SESSIONS_PATH, {"json": []}, 400, "BadRequest"),
        ("POST", SESSIONS_PATH, {"json": {"metadata": {"name": "x"}}}, 400, "BadRequest"),
        ("POST", SESSIONS_PATH, {"data": "x"}, 415, "UnsupportedMediaType"),
        ("PATCH", f"{SESSIONS_PATH}/probe", {"json": {}}, 415, "UnsupportedMediaType"),
        ("GET", "/api/v1/pods?labelSelector=a+in+b", {}, 400, "BadRequest"),
        ("GET", "/api/v1/pods?resourceVersion=abc", {}, 400, "BadRequest"),
        ("GET", "/api/v1/pods?resourceVersion=999999", {}, 504, "Timeout"),
        ("GET", "/api/v1/pods?watch=1&sendInitialEvents=true", {}, 422, "Invalid"),
        ("DELETE", "/api/v1/namespaces/vdi?dryRun=Some", {}, 422, "Invalid"),
        ("DELETE", "/api/v1/namespaces/vdi?propagationPolicy=Up", {}, 422, "Invalid"),
        ("DELETE", "/api/v1/namespaces/vdi", {"json": {"preconditions": "x"}}, 400, "BadRequest"),
        ("DELETE", "/api/v1/namespaces/vdi", {"json": {"preconditions": {"uid": 1}}}, 400, "BadRequest"),
        ("DELETE", "/api/v1/namespaces/vdi", {"json": {"propagationPolicy": ["x"]}}, 400, "BadRequest"),
        ("DELETE", "/api/v1/namespaces/vdi", {"json": {"orphanDependents": "yes"}}, 400, "BadRequest"),
        ("DELETE", "/api/v1/namespaces/vdi", {"json": {"dryRun": "All"}}, 400, "BadRequest"),
        ("POST", SECRETS_PATH, {"json": {"metadata": {"name": "s"}, "stringData": "x"}}, 400, "BadRequest"),
        ("POST", SECRETS_PATH, {"json": {"metadata": {"name": "s"}, "stringData": {"a": 1}}}, 400, "BadRequest"),
        ("POST", "/api/v1/namespaces/vdi/events", {"json": FOREIGN_EVENT}, 422, "Invalid"),
    ],
    ids=[
        "unknown resource",
        "absent object",
        "no namespace",
        "no subresource",
        "delete collection",
        "post to object",
        "accept",
        "no JSON",
        "no object",
        "no kind",
        "body type",
        "patch type",
        "selector",
        "version",
        "future version",
        "streaming list",
        "dry run",
        "propagation",
        "preconditions type",
        "precondition type",
        "propagation type",
        "orphan type",
        "dry run type",
        "secret's map",
        "secret's value",
        "foreign event",
    ],
)
async def test_refusals_are_statuses(
    http: aiohttp.ClientSession, *, method: str, path: str, options: dict[str, Any], code: int, reason: str
) -> None:
    """Whatever is refused is refused with a Status of the right code and reason."""
    async with http.request(method, path, **options) as response:
        status = await response.json()

    assert (response.status, status["kind"], status["code"], status["reason"]) == (
        code,
        "Status",
        code,
        reason,
    )


@pytest.mark.parametrize(
    "path", ["/nowhere", "/apis/nobody.io/v1/things", "/apis/nobody.io", "/apis/vdi.kasm.io/v1alpha1/things"], ids=str
)
async def test_what_no_group_serves_is_no_page(http: aiohttp.ClientSession, path: str) -> None:
    """Where no API group could answer there is a 404 without a Status, as of a real server's multiplexer."""
    async with http.get(path) as response:
        assert (response.status, response.content_type) == (404, "text/plain")
        assert await response.text() == "404 page not found\n"


@pytest.mark.parametrize("authorization", ["", "Bearer wrong", "Basic the-lab's-token", "Bearer "], ids=repr)
async def test_strangers_are_unauthorized(http: aiohttp.ClientSession, authorization: str) -> None:
    """Without an accepted bearer token there is 401, but health and version are public."""
    headers = {"Authorization": authorization}
    async with http.get("/api/v1/pods", headers=headers) as refused:
        status = await refused.json()
    async with http.get("/version", headers=headers) as version, http.get("/readyz", headers=headers) as ready:
        assert (version.status, await ready.text()) == (200, "ok")

    assert (refused.status, status["reason"]) == (401, "Unauthorized")
    assert "token" not in status["message"]


async def test_a_stale_write_conflicts(objects: client.CustomObjectsApi, new_session: NewSession) -> None:
    """PUT with an older resourceVersion is 409."""
    created = await objects.create_namespaced_custom_object(**SESSIONS, body=new_session())
    await objects.patch_namespaced_custom_object(**SESSIONS, name="probe", body={"spec": {"timeout": "1h"}}, **MERGE)

    with pytest.raises(client.ApiException) as caught:
        await objects.replace_namespaced_custom_object(**SESSIONS, name="probe", body=created)
    assert caught.value.status == 409


async def test_a_dry_run_keeps_nothing(objects: client.CustomObjectsApi, new_session: NewSession) -> None:
    """`dryRun=All` is honoured for creation as well as deletion."""
    await objects.create_namespaced_custom_object(**SESSIONS, body=new_session("a"), dry_run="All")
    await objects.create_namespaced_custom_object(**SESSIONS, body=new_session("b"))
    await objects.delete_namespaced_custom_object(**SESSIONS, name="b", dry_run="All")

    listed = await objects.list_namespaced_custom_object(**SESSIONS)
    assert [item["metadata"]["name"] for item in listed["items"]] == ["b"]


async def test_streaming_lists_end_with_a_bookmark(http: aiohttp.ClientSession) -> None:
    """`sendInitialEvents` sends what exists, then an annotated bookmark."""
    query = {
        "watch": "true",
        "sendInitialEvents": "true",
        "resourceVersionMatch": "NotOlderThan",
        "allowWatchBookmarks": "true",
    }
    async with http.get("/api/v1/namespaces", params=query) as response:
        events = [await response.content.readline() for _ in range(3)]

    assert [b'"ADDED"' in event for event in events] == [True, True, False]
    assert b'"k8s.io/initial-events-end": "true"' in events[2]


async def test_access_reviews_allow(api_client: client.ApiClient) -> None:
    """A self-review says that all is allowed."""
    attributes = client.V1ResourceAttributes(verb="create", resource="vdisessions", group="vdi.kasm.io")
    review = client.V1SelfSubjectAccessReview(spec=client.V1SelfSubjectAccessReviewSpec(resource_attributes=attributes))

    answer = await client.AuthorizationV1Api(api_client).create_self_subject_access_review(review)

    assert answer.status.allowed is True


async def test_a_secrets_strings_are_for_writing_only(core: client.CoreV1Api) -> None:
    """`stringData` ends up encoded in `data`, over what was there, when a Secret is made as well as patched."""
    secret = client.V1Secret(metadata=client.V1ObjectMeta(name="s"), data={"a": "eA=="}, string_data={"b": "y"})
    await core.create_namespaced_secret("vdi", secret)
    await core.patch_namespaced_secret("s", "vdi", {"stringData": {"a": "z"}})

    kept = await core.read_namespaced_secret("s", "vdi")

    assert kept.data == {"a": "eg==", "b": "eQ=="}
    assert kept.string_data is None


async def test_the_server_stops_while_watched(api: KubeApi, http: aiohttp.ClientSession) -> None:
    """Shutdown ends open watches at once instead of waiting for them."""
    async with http.get("/api/v1/pods?watch=true") as response:
        began = time.monotonic()
        await asyncio.gather(response.content.read(), api.__aexit__(None, None, None))

    assert time.monotonic() - began < 1
