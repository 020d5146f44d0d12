"""An HTTPS reverse proxy on loopback that streams watches, and harms requests.

A server behind it that does not answer, or breaks off, is passed on as a cut connection.
"""

import asyncio
import json
import ssl
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from weakref import WeakSet

import aiohttp
from aiohttp import web

from prober.lab.kube.tls import CertificateAuthority
from tests.cluster.harms import WATCH, Harm, Kind

GRAIN_S = 0.05
"""How often idle connections are looked for, in seconds."""

_HOP_BY_HOP = {"connection", "content-length", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}


class Proxy:
    """The proxy; all its methods belong to its event loop.

    Attributes:
        ca_pem: What clients have to trust.
        asked: How many requests came, by method.
        passed: How many of them were handed to the server.
        harmed: How many requests, or connections that were cut, met a harm.
        harm: What is done to requests.
    """

    def __init__(self, *, upstream: str, ca_pem: str, folder: Path) -> None:
        authority = CertificateAuthority(name="interposer")
        self.ca_pem = authority.certificate_pem
        self.asked: Counter[str] = Counter()
        self.passed: Counter[str] = Counter()
        self.harmed = 0
        self.harm: Harm | None = None
        self._tls = authority.issue(folder, name="interposer").context()
        self._upstream = upstream
        self._upstream_tls = ssl.create_default_context(cadata=ca_pem)
        self._met = 0
        self._streaming: WeakSet[asyncio.Transport] = WeakSet()
        self._flows = asyncio.Event()
        self._flows.set()
        self._active_s: dict[asyncio.BaseTransport, float] = {}

    async def start(self) -> str:
        """Begins to serve; returns the address."""
        self._http = aiohttp.ClientSession(
            base_url=self._upstream,
            connector=aiohttp.TCPConnector(ssl=self._upstream_tls, limit=0),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),
        )
        self._server = web.Server(self._handle, handler_cancellation=True, access_log=None)
        self._runner = web.ServerRunner(self._server, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls).start()
        self._idle = asyncio.create_task(self._cut_idle(), name="idle connections")
        ((_, port),) = self._runner.addresses
        return f"https://127.0.0.1:{port}"

    async def stop(self) -> None:
        """Ends all."""
        self._idle.cancel()
        with suppress(asyncio.CancelledError):
            await self._idle
        self.inflict(None)
        self.cut()
        await self._runner.cleanup()
        for transport in list(self._streaming):
            transport.abort()  # to be closed in order they would need the other side, which may be waiting for us
        await self._http.close()
        # Aborted transports need some turns of the loop, and tell nobody when they are gone.
        await asyncio.sleep(GRAIN_S)

    def inflict(self, harm: Harm | None) -> None:
        """Does this harm from now on; `None` heals."""
        self.harm, self._met = harm, 0
        if harm is not None and harm.kind is Kind.HANG:
            self._flows.clear()
        else:
            self._flows.set()

    def cut(self) -> None:
        """Cuts every connection."""
        for connection in list(self._server.connections):
            if connection.transport is not None:
                self.harmed += 1
                connection.transport.abort()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        method = WATCH if request.query.get("watch") in {"true", "1"} else request.method
        self.asked[method] += 1
        harm = self._due(method)
        self._note_activity(request)
        body = await request.read()
        await self._flows.wait()
        response = self._instead(request, harm) or await self._passed_on(request, body, method=method, harm=harm)
        self._note_activity(request)
        return response

    def _due(self, method: str) -> Harm | None:
        """Returns the harm that this request meets, and counts it."""
        if self.harm is None or not self.harm.meets(method):
            return None
        self._met += 1
        if not self.harm.due(self._met):
            return None
        self.harmed += 1
        return self.harm

    def _instead(self, request: web.BaseRequest, harm: Harm | None) -> web.StreamResponse | None:
        """Returns the answer to a request that does not reach the server."""
        match harm.kind if harm else None:
            case Kind.CUT_REQUEST:
                return _cut(request)
            case Kind.REFUSE if harm is not None:
                asks = {} if harm.retry_after_s is None else {"Retry-After": str(harm.retry_after_s)}
                return web.json_response(harm.status(), status=harm.code, headers=asks)
            case Kind.EXPIRE if harm is not None:
                return web.json_response({"type": "ERROR", "object": harm.status()}, dumps=_line)
        return None

    async def _passed_on(
        self, request: web.BaseRequest, body: bytes, *, method: str, harm: Harm | None
    ) -> web.StreamResponse:
        self.passed[method] += 1
        try:
            async with self._http.request(
                request.method, request.rel_url, data=body, headers=_end_to_end(request.headers)
            ) as answer:
                if answer.connection is not None and isinstance(answer.connection.transport, asyncio.Transport):
                    self._streaming.add(answer.connection.transport)
                match harm.kind if harm else None:
                    case Kind.CUT_ANSWER:
                        return _cut(request)
                    case Kind.CUT_MIDWAY:
                        return await _cut_midway(request, answer)
                    case Kind.HANG_ANSWER:
                        await asyncio.Event().wait()
                    case Kind.DELAY if harm is not None:
                        await asyncio.sleep(harm.seconds)
                return await self._streamed(request, answer)
        except (aiohttp.ClientError, OSError):
            return _cut(request)

    async def _streamed(self, request: web.BaseRequest, answer: aiohttp.ClientResponse) -> web.StreamResponse:
        response = web.StreamResponse(status=answer.status, headers=_end_to_end(answer.headers))
        await self._flows.wait()
        await response.prepare(request)
        async for chunk in answer.content.iter_any():
            await self._flows.wait()
            await response.write(chunk)
            self._note_activity(request)
        await response.write_eof()
        return response

    def _note_activity(self, request: web.BaseRequest) -> None:
        if request.transport is not None:
            self._active_s[request.transport] = asyncio.get_running_loop().time()

    async def _cut_idle(self) -> None:
        while True:
            await asyncio.sleep(GRAIN_S)
            now = asyncio.get_running_loop().time()
            self._active_s = {known: when for known, when in self._active_s.items() if not known.is_closing()}
            if self.harm is None or self.harm.kind is not Kind.IDLE_CUT:
                continue
            for transport, when in self._active_s.items():
                if now - when >= self.harm.seconds and isinstance(transport, asyncio.Transport):
                    transport.abort()


def _cut(request: web.BaseRequest) -> web.StreamResponse:
    """Cuts the connection instead of an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _cut_midway(request: web.BaseRequest, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers=_end_to_end(answer.headers))
    await response.prepare(request)
    await response.write((await answer.content.readany())[:16])
    return _cut(request)


def _line(event: object) -> str:
    return json.dumps(event) + "\n"


def _end_to_end(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _HOP_BY_HOP}
