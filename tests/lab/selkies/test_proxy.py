"""The way to a desktop, with a web server of our own at its end."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from prober.lab.selkies.proxy import forward

BODY = b"\x1f\x8b not really gzip" * 9000


async def _tell(request: web.Request) -> web.Response:
    content = {
        "method": request.method,
        "path": request.raw_path,
        "host": request.host,
        "origin": request.headers.get("Origin"),
        "authorization": request.headers.get("Authorization"),
        "connection": request.headers.get("Connection"),
        "listed": request.headers.get("X-Listed"),
        "unlisted": request.headers.get("X-Unlisted"),
        "body": await request.text(),
    }
    return web.json_response(content, status=int(request.query.get("status", "200")), headers={"X-Kept": "yes"})


async def _download(_: web.Request) -> web.Response:
    return web.Response(body=BODY, headers={"Content-Encoding": "gzip"})


async def _echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(autoping=False, protocols=("desktop",))
    await socket.prepare(request)
    async for message in socket:
        match message.type:
            case aiohttp.WSMsgType.TEXT if message.data == "close":
                await socket.close(code=4001)
            case aiohttp.WSMsgType.TEXT:
                await socket.send_str(f"{socket.ws_protocol} {message.data}")
            case aiohttp.WSMsgType.BINARY:
                await socket.send_bytes(message.data)
            case aiohttp.WSMsgType.PING:
                await socket.pong(message.data)
    return socket


async def _refuse(_: web.Request) -> web.Response:
    return web.Response(status=401, headers={"WWW-Authenticate": "Basic"})


async def _break_off(request: web.Request) -> web.StreamResponse:
    """Promises more than it sends."""
    response = web.StreamResponse(headers={"Content-Length": "1000"} if "length" in request.query else {})
    await response.prepare(request)
    await response.write(b"some")
    _abort(request)
    return response


async def _drop(request: web.Request) -> web.WebSocketResponse:
    """Goes without a goodbye once it is spoken to."""
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await socket.receive()
    _abort(request)
    return socket


def _abort(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.abort()


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Where the proxy is, with a server behind it."""
    with tempfile.TemporaryDirectory() as folder:
        socket = str(Path(folder) / "http")
        there = web.Application()
        there.router.add_get("/r/download", _download)
        there.router.add_get("/r/echo", _echo)
        there.router.add_get("/r/broken", _break_off)
        there.router.add_get("/r/dropped", _drop)
        there.router.add_get("/r/refused", _refuse)
        there.router.add_route("*", "/r/{rest:.*}", _tell)
        behind = web.AppRunner(there)
        await behind.setup()
        await web.UnixSite(behind, socket).start()
        async with (
            aiohttp.ClientSession(connector=aiohttp.UnixConnector(socket), auto_decompress=False) as http,
            aiohttp.ClientSession(connector=aiohttp.UnixConnector(f"{socket}.gone")) as nobody,
        ):
            here = web.Application()
            here.router.add_route("*", "/r/{rest:.*}", partial(forward, http=http))
            here.router.add_route("*", "/gone/{rest:.*}", partial(forward, http=nobody))
            front = web.AppRunner(here, shutdown_timeout=1)
            await front.setup()
            site = web.TCPSite(front, "127.0.0.1", 0)
            await site.start()
            yield f"http://127.0.0.1:{front.addresses[0][1]}"
            await front.cleanup()
        await behind.cleanup()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A browser, more or less."""
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        yield session


async def test_a_request_arrives_as_it_was(url: str, http: aiohttp.ClientSession) -> None:
    """Method, path with its query and escapes, host, origin, credentials, body: the desktop sees the browser's.

    What the browser says of its own connection only ends here.
    """
    headers = {
        "Origin": url,
        "Authorization": "Basic eA==",
        "Connection": "keep-alive, X-Listed",
        "X-Listed": "a",
        "X-Unlisted": "b",
    }
    async with http.post(f"{url}/r/a%2Fb?c=d&status=403", data=b"text", headers=headers) as answer:
        seen = await answer.json()
    assert answer.status == 403
    assert answer.headers["X-Kept"] == "yes"
    assert seen == {
        "method": "POST",
        "path": "/r/a%2Fb?c=d&status=403",
        "host": url.removeprefix("http://"),
        "origin": url,
        "authorization": "Basic eA==",
        "connection": None,
        "listed": None,
        "unlisted": "b",
        "body": "text",
    }


async def test_an_answer_arrives_as_it_was(url: str, http: aiohttp.ClientSession) -> None:
    """A body is neither unpacked nor cut."""
    async with http.get(f"{url}/r/download") as answer:
        assert await answer.read() == BODY
    assert answer.headers["Content-Encoding"] == "gzip"


async def test_a_socket_is_handed_on(url: str, http: aiohttp.ClientSession) -> None:
    """Text, bytes, pings, the protocol that was agreed on, the code of the end: all of it passes."""
    async with http.ws_connect(f"{url}/r/echo", protocols=("desktop",), autoping=False) as socket:
        await socket.send_str("hello")
        assert await socket.receive_str() == "desktop hello"
        await socket.send_bytes(BODY)
        assert await socket.receive_bytes() == BODY
        await socket.ping(b"tick")
        pong = await socket.receive()
        assert (pong.type, pong.data) == (aiohttp.WSMsgType.PONG, b"tick")
        await socket.send_str("close")
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
    assert socket.close_code == 4001


async def test_a_page_that_leaves_ends_both_sides(url: str, http: aiohttp.ClientSession) -> None:
    """The desktop's side of a socket goes with the browser's; the next one is served as ever."""
    for _ in range(2):
        socket = await http.ws_connect(f"{url}/r/echo", protocols=("desktop",))
        await socket.send_str("hello")
        assert await socket.receive_str() == "desktop hello"
        async with asyncio.timeout(2):
            await socket.close()


async def test_a_refused_socket_is_refused(url: str, http: aiohttp.ClientSession) -> None:
    """Where the desktop answers 401 to a handshake, so does the proxy."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await http.ws_connect(f"{url}/r/refused")
    assert refusal.value.status == 401


@pytest.mark.parametrize("query", ["?length", ""], ids=["with_length", "in_chunks"])
async def test_an_answer_that_breaks_off_breaks_off(url: str, http: aiohttp.ClientSession, query: str) -> None:
    """A desktop that dies in the middle of an answer: the browser sees a broken connection, not a short answer."""
    async with http.get(f"{url}/r/broken{query}") as answer:
        assert answer.status == 200
        with pytest.raises(aiohttp.ClientError):
            await asyncio.wait_for(answer.read(), timeout=5)


async def test_a_socket_that_is_dropped_is_closed(url: str, http: aiohttp.ClientSession) -> None:
    """A desktop that goes without a goodbye: the browser is told with a code that may be told."""
    async with http.ws_connect(f"{url}/r/dropped") as socket:
        await socket.send_str("hello")
        end = await socket.receive(timeout=5)
    assert (end.type, end.data) == (aiohttp.WSMsgType.CLOSE, aiohttp.WSCloseCode.GOING_AWAY)


@pytest.mark.parametrize("path", ["/gone/", "/gone/socket"], ids=["page", "socket"])
async def test_nobody_there(url: str, http: aiohttp.ClientSession, path: str) -> None:
    """502 where the desktop does not answer."""
    headers = {"Connection": "Upgrade", "Upgrade": "websocket"} if path.endswith("socket") else {}
    async with http.get(f"{url}{path}", headers=headers) as answer:
        assert answer.status == 502
