"""A web site on loopback whose pages the tests write."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from aiohttp import WSMsgType, web

_T = TypeVar("_T")

_SCRIPT = Path(__file__).parent / "pages" / "loopback.js"


class Site:
    """Serves pages at loopback, on a free port."""

    def __init__(self) -> None:
        self._pages: dict[str, str] = {}
        self._names = count(1)
        self._runner: web.AppRunner | None = None
        self.origin = ""

    async def __aenter__(self) -> Self:
        script = await asyncio.to_thread(_SCRIPT.read_text, encoding="utf-8")
        self._pages["/loopback.js"] = script
        application = web.Application()
        application.router.add_get("/echo", _echo)
        application.router.add_get("/slow", _slow)
        application.router.add_get("/status/{status}", _status)
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
        """Returns the URL of a new page with this body; `<head>` loads the loopback desktop's script."""
        name = f"/page{next(self._names)}"
        self._pages[name] = (
            "<!DOCTYPE html><html><head><link rel=icon href='data:,'>"
            "<style>html, body { margin: 0; background: #fff } video { display: block }</style>"
            f"<script src=/loopback.js></script></head><body>{body}</body></html>"
        )
        return self.origin + name

    async def _serve(self, request: web.Request) -> web.Response:
        page = self._pages.get(request.path)
        if page is None:
            raise web.HTTPNotFound
        kind = "text/javascript" if request.path.endswith(".js") else "text/html"
        return web.Response(text=page, content_type=kind)


async def eventually(look: Callable[[], Awaitable[_T]], until: Callable[[_T], bool], *, within_s: float = 10.0) -> _T:
    """Asks until the answer is the awaited one; fails with the last answer after `within_s` seconds."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    while not until(seen := await look()):
        assert loop.time() < deadline, f"not within {within_s} s; last: {seen}"
        await asyncio.sleep(0.05)
    return seen


async def _echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
    return socket


async def _slow(request: web.Request) -> web.Response:
    await asyncio.sleep(60)  # longer than any test waits; ends with the connection
    return web.Response(text="late")


async def _status(request: web.Request) -> web.Response:
    return web.Response(status=int(request.match_info["status"]), text="status")
