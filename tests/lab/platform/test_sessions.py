from http import HTTPStatus

import pytest

from prober.lab.operator.client import ApiError
from tests.lab.platform.observing import Observer, eventually, session_body


async def test_a_session_becomes_running(seen: Observer) -> None:
    """A session gets its Pod, its URL, its finalizer."""
    name = await seen.create()
    status = await seen.until(name, "Running")
    assert status["podName"] == name
    assert status["url"].endswith("/probe-ubuntu-example-com/")
    assert status["startTime"].endswith("Z")
    session = await seen.session(name)
    assert session["metadata"]["finalizers"] == ["vdi.kasm.io/session-cleanup"]
    assert not session["metadata"].get("annotations")


async def test_a_session_goes_through_its_phases(seen: Observer) -> None:
    """Creating comes with objects made and no URL yet, Running comes with the same objects."""
    starting = await seen.create(user="slow@example.com", fault="slow_start")
    status = await seen.until_status(starting, lambda status: "podName" in status)
    assert status["phase"] == "Creating"
    assert "url" not in status
    assert f"Pod/{starting}" in await seen.children()
    await seen.delete(starting)
    await seen.until_gone(starting)
    name = await seen.create()
    await seen.until(name, "Running")
    assert await seen.children() == {f"Pod/{name}", f"Service/{name}", f"IngressRoute/{name}"}


async def test_a_running_sessions_pod_is_ready(seen: Observer) -> None:
    """The lab plays the kubelet: the Pod is Running with its container ready."""
    name = await seen.create()
    await seen.until(name, "Running")
    pod = await seen.api.get(f"{seen.core}/pods/{name}")
    assert pod["status"]["phase"] == "Running"
    assert all(condition["status"] == "True" for condition in pod["status"]["conditions"])


async def test_persistence_brings_a_volume_claim(seen: Observer) -> None:
    """A session with persistence owns a volume claim, which goes with it."""
    name = await seen.create(persistence={"enabled": True, "size": "1Gi"})
    await seen.until(name, "Running")
    claim = await seen.api.get(f"{seen.core}/persistentvolumeclaims/vdi-data-{name}")
    # A cluster that binds volumes itself has none for the lab.
    assert claim["status"]["phase"] in {"Bound", "Pending"}
    await seen.delete(name)
    await seen.until_gone(name)
    await seen.until_children(set())


async def test_a_session_tells_its_story_in_events(seen: Observer) -> None:
    """The operator writes Kubernetes Events about the Pod and about the session."""
    name = await seen.create()
    await seen.until(name, "Running")
    expected = {("Pod", "Scheduled"), ("Pod", "Created"), ("Pod", "Started"), ("VDISession", "Running")}
    await seen.until_events(expected)


async def test_the_url_lets_in_its_user_alone(seen: Observer) -> None:
    """The URL answers 401 to a stranger, 200 to who knows the password."""
    name = await seen.create()
    url = (await seen.until(name, "Running"))["url"]
    assert await seen.visit(url) is HTTPStatus.UNAUTHORIZED
    assert await seen.visit(url, password="wrong") is HTTPStatus.UNAUTHORIZED
    assert await seen.visit(url, password=await seen.password()) is HTTPStatus.OK


async def test_a_deleted_session_leaves_nothing(seen: Observer) -> None:
    """Once a session is gone its children are, too, and its URL serves nobody."""
    name = await seen.create()
    url = (await seen.until(name, "Running"))["url"]
    await seen.delete(name)
    await seen.until_gone(name)
    await seen.until_children(set())
    assert await seen.visit(url) in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


async def test_a_session_may_be_deleted_while_it_starts(seen: Observer) -> None:
    """Deletion does not wait for a start that takes long."""
    name = await seen.create(fault="slow_start")
    await seen.until(name, "Creating")
    await seen.delete(name)
    await seen.until_gone(name)
    await seen.until_children(set())


async def test_a_session_may_be_deleted_at_once(seen: Observer) -> None:
    """A session that is deleted before anybody took it up leaves nothing."""
    name = await seen.create()
    await seen.delete(name)
    await seen.until_gone(name)
    await seen.until_children(set())


async def test_two_sessions_live_side_by_side(seen: Observer) -> None:
    """Sessions of two users do not disturb each other."""
    first = await seen.create(user="one@example.com")
    second = await seen.create(user="two@example.com")
    urls = {(await seen.until(name, "Running"))["url"] for name in (first, second)}
    assert len(urls) == 2
    await seen.delete(first)
    await seen.until_gone(first)
    assert (await seen.status(second))["phase"] == "Running"


async def test_sessions_of_one_name_live_side_by_side(seen_embedded: Observer) -> None:
    """A name is unique within its namespace only: the end of one session leaves the other's desktop alone."""
    paths = [f"/apis/vdi.kasm.io/v1alpha1/namespaces/{namespace}/vdisessions" for namespace in ("vdi", "default")]
    urls = []
    for path, namespace in zip(paths, ("vdi", "default"), strict=True):
        body = session_body("s1", namespace=namespace, user=f"{namespace}@example.com")
        await seen_embedded.api.create(path, body)
        urls.append(await seen_embedded.until_url(f"{path}/s1"))
    await seen_embedded.api.discard(f"{paths[1]}/s1")
    await eventually(lambda: seen_embedded.answers(urls[1], HTTPStatus.NOT_FOUND))
    assert await seen_embedded.visit(urls[0]) is HTTPStatus.UNAUTHORIZED
    assert seen_embedded.lab.host.truth("s1").closed is None


async def test_a_missing_template_fails_the_session(seen: Observer) -> None:
    """A template that nobody knows gives phase Failed, a message, no children."""
    name = await seen.create(template="no-such-desktop")
    status = await seen.until(name, "Failed")
    assert status["message"] == "VDITemplate 'no-such-desktop' not found"
    assert not await seen.children()
    await seen.delete(name)
    await seen.until_gone(name)


async def test_an_unknown_fault_fails_the_session(seen: Observer) -> None:
    """A misspelt fault is visible in the session's message."""
    name = await seen.create(fault="balck")
    assert "no fault is called 'balck'" in (await seen.until(name, "Failed"))["message"]


async def test_a_bad_spec_is_refused(seen: Observer) -> None:
    """A session that the schema does not allow never comes into being: 422."""
    with pytest.raises(ApiError) as refusal:
        await seen.create(user="no e-mail address")
    assert refusal.value.status == HTTPStatus.UNPROCESSABLE_ENTITY


async def test_a_session_ends_when_its_time_is_up(seen: Observer) -> None:
    """The operator deletes a session whose timeout is past: the dead-man switch."""
    name = await seen.create(timeout="2s")
    await seen.until(name, "Running")
    await seen.until_gone(name)
    await seen.until_children(set())
    await seen.until_events({("VDISession", "TimedOut")})
