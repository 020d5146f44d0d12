"""A web site on loopback whose pages the tests write."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import WSMsgType, encode_basic_auth, web
from aiohttp.typedefs import Handler

from prober.flow.ports import Desktop

_T = TypeVar("_T")

_FILES = tuple(Path(__file__).parent / "pages" / name for name in ("loopback.js", "canvases.js", "grey.svg"))
LOCK = ("probe", "open-sesame")
"""What `/locked` asks for."""

_KINDS = {".js": "text/javascript", ".svg": "image/svg+xml"}


class Site:
    """Serves pages at loopback, on a free port.

    Attributes:
        origin: Where.
        asked: The requests, in order.
    """

    def __init__(self) -> None:
        self._pages: dict[str, str] = {}
        self._names = count(1)
        self._runner: web.AppRunner | None = None
        self.origin = ""
        self.asked: list[web.Request] = []

    async def __aenter__(self) -> Self:
        for file in _FILES:
            self._pages[f"/{file.name}"] = await asyncio.to_thread(file.read_text, encoding="utf-8")
        application = web.Application(middlewares=[self._hear])
        application.router.add_get("/echo", _echo)
        application.router.add_get("/slow", _slow)
        application.router.add_get("/status/{status}", _status)
        application.router.add_get("/moved", _moved)
        application.router.add_get("/locked", _locked)
        application.router.add_get("/{name}", self._serve)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def page(self, body: str) -> str:
        """Returns the URL of a new page with this body; `<head>` loads the scripts of the loopback desktops."""
        name = f"/page{next(self._names)}"
        self._pages[name] = (
            "<!DOCTYPE html><html><head><link rel=icon href='data:,'>"
            "<style>html, body { margin: 0; background: #fff } video { display: block }</style>"
            "<script src=/loopback.js></script><script src=/canvases.js></script></head>"
            f"<body>{body}</body></html>"
        )
        return self.origin + name

    def remove(self, url: str) -> None:
        """Lets a page answer 404 from now on."""
        del self._pages[url.removeprefix(self.origin)]

    @web.middleware
    async def _hear(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.asked.append(request)
        return await handler(request)

    async def _serve(self, request: web.Request) -> web.Response:
        page = self._pages.get(request.path)
        if page is None:
            raise web.HTTPNotFound
        return web.Response(text=page, content_type=_KINDS.get(Path(request.path).suffix, "text/html"))


async def eventually(look: Callable[[], Awaitable[_T]], until: Callable[[_T], bool], *, within_s: float = 10.0) -> _T:
    """Asks until the answer is the awaited one; fails with the last answer after `within_s` seconds."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while not until(seen := await look()):
        assert loop.time() < deadline, f"not within {within_s} s; last: {seen}"
        await asyncio.sleep(0.05)
    return seen


async def evaluate(desktop: Desktop, script: str) -> Any:
    """Runs a script in the desktop's page: the test's own hand inside it."""
    page = desktop._page  # type: ignore[attr-defined]  # the real adapter's, which no port gives away
    return await page.evaluate(script)


async def _echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
        if message.type is WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket


async def _slow(request: web.Request) -> web.Response:
    await asyncio.sleep(60)  # longer than any test waits; ends with the connection
    return web.Response(text="late")


async def _status(request: web.Request) -> web.Response:
    return web.Response(status=int(request.match_info["status"]), text="status")


async def _moved(request: web.Request) -> web.Response:
    raise web.HTTPFound(request.query["to"])


async def _locked(request: web.Request) -> web.Response:
    if request.headers.get("Authorization") != encode_basic_auth(*LOCK):
        return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="desk"'})
    page = "<!DOCTYPE html><link rel=icon href='data:,'><script src=/loopback.js></script>"
    return web.Response(text=page, content_type="text/html")
