import asyncio
from functools import partial
from http import HTTPStatus

from prober.lab.faults import FAULT_ANNOTATION, FAULTS
from prober.lab.operator.client import NotFound
from tests.lab.platform.observing import STARTUP_TIMES_THREE_S, Observer, eventually


async def test_never_running_stays_creating(seen: Observer) -> None:
    """The operator does its part; the Pod stays Pending, nobody says why."""
    name = await seen.create(fault="never_running")
    status = await seen.until_status(name, lambda status: "podName" in status)
    await asyncio.sleep(STARTUP_TIMES_THREE_S)
    assert await seen.status(name) == status
    assert status["phase"] == "Creating"
    pod = await seen.api.get(f"{seen.core}/pods/{name}")
    assert pod.get("status", {}).get("phase", "Pending") == "Pending"
    assert not await seen.events()


async def test_phase_failed_carries_a_message(seen: Observer) -> None:
    """The phase is Failed, with the operator's words."""
    name = await seen.create(fault="phase_failed")
    assert "injected by the lab" in (await seen.until(name, "Failed"))["message"]


async def test_slow_start_is_not_running_soon(seen: Observer) -> None:
    """The Pod is on its way, its image being pulled, while the phase stays Creating."""
    name = await seen.create(fault="slow_start")
    await seen.until(name, "Creating")
    await asyncio.sleep(STARTUP_TIMES_THREE_S)
    assert (await seen.status(name))["phase"] == "Creating"
    pod = await seen.api.get(f"{seen.core}/pods/{name}")
    assert pod["status"]["containerStatuses"][0]["state"] == {"waiting": {"reason": "ContainerCreating"}}


async def test_http_5xx_answers_503(seen: Observer) -> None:
    """The session runs, its URL is broken."""
    name = await seen.create(fault="http_5xx")
    url = (await seen.until(name, "Running"))["url"]
    assert await seen.visit(url, password=await seen.password()) is HTTPStatus.SERVICE_UNAVAILABLE


async def test_auth_rejected_refuses_the_right_password(seen: Observer) -> None:
    """The session runs, its desktop lets nobody in."""
    name = await seen.create(fault="auth_rejected")
    url = (await seen.until(name, "Running"))["url"]
    assert await seen.visit(url, password=await seen.password()) is HTTPStatus.UNAUTHORIZED


async def test_host_collision_has_another_session_s_route(seen: Observer) -> None:
    """While the session lives another route has its host, and whoever answers wants another password."""
    name = await seen.create(fault="host_collision")
    url = (await seen.until(name, "Running"))["url"]
    assert await seen.visit(url, password=await seen.password()) is HTTPStatus.UNAUTHORIZED
    routes = f"{seen.core.replace('/api/v1', '/apis/traefik.io/v1alpha1')}/ingressroutes"
    mine, other = [await seen.api.get(f"{routes}/{prefix}{name}") for prefix in ("", "other-")]
    assert mine["spec"]["routes"][0]["match"] == other["spec"]["routes"][0]["match"]
    await seen.delete(name)
    await seen.until_gone(name)
    assert await seen.api.list(routes) == []


async def test_faults_at_once_all_have_their_effect(seen: Observer) -> None:
    """Operator and desktop each do their part of a pair."""
    name = await seen.create(fault="auth_rejected,child_left")
    url = (await seen.until(name, "Running"))["url"]
    assert await seen.visit(url, password=await seen.password()) is HTTPStatus.UNAUTHORIZED
    await seen.delete(name)
    await seen.until_gone(name)
    assert (await seen.api.get(f"{seen.core}/services/{name}"))["metadata"]["name"] == name


async def test_faults_that_exclude_one_another_fail_the_session(seen: Observer) -> None:
    """The phase is Failed, and the message says why."""
    name = await seen.create(fault="image_pull,unschedulable")
    message = (await seen.until(name, "Failed"))["message"]
    assert message == "image_pull and unschedulable cannot be had at once: each has its own ailment"


async def test_media_faults_reach_the_desktop(seen: Observer) -> None:
    """For faults of picture and input everything up to the page is sound: the desktop was told to behave so."""
    for number, fault in enumerate(("no_media", "black", "frozen", "input_dead")):
        name = await seen.create(user=f"user-{number}@example.com", fault=fault)
        url = (await seen.until(name, "Running"))["url"]
        assert await seen.visit(url, password=await seen.password()) is HTTPStatus.OK
        assert seen.lab.host.behaviour((await seen.session(name))["metadata"]["uid"]) == FAULTS[fault].behaviour


async def test_url_still_serving_serves_on(seen: Observer) -> None:
    """The session goes with its children, its URL lets its user in; until the next session of that user is over."""
    name = await seen.create(fault="url_still_serving")
    url = (await seen.until(name, "Running"))["url"]
    await seen.delete(name)
    await seen.until_gone(name)
    await seen.until_children(set())
    assert await seen.visit(url, password=await seen.password()) is HTTPStatus.OK
    successor = await seen.create()
    assert (await seen.until(successor, "Running"))["url"] == url
    await seen.delete(successor)
    await seen.until_gone(successor)
    assert await seen.visit(url) is HTTPStatus.NOT_FOUND


async def test_slow_teardown_takes_its_time(seen: Observer) -> None:
    """The objects go one after the other, and the session with the last; taking the fault back hurries it up."""
    name = await seen.create(fault="slow_teardown")
    await seen.until(name, "Running")
    await seen.delete(name)
    await seen.until(name, "Terminating")
    await asyncio.sleep(STARTUP_TIMES_THREE_S)
    assert f"Pod/{name}" in await seen.children()
    await seen.until_children({f"Pod/{name}", f"Service/{name}"})
    await seen.api.patch(f"{seen.sessions}/{name}", {"metadata": {"annotations": {FAULT_ANNOTATION: None}}})
    await seen.until_gone(name)
    await seen.until_children(set())


async def test_finalizer_stuck_holds_the_session(seen: Observer) -> None:
    """The children go, the URL goes, the session stays: until the annotation is taken back."""
    name = await seen.create(fault="finalizer_stuck")
    url = (await seen.until(name, "Running"))["url"]
    await seen.delete(name)
    await seen.until(name, "Terminating")
    await seen.until_children(set())
    await asyncio.sleep(STARTUP_TIMES_THREE_S)
    assert (await seen.session(name))["metadata"]["finalizers"] == ["vdi.kasm.io/session-cleanup"]
    assert await seen.visit(url) in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
    await seen.api.patch(f"{seen.sessions}/{name}", {"metadata": {"annotations": {FAULT_ANNOTATION: None}}})
    await seen.until_gone(name)


async def test_child_left_survives_its_session(seen: Observer) -> None:
    """The Service has no owner, is still there when the session is gone."""
    name = await seen.create(fault="child_left")
    await seen.until(name, "Running")
    await seen.delete(name)
    await seen.until_gone(name)
    await seen.until_children({f"Service/{name}"})


async def test_the_labs_own_fault_strikes_every_session(seen: Observer) -> None:
    """A session that chooses nothing gets the lab's fault, one that chooses health does not."""
    seen.lab.faults.choose("phase_failed")
    struck = await seen.create(user="one@example.com")
    spared = await seen.create(user="two@example.com", fault="none")
    await seen.until(struck, "Failed")
    await seen.until(spared, "Running")


async def test_every_ailment_is_one_that_a_cluster_can_have(seen: Observer) -> None:
    """A real API server takes each ailing Pod's status as well, and the sessions end as any other."""
    ailing = [name for name, fault in FAULTS.items() if fault.plan.ailment is not None]
    sessions = [await seen.suffer(fault) for fault in ailing]
    for name in sessions:
        await eventually(partial(_has_conditions, seen, f"{seen.core}/pods/{name}"))
    for name in sessions:
        await seen.delete(name)
    for name in sessions:
        await seen.until_gone(name)


async def _has_conditions(seen: Observer, path: str) -> bool:
    try:
        return bool((await seen.api.get(path)).get("status", {}).get("conditions"))
    except NotFound:
        return False
