"""The HTTP server of the service.

Metrics, health, readiness, a status page; GET only. It listens on loopback unless told otherwise, keeps no access log,
and gives requests that are under way a moment when it stops.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from aiohttp import web

from prober.adapters.web.status_page import render_status
from prober.domain.discovery import DiscoveryState
from prober.domain.ids import TargetName
from prober.domain.report import RunReport

SHUTDOWN_S = 2.0
"""How long answers under way may take when the server stops, in seconds; each takes milliseconds."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
"""A summary on the page comes from the platform: should escaping fail, it must still not run."""


class WebServer:
    """Serves what it is given functions for.

    Args:
        host: Where it listens.
        port: On which port; 0 takes a free one.
        metrics: Returns the exposition for an Accept header, with its content type; called in another thread.
        why_not_ready: Returns why no runs can begin now, or `None` when they can.
        reports: Returns every target's last report, `None` where there was no run yet.
        discoveries: Returns what each discovering target has come to.
        redact: Masks the secrets that it knows in what the pages quote.
        version: The prober's version.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        metrics: Callable[[str], tuple[bytes, str]],
        why_not_ready: Callable[[], str | None],
        reports: Callable[[], Mapping[TargetName, RunReport | None]],
        discoveries: Callable[[], Sequence[DiscoveryState]] = tuple,
        redact: Callable[[str], str],
        version: str,
    ) -> None:
        self._host = host
        self._port = port
        self._metrics = metrics
        self._why_not_ready = why_not_ready
        self._reports = reports
        self._discoveries = discoveries
        self._redact = redact
        self._version = version
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where it is served, without a slash at the end.

        Raises:
            RuntimeError: It is not.
        """
        if self._runner is None or not self._runner.addresses:
            raise RuntimeError("the web server is not started")
        host, port, *_ = self._runner.addresses[0]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def start(self) -> None:
        """Begins to serve.

        Raises:
            OSError: The address is in use, or not one of this machine.
        """
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=SHUTDOWN_S)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner

    async def stop(self) -> None:
        """Closes the port, then the connections; a second call does nothing."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application()
        application.on_response_prepare.append(_add_headers)
        application.add_routes(
            [
                web.get("/", self._status),
                web.get("/metrics", self._exposition),
                web.get("/-/healthy", self._healthy),
                web.get("/healthz", self._healthy),
                web.get("/-/ready", self._ready),
                web.get("/readyz", self._ready),
            ]
        )
        return application

    async def _status(self, _: web.Request) -> web.Response:
        page = render_status(
            self._reports(), discoveries=self._discoveries(), redact=self._redact, version=self._version
        )
        return web.Response(text=page, content_type="text/html")

    async def _exposition(self, request: web.Request) -> web.Response:
        # Rendering takes tens of milliseconds with many targets: in the loop it would be in all that is measured.
        body, content_type = await asyncio.to_thread(self._metrics, ",".join(request.headers.getall("Accept", [])))
        return web.Response(body=body, headers={"Content-Type": content_type})

    async def _healthy(self, _: web.Request) -> web.Response:
        # Whoever gets this answer knows that the event loop turns; nothing else is worth a restart.
        return web.Response(text="healthy\n")

    async def _ready(self, _: web.Request) -> web.Response:
        cause = self._why_not_ready()
        if cause is None:
            return web.Response(text="ready\n")
        return web.Response(text=f"not ready: {self._redact(cause)}\n", status=web.HTTPServiceUnavailable.status_code)


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)
