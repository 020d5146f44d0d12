"""What the lab's API and ingress show of each fault of the platform: one lab, as the probe's user sees it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio

from prober.lab.gate import THROTTLED_TIMES
from prober.lab.operator.client import ApiError
from prober.lab.platform import Lab
from tests.lab.platform.observing import STARTUP_TIMES_THREE_S, Observer, connected, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

HANGING_S = 0.5
"""Long enough to tell that a connection is accepted and not answered."""

SCHEDULED = ("Pod", "Scheduled", "default-scheduler", "Normal")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seen(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Observer]:
    """One lab for all of these tests."""
    async with (
        Lab(state=tmp_path_factory.mktemp("lab")) as lab,
        connected(lab.kubeconfig_path) as api,
        aiohttp.ClientSession() as http,
    ):
        yield Observer(lab, api=api, http=http)


async def _create(seen: Observer, fault: str) -> str:
    return await seen.create(user=f"{fault.replace('_', '-')}@example.com", fault=fault)


async def _written(seen: Observer, name: str, expected: set[tuple[str, str, str, str]]) -> list[Mapping[str, Any]]:
    """Returns the events of a session's objects, once the expected ones are among them."""
    about = {name, f"vdi-data-{name}"}
    events: list[Mapping[str, Any]] = []

    async def there() -> bool:
        events[:] = [
            event
            for event in await seen.api.list(f"{seen.core}/events")
            if event["involvedObject"]["name"] in about and event["involvedObject"]["kind"] != "VDISession"
        ]
        return expected <= {_told(event) for event in events}

    await eventually(there)
    return events


def _told(event: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return event["involvedObject"]["kind"], event["reason"], event["source"]["component"], event["type"]


def _state(pod: Mapping[str, Any]) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", pod["status"]["containerStatuses"][0])


def _condition(pod: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    return next(met for met in pod["status"]["conditions"] if met["type"] == kind)


def _lacks(words: str) -> Callable[[Mapping[str, Any]], bool]:
    def check(pod: Mapping[str, Any]) -> bool:
        met = _condition(pod, "PodScheduled")
        message = met["message"].startswith(f"0/3 nodes are available: {words}")
        return (met["status"], met["reason"]) == ("False", "Unschedulable") and message

    return check


def _ended(reason: str, code: int) -> Callable[[Mapping[str, Any]], bool]:
    def check(pod: Mapping[str, Any]) -> bool:
        status = _state(pod)
        last = status["lastState"]["terminated"]
        waits = status["state"]["waiting"]["reason"] == "CrashLoopBackOff"
        return waits and status["restartCount"] > 0 and (last["reason"], last["exitCode"]) == (reason, code)

    return check


def _no_image(pod: Mapping[str, Any]) -> bool:
    waiting = _state(pod)["state"]["waiting"]
    return waiting["reason"] == "ImagePullBackOff" and "ErrImagePull" in waiting["message"]


def _initialises(pod: Mapping[str, Any]) -> bool:
    (init,) = pod["status"]["initContainerStatuses"]
    waits = _state(pod)["state"] == {"waiting": {"reason": "PodInitializing"}}
    named = init["name"] == pod["spec"]["initContainers"][0]["name"]
    unmet = _condition(pod, "Initialized")["reason"] == "ContainersNotInitialized"
    return waits and named and unmet and "running" in init["state"]


FAILED_SCHEDULING = ("Pod", "FailedScheduling", "default-scheduler", "Warning")
BACK_OFF = ("Pod", "BackOff", "kubelet", "Warning")

AILMENTS: Mapping[str, tuple[Callable[[Mapping[str, Any]], bool], set[tuple[str, str, str, str]]]] = {
    "unschedulable": (_lacks("3 Insufficient cpu."), {FAILED_SCHEDULING}),
    "no_gpu": (_lacks("3 Insufficient nvidia.com/gpu."), {FAILED_SCHEDULING}),
    "pvc_pending": (
        _lacks("pod has unbound immediate PersistentVolumeClaims."),
        {
            FAILED_SCHEDULING,
            ("PersistentVolumeClaim", "ProvisioningFailed", "persistentvolume-controller", "Warning"),
        },
    ),
    "image_pull": (_no_image, {SCHEDULED, ("Pod", "Failed", "kubelet", "Warning")}),
    "crash_loop": (_ended("Error", 1), {SCHEDULED, BACK_OFF}),
    "oom": (_ended("OOMKilled", 137), {SCHEDULED, BACK_OFF}),
    "init_stuck": (_initialises, {SCHEDULED, ("Pod", "Started", "kubelet", "Normal")}),
}


@pytest.mark.parametrize("fault", AILMENTS, ids=str)
async def test_an_ailing_pod_says_why(seen: Observer, fault: str) -> None:
    """Its status and events say what a real cluster's would, the session stays Creating, and all of it can go."""
    looks_so, expected = AILMENTS[fault]
    name = await _create(seen, fault)
    events = await _written(seen, name, expected)
    pod = await seen.api.get(f"{seen.core}/pods/{name}")
    assert looks_so(pod), pod["status"]
    assert {event["involvedObject"]["uid"] for event in events if event["involvedObject"]["kind"] == "Pod"} == {
        pod["metadata"]["uid"]
    }
    assert (await seen.status(name))["phase"] == "Creating"
    await seen.delete(name)
    await seen.until_gone(name)


async def test_a_pending_volume_has_a_claim_without_persistence(seen: Observer) -> None:
    """A probe's session has none otherwise: it waits for a class that there is not, and goes with the session."""
    name = await _create(seen, "pvc_pending")
    path = f"{seen.core}/persistentvolumeclaims/vdi-data-{name}"
    await _written(seen, name, {FAILED_SCHEDULING})
    claim = await seen.api.get(path)
    assert claim["status"]["phase"] == "Pending"
    assert claim["spec"]["storageClassName"] == "vdi-home"
    await seen.delete(name)
    await seen.until_gone(name)
    assert f"PersistentVolumeClaim/vdi-data-{name}" not in await seen.children()


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ("quota", HTTPStatus.FORBIDDEN, "is forbidden: exceeded quota: vdi-quota, requested: count/vdisessions.vdi"),
        ("rbac", HTTPStatus.FORBIDDEN, 'vdisessions.vdi.kasm.io is forbidden: User "probe" cannot create resource'),
        ("admission", HTTPStatus.FORBIDDEN, 'admission webhook "sessions.policy.vdi.example.com" denied the request: '),
        ("no_crd", HTTPStatus.NOT_FOUND, "without a Status object"),
    ],
    ids=str,
)
async def test_a_creation_is_refused(seen: Observer, fault: str, status: HTTPStatus, words: str) -> None:
    """In a real API server's words, and nothing comes into being."""
    before = await seen.api.list(seen.sessions)
    with pytest.raises(ApiError) as refusal:
        await _create(seen, fault)
    assert refusal.value.status == status
    assert words in str(refusal.value)
    assert await seen.api.list(seen.sessions) == before


async def test_a_throttled_creation_is_let_in_at_last(seen: Observer) -> None:
    """It is told when to come again, as often as the lab says."""
    metadata = {"name": "throttled", "namespace": "vdi", "annotations": {"lab.vdi-prober.io/fault": "api_429"}}
    body = {
        "apiVersion": "vdi.kasm.io/v1alpha1",
        "kind": "VDISession",
        "metadata": metadata,
        "spec": {"user": "throttled@example.com", "template": "ubuntu-desktop", "persistence": {"enabled": False}},
    }
    for _ in range(THROTTLED_TIMES):
        with pytest.raises(ApiError, match="Too many requests") as refusal:
            await seen.api.create(seen.sessions, body)
        assert refusal.value.status == HTTPStatus.TOO_MANY_REQUESTS
    await seen.api.create(seen.sessions, body)
    await seen.until("throttled", "Running")
    await seen.delete("throttled")
    await seen.until_gone("throttled")


async def test_an_outage_lasts_until_the_deletion(seen: Observer) -> None:
    """Nobody is answered about the session or its Pod, while other sessions are served; its deletion ends it."""
    name = await _create(seen, "api_down_midway")

    async def cut_off() -> bool:
        try:
            await seen.session(name)
        except ApiError as error:
            return error.status == 0
        return False

    await eventually(cut_off)
    with pytest.raises(ApiError, match=r"Disconnected|ClientOSError"):
        await seen.api.get(f"{seen.core}/pods/{name}")
    assert await seen.gone("somebody-elses")
    await seen.delete(name)
    await seen.until_gone(name)


async def test_a_watch_is_cut_by_the_outage(seen: Observer) -> None:
    """A watch that was granted before does not go on in silence: its connection ends."""
    name = await _create(seen, "api_down_midway")
    watch = f"{seen.sessions}?watch=true&fieldSelector=metadata.name%3D{name}"
    async with asyncio.timeout(5):
        with pytest.raises(ApiError, match=r"Disconnected|Payload|ClientOSError"):
            await seen.api.get(watch)
    await seen.delete(name)
    await seen.until_gone(name)


async def test_a_watch_is_told_that_it_is_gone(seen: Observer) -> None:
    """410 as an event of the watch; the session itself runs."""
    name = await _create(seen, "watch_gone")
    event = await seen.api.get(f"{seen.sessions}?watch=true&fieldSelector=metadata.name%3D{name}")
    assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 410, "Expired")
    await seen.until(name, "Running")
    await seen.delete(name)
    await seen.until_gone(name)


async def test_a_deletion_is_refused_and_the_lab_ends_the_session(tmp_path: Path) -> None:
    """The user may not delete it; the lab's end is not held up."""
    async with (
        Lab(state=tmp_path) as lab,
        connected(lab.kubeconfig_path) as api,
        aiohttp.ClientSession() as http,
    ):
        seen = Observer(lab, api=api, http=http)
        name = await _create(seen, "delete_denied")
        await seen.until(name, "Running")
        with pytest.raises(ApiError, match=f'"{name}" is forbidden: User "probe" cannot delete resource') as refusal:
            await seen.delete(name)
        assert refusal.value.status == HTTPStatus.FORBIDDEN
        begin = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - begin < 9


async def test_a_missing_template_is_told_in_the_message(seen: Observer) -> None:
    """The phase is Failed, as for a template that nobody made."""
    name = await _create(seen, "template_missing")
    assert "VDITemplate not found" in (await seen.until(name, "Failed"))["message"]
    await seen.delete(name)
    await seen.until_gone(name)


async def test_nobody_takes_a_session_up(seen: Observer) -> None:
    """It gets no status and no finalizer, and its deletion waits for nobody."""
    name = await _create(seen, "operator_down")
    await asyncio.sleep(STARTUP_TIMES_THREE_S)
    session = await seen.session(name)
    assert not session.get("status")
    assert not session["metadata"].get("finalizers")
    await seen.delete(name)
    assert await seen.gone(name)


async def test_a_false_running_session_answers_nothing(seen: Observer) -> None:
    """The phase is Running, the Pod is not ready, the URL takes connections; with the session's end it lets go."""
    name = await _create(seen, "false_running")
    url = (await seen.until(name, "Running"))["url"]
    assert _condition(await seen.api.get(f"{seen.core}/pods/{name}"), "Ready")["status"] == "False"
    waiting = asyncio.create_task(seen.visit(url, password=await seen.password()), name="visit")
    done, _ = await asyncio.wait([waiting], timeout=HANGING_S)
    assert not done
    await seen.delete(name)
    assert await waiting is HTTPStatus.NOT_FOUND
    await seen.until_gone(name)


@pytest.mark.parametrize(
    ("fault", "host", "port"), [("dns", "dns-example-com.vdi.invalid", None), ("tcp_refused", "127.0.0.1", 1)], ids=str
)
async def test_a_url_leads_nowhere(seen: Observer, fault: str, host: str, port: int | None) -> None:
    """The session runs, its Pod is ready, and its URL is that of nothing."""
    name = await _create(seen, fault)
    parts = urlsplit((await seen.until(name, "Running"))["url"])
    assert (parts.hostname, parts.port) == (host, port)
    await seen.delete(name)
    await seen.until_gone(name)


async def test_an_ingress_without_a_route_answers_as_traefik_does(seen: Observer) -> None:
    """404, whoever asks."""
    name = await _create(seen, "route_404")
    url = (await seen.until(name, "Running"))["url"]
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        assert answer.status == HTTPStatus.NOT_FOUND
        assert await answer.text() == "404 page not found\n"
    await seen.delete(name)
    await seen.until_gone(name)


async def test_signalling_is_closed_before_any_offer(seen: Observer) -> None:
    """The WebSocket opens, and closes without a message."""
    name = await _create(seen, "signalling_closed")
    url = (await seen.until(name, "Running"))["url"]
    login = aiohttp.encode_basic_auth("probe", await seen.password())
    async with aiohttp.ClientSession(headers={"Authorization": login}) as http:
        async with http.ws_connect(f"{url}signalling") as socket:
            message = await socket.receive(timeout=5)
        assert message.type is aiohttp.WSMsgType.CLOSE
    await seen.delete(name)
    await seen.until_gone(name)
