"""What the API shows of a session whose Pod does not come to run: one lab, as the probe's user sees it."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest

from tests.lab.platform.observing import Observer, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCHEDULED = ("Pod", "Scheduled", "default-scheduler", "Normal")


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
async def test_an_ailing_pod_says_why(shared: Observer, fault: str) -> None:
    """Its status and events say what a real cluster's would, the session stays Creating, and all of it can go."""
    looks_so, expected = AILMENTS[fault]
    name = await shared.suffer(fault)
    events = await _written(shared, name, expected)
    pod = await shared.api.get(f"{shared.core}/pods/{name}")
    assert looks_so(pod), pod["status"]
    assert {event["involvedObject"]["uid"] for event in events if event["involvedObject"]["kind"] == "Pod"} == {
        pod["metadata"]["uid"]
    }
    assert (await shared.status(name))["phase"] == "Creating"
    await shared.delete(name)
    await shared.until_gone(name)


async def test_a_pending_volume_has_a_claim_without_persistence(shared: Observer) -> None:
    """A probe's session has none otherwise: it waits for a class that there is not, and goes with the session."""
    name = await shared.suffer("pvc_pending")
    path = f"{shared.core}/persistentvolumeclaims/vdi-data-{name}"
    await _written(shared, name, {FAILED_SCHEDULING})
    claim = await shared.api.get(path)
    assert claim["status"]["phase"] == "Pending"
    assert claim["spec"]["storageClassName"] == "vdi-home"
    await shared.delete(name)
    await shared.until_gone(name)
    assert f"PersistentVolumeClaim/vdi-data-{name}" not in await shared.children()
