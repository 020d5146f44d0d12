"""The server over real connections on loopback."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest

from prober.adapters.metrics import Metrics
from prober.adapters.redaction import Redactor
from prober.adapters.web import WebServer
from prober.domain.errors import Fault
from prober.domain.ids import TargetName
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.report import RunReport
from tests.adapters.reporting import make_report, make_target


@dataclass(slots=True)
class Service:
    """What the server asks, as a test wants it."""

    metrics: Metrics = field(default_factory=lambda: Metrics(version="1.2.3"))
    cause: str | None = None
    reports: dict[TargetName, RunReport | None] = field(default_factory=dict)
    redactor: Redactor = field(default_factory=Redactor)


@pytest.fixture
def service() -> Service:
    """A service with one target and no runs."""
    service = Service()
    service.metrics.add_target(make_target())
    return service


def make_server(service: Service, *, port: int = 0) -> WebServer:
    """Makes a server that is not started."""
    return WebServer(
        port=port,
        metrics=service.metrics.render,
        why_not_ready=lambda: service.cause,
        reports=lambda: service.reports,
        redact=service.redactor.text,
        version="1.2.3",
    )


@pytest.fixture
async def server(service: Service) -> AsyncIterator[WebServer]:
    """A started server on a free port."""
    server = make_server(service)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def client(server: WebServer) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of that server."""
    async with aiohttp.ClientSession(server.url) as client:
        yield client


@pytest.mark.parametrize(
    ("accept", "content_type", "ending"),
    [
        ("text/plain", "text/plain; version=0.0.4; charset=utf-8", "\n"),
        ("application/openmetrics-text", "application/openmetrics-text; version=1.0.0; charset=utf-8", "# EOF\n"),
    ],
    ids=["text", "openmetrics"],
)
async def test_metrics(client: aiohttp.ClientSession, accept: str, content_type: str, ending: str) -> None:
    """The exposition comes in the format that is asked for, with its own content type."""
    async with client.get("/metrics", headers={"Accept": accept}) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == content_type
        text = await response.text()
    assert 'vdi_probe_runs_total{outcome="success",target="ubuntu"} 0.0' in text
    assert text.endswith(ending)


@pytest.mark.parametrize("path", ["/-/healthy", "/healthz"], ids=["prometheus", "kubernetes"])
async def test_healthy(client: aiohttp.ClientSession, service: Service, path: str) -> None:
    """Health says that the loop turns, ready or not."""
    service.cause = "stopping"
    async with client.get(path) as response:
        assert (response.status, await response.text()) == (200, "healthy\n")


@pytest.mark.parametrize("path", ["/-/ready", "/readyz"], ids=["prometheus", "kubernetes"])
async def test_ready(client: aiohttp.ClientSession, service: Service, path: str) -> None:
    """Readiness follows the service and says why not."""
    async with client.get(path) as response:
        assert (response.status, await response.text()) == (200, "ready\n")
    service.cause = "stopping"
    async with client.get(path) as response:
        assert (response.status, await response.text()) == (503, "not ready: stopping\n")


async def test_status_page(client: aiohttp.ClientSession, service: Service) -> None:
    """The page shows every target, those without a run too, and forbids scripts."""
    service.reports = {TargetName("ubuntu"): make_report(), TargetName("debian"): None}
    async with client.get("/") as response:
        assert response.status == 200
        assert response.content_type == "text/html"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["Cache-Control"] == "no-store"
        page = await response.text()
    assert '<td>ubuntu</td><td class="success">success</td>' in page
    assert "<td>debian</td>" in page


async def test_secrets_are_masked(client: aiohttp.ClientSession, service: Service) -> None:
    """A secret that somebody quoted is read nowhere, with signs that HTML escapes too."""
    secret = "p&ss<w0rd>"
    service.redactor.mask(secret)
    fault = Fault(reason=Reason.AUTH_REJECTED, summary=f"the page said: {secret} is wrong")
    service.reports = {TargetName("ubuntu"): make_report(Outcome.FAILURE, fault=fault)}
    service.cause = f"{secret} is wrong"
    async with client.get("/") as response:
        page = await response.text()
    async with client.get("/-/ready") as response:
        readiness = await response.text()
    assert "the page said: *** is wrong" in page
    assert "w0rd" not in page + readiness


async def test_unknown_path(client: aiohttp.ClientSession) -> None:
    """What is not there is 404."""
    async with client.get("/etc/passwd") as response:
        assert response.status == 404


@pytest.mark.parametrize(
    "path", ["/", "/metrics", "/-/healthy", "/-/ready"], ids=["status", "metrics", "healthy", "ready"]
)
async def test_only_reading(client: aiohttp.ClientSession, path: str) -> None:
    """Nothing can be posted."""
    async with client.post(path) as response:
        assert response.status == 405


async def test_listens_on_loopback_by_default(server: WebServer) -> None:
    """Nobody else reaches it unless told so."""
    assert server.url.startswith("http://127.0.0.1:")


async def test_port_in_use(server: WebServer, service: Service) -> None:
    """A second server on the same port is refused and leaves nothing behind."""
    other = make_server(service, port=int(server.url.rsplit(":", 1)[1]))
    with pytest.raises(OSError, match="address already in use"):
        await other.start()
    with pytest.raises(RuntimeError, match="not started"):
        _ = other.url
    await other.stop()


async def test_stop_closes_the_port(service: Service) -> None:
    """After a stop nothing listens, no task is left, a second stop does nothing, and a start serves again."""
    before = asyncio.all_tasks()
    server = make_server(service)
    await server.start()
    port = int(server.url.rsplit(":", 1)[1])
    async with aiohttp.ClientSession(server.url) as client, client.get("/healthz") as response:
        assert response.status == 200
    await server.stop()
    await server.stop()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert asyncio.all_tasks() == before
    await server.start()
    await server.stop()


async def test_stop_does_not_wait_for_idle_connections(service: Service) -> None:
    """A scraper that keeps its connection open does not hold up the end."""
    server = make_server(service)
    await server.start()
    host, port = server.url.removeprefix("http://").rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
    async with asyncio.timeout(1):
        await server.stop()
    writer.close()
    await writer.wait_closed()
