"""What becomes of a session that nobody takes up, and of a way in that leads nowhere: one lab, as its user sees it."""

import asyncio
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.lab.platform.observing import STARTUP_TIMES_THREE_S, Observer

pytestmark = pytest.mark.asyncio(loop_scope="module")

HANGING_S = 0.5
"""Long enough to tell that a connection is accepted and not answered."""


async def test_a_missing_template_is_told_in_the_message(shared: Observer) -> None:
    """The phase is Failed, as for a template that nobody made."""
    name = await shared.suffer("template_missing")
    assert "VDITemplate not found" in (await shared.until(name, "Failed"))["message"]
    await shared.delete(name)
    await shared.until_gone(name)


async def test_nobody_takes_a_session_up(shared: Observer) -> None:
    """It gets no status and no finalizer, and its deletion waits for nobody."""
    name = await shared.suffer("operator_down")
    await asyncio.sleep(STARTUP_TIMES_THREE_S)
    session = await shared.session(name)
    assert not session.get("status")
    assert not session["metadata"].get("finalizers")
    await shared.delete(name)
    assert await shared.gone(name)


async def test_a_false_running_session_answers_nothing(shared: Observer) -> None:
    """The phase is Running, the Pod is not ready, the URL takes connections; with the session's end it lets go."""
    name = await shared.suffer("false_running")
    url = (await shared.until(name, "Running"))["url"]
    pod = await shared.api.get(f"{shared.core}/pods/{name}")
    assert ("Ready", "False") in {(met["type"], met["status"]) for met in pod["status"]["conditions"]}
    waiting = asyncio.create_task(shared.visit(url, password=await shared.password()), name="visit")
    done, _ = await asyncio.wait([waiting], timeout=HANGING_S)
    assert not done
    await shared.delete(name)
    assert await waiting is HTTPStatus.NOT_FOUND
    await shared.until_gone(name)


@pytest.mark.parametrize(
    ("fault", "host", "port"), [("dns", "dns-example-com.vdi.invalid", None), ("tcp_refused", "127.0.0.1", 1)], ids=str
)
async def test_a_url_leads_nowhere(shared: Observer, fault: str, host: str, port: int | None) -> None:
    """The session runs, its Pod is ready, and its URL is that of nothing."""
    name = await shared.suffer(fault)
    parts = urlsplit((await shared.until(name, "Running"))["url"])
    assert (parts.hostname, parts.port) == (host, port)
    await shared.delete(name)
    await shared.until_gone(name)


async def test_an_ingress_without_a_route_answers_as_traefik_does(shared: Observer) -> None:
    """404, whoever asks."""
    name = await shared.suffer("route_404")
    url = (await shared.until(name, "Running"))["url"]
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        assert answer.status == HTTPStatus.NOT_FOUND
        assert await answer.text() == "404 page not found\n"
    await shared.delete(name)
    await shared.until_gone(name)


async def test_signalling_is_closed_before_any_offer(shared: Observer) -> None:
    """The WebSocket opens, and closes without a message."""
    name = await shared.suffer("signalling_closed")
    url = (await shared.until(name, "Running"))["url"]
    login = aiohttp.encode_basic_auth("probe", await shared.password())
    async with aiohttp.ClientSession(headers={"Authorization": login}) as http:
        async with http.ws_connect(f"{url}signalling") as socket:
            message = await socket.receive(timeout=5)
        assert message.type is aiohttp.WSMsgType.CLOSE
    await shared.delete(name)
    await shared.until_gone(name)
