"""What the lab's API server does to the probe's user: one lab, as that user sees it."""

import asyncio
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from prober.lab.faults import FAULT_ANNOTATION
from prober.lab.gate import THROTTLED_TIMES
from prober.lab.operator.client import ApiError
from prober.lab.platform import Lab
from tests.lab.platform.observing import Observer, connected, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")


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
async def test_a_creation_is_refused(shared: Observer, fault: str, status: HTTPStatus, words: str) -> None:
    """In a real API server's words, and nothing comes into being."""
    before = await shared.api.list(shared.sessions)
    with pytest.raises(ApiError) as refusal:
        await shared.suffer(fault)
    assert refusal.value.status == status
    assert words in str(refusal.value)
    assert await shared.api.list(shared.sessions) == before


UNREADABLE: tuple[Any, ...] = (None, [], {"annotations": []}, {"annotations": {FAULT_ANNOTATION: ["quota"]}})


async def test_what_the_gate_cannot_read_is_the_apis_to_refuse(shared: Observer) -> None:
    """A body of any shape gets the answer that it would get anywhere."""
    for metadata in UNREADABLE:
        with pytest.raises(ApiError) as refusal:
            await shared.api.create(shared.sessions, {"metadata": metadata})
        assert refusal.value.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}


async def test_a_throttled_creation_is_let_in_at_last(shared: Observer) -> None:
    """It is told when to come again, as often as the lab says."""
    metadata = {"name": "throttled", "namespace": "vdi", "annotations": {FAULT_ANNOTATION: "api_429"}}
    body = {
        "apiVersion": "vdi.kasm.io/v1alpha1",
        "kind": "VDISession",
        "metadata": metadata,
        "spec": {"user": "throttled@example.com", "template": "ubuntu-desktop", "persistence": {"enabled": False}},
    }
    for _ in range(THROTTLED_TIMES):
        with pytest.raises(ApiError, match="Too many requests") as refusal:
            await shared.api.create(shared.sessions, body)
        assert refusal.value.status == HTTPStatus.TOO_MANY_REQUESTS
    await shared.api.create(shared.sessions, body)
    await shared.until("throttled", "Running")
    await shared.delete("throttled")
    await shared.until_gone("throttled")


async def test_an_outage_lasts_until_the_deletion(shared: Observer) -> None:
    """Nobody is answered about the session or its Pod, while other sessions are served; its deletion ends it."""
    name = await shared.suffer("api_down_midway")

    async def cut_off() -> bool:
        try:
            await shared.session(name)
        except ApiError as error:
            return error.status == 0
        return False

    await eventually(cut_off)
    with pytest.raises(ApiError, match=r"Disconnected|ClientOSError"):
        await shared.api.get(f"{shared.core}/pods/{name}")
    assert await shared.gone("somebody-elses")
    await shared.delete(name)
    await shared.until_gone(name)


async def test_a_watch_is_cut_by_the_outage(shared: Observer) -> None:
    """A watch that was granted before does not go on in silence: its connection ends."""
    name = await shared.suffer("api_down_midway")
    watch = f"{shared.sessions}?watch=true&fieldSelector=metadata.name%3D{name}"
    async with asyncio.timeout(5):
        with pytest.raises(ApiError, match=r"Disconnected|Payload|ClientOSError"):
            await shared.api.get(watch)
    await shared.delete(name)
    await shared.until_gone(name)


async def test_a_watch_is_told_that_it_is_gone(shared: Observer) -> None:
    """410 as an event of the watch; the session itself runs."""
    name = await shared.suffer("watch_gone")
    event = await shared.api.get(f"{shared.sessions}?watch=true&fieldSelector=metadata.name%3D{name}")
    assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 410, "Expired")
    await shared.until(name, "Running")
    await shared.delete(name)
    await shared.until_gone(name)


async def test_a_deletion_is_refused_and_the_lab_ends_the_session(tmp_path: Path) -> None:
    """The user may not delete it; the lab's end is not held up."""
    async with (
        Lab(state=tmp_path) as lab,
        connected(lab.kubeconfig_path) as api,
        aiohttp.ClientSession() as http,
    ):
        seen = Observer(lab, api=api, http=http)
        name = await seen.suffer("delete_denied")
        await seen.until(name, "Running")
        with pytest.raises(ApiError, match=f'"{name}" is forbidden: User "probe" cannot delete resource') as refusal:
            await seen.delete(name)
        assert refusal.value.status == HTTPStatus.FORBIDDEN
        begin = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - begin < 9
