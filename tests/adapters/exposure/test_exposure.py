import asyncio
import errno
import os
import socket
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from prober import __version__
from prober.adapters.exposure import HttpExposure
from prober.domain.errors import ProberFailed, TargetFailed
from prober.domain.reasons import Reason
from tests.adapters.exposure.conftest import Servers
from tests.contracts.exposure import ExposureContract

OK = b"HTTP/1.1 200 OK\r\n\r\n"
LOOPBACK = ("127.0.0.1",)


class TestHttpExposure(ExposureContract):
    """The adapter passes the suite of its port."""

    @pytest.fixture
    def place(self, servers: Servers) -> Servers:
        """Servers on loopback."""
        return servers


async def fault_of(
    exposure: HttpExposure, url: str, *, verify_tls: bool = True, timeout_s: float = 5.0
) -> TargetFailed:
    """Returns what asking a URL fails with."""
    with pytest.raises(TargetFailed) as caught:
        await exposure.ask(url, verify_tls=verify_tls, timeout_s=timeout_s)
    return caught.value


async def test_the_request(servers: Servers) -> None:
    """One plain GET that says who asks, without credentials."""
    url = await servers.start(servers.saying(OK))
    await servers.exposure.ask(f"{url}a b/?q=ü&r=%20#part", verify_tls=True, timeout_s=5.0)
    host = url.removeprefix("http://").rstrip("/")
    assert servers.heard == [
        f"GET /a%20b/?q=%C3%BC&r=%20 HTTP/1.1\r\nHost: {host}\r\n".encode()
        + f"User-Agent: vdi-prober/{__version__}\r\nAccept: */*\r\nConnection: close\r\n\r\n".encode()
    ]


async def test_further_headers(servers: Servers) -> None:
    """What the caller gives is sent beside our own."""
    url = await servers.start(servers.saying(OK))
    await servers.exposure.ask(url, verify_tls=True, timeout_s=5.0, headers={"X-Probe-Run-Id": "0198"})
    [heard] = servers.heard
    assert heard.endswith(b"Connection: close\r\nX-Probe-Run-Id: 0198\r\n\r\n")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(b"SSH-2.0-OpenSSH_9.9\r\n\r\n", "illegal status line", id="not HTTP"),
        pytest.param(b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n", "", id="a bad header"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 20_000, "", id="an endless head"),
    ],
)
async def test_garbage_is_false_running(servers: Servers, answer: bytes, words: str) -> None:
    """An answer that is no HTTP is none."""
    error = await fault_of(servers.exposure, await servers.start(servers.saying(answer)))
    assert error.fault.reason is Reason.FALSE_RUNNING
    assert words in error.fault.summary
    assert len(error.fault.summary) < 400


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 O"], ids=["nothing", "half an answer"])
async def test_a_server_that_hangs_up(servers: Servers, said: bytes) -> None:
    """A connection that is closed without an answer is false running."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await servers.saying(said)(reader, writer)
        writer.close()

    error = await fault_of(servers.exposure, await servers.start(talk))
    assert error.fault.reason is Reason.FALSE_RUNNING
    assert "closed" in error.fault.summary


async def test_interim_answers_are_passed_over(servers: Servers) -> None:
    """The status is that of the final answer, however slowly it comes."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await servers.saying(b"HTTP/1.1 103 Early Hints\r\n\r\n")(reader, writer)
        for byte in b"HTTP/1.1 401 Unauthorized\r\n\r\n":
            writer.write(bytes([byte]))
            await writer.drain()

    answer = await servers.exposure.ask(await servers.start(talk), verify_tls=True, timeout_s=5.0)
    assert answer.status == 401


async def test_a_trusted_certificate(servers: Servers) -> None:
    """The handshake is timed, the certificate's end is told."""
    url = await servers.start(servers.saying(OK), hosts=LOOPBACK)
    answer = await servers.exposure.ask(url, verify_tls=True, timeout_s=5.0)
    assert answer.status == 200
    assert answer.tls_s is not None
    assert answer.tls_s > 0
    assert answer.certificate_expires_at is not None
    assert timedelta(days=29) < answer.certificate_expires_at - datetime.now(UTC) < timedelta(days=31)


async def test_an_untrusted_certificate(servers: Servers) -> None:
    """Who signed it matters where certificates are verified; its end is told where they are not."""
    url = await servers.start(servers.saying(OK), hosts=LOOPBACK)
    exposure = HttpExposure()
    error = await fault_of(exposure, url)
    assert error.fault.reason is Reason.TLS
    assert "the certificate is not trusted: " in error.fault.summary
    answer = await exposure.ask(url, verify_tls=False, timeout_s=5.0)
    assert answer.status == 200
    assert answer.certificate_expires_at is not None


async def test_a_certificate_for_another_host(servers: Servers) -> None:
    """A certificate is for the names in it."""
    error = await fault_of(servers.exposure, await servers.start(servers.saying(OK), hosts=("other.example.com",)))
    assert error.fault.reason is Reason.TLS
    assert "127.0.0.1" in error.fault.summary


async def test_no_tls_where_tls_is_expected(servers: Servers) -> None:
    """A plain server behind an https URL is a fault of TLS."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    url = (await servers.start(talk)).replace("http:", "https:")
    assert (await fault_of(servers.exposure, url)).fault.reason is Reason.TLS


async def test_a_handshake_that_hangs(servers: Servers) -> None:
    """A server that accepts and never shakes hands is a fault of TLS, when the time is up."""
    url = (await servers.silent()).replace("http:", "https:")
    error = await fault_of(servers.exposure, url, timeout_s=0.2)
    assert error.fault.reason is Reason.TLS
    assert "no answer in time" in error.fault.summary


async def test_a_call_can_be_cancelled(servers: Servers) -> None:
    """A cancellation stays one, and closes the connection."""
    url = await servers.silent()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(servers.exposure.ask(url, verify_tls=True, timeout_s=60.0), timeout=0.1)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://a..b/", id="an empty label"),
        pytest.param(f"http://{'a' * 64}.example.com/", id="a label too long"),
        pytest.param("http:///path", id="no host"),
        pytest.param("http://host:99999/", id="no port"),
        pytest.param("http://[::1/", id="half an address"),
    ],
)
async def test_a_host_that_cannot_be_one(servers: Servers, url: str) -> None:
    """What is no host name does not resolve."""
    assert (await fault_of(servers.exposure, url)).fault.reason is Reason.DNS


async def test_a_name_that_does_not_resolve(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The resolver's words are told."""

    async def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    error = await fault_of(servers.exposure, "https://desktop.example.com/")
    assert error.fault.reason is Reason.DNS
    assert error.fault.summary == "resolving desktop.example.com:443: Name or service not known"


async def test_a_resolver_that_hangs(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is not resolved in time is a fault of DNS."""

    async def never(*_: Any, **__: Any) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", never)
    assert (await fault_of(servers.exposure, "http://a.example.com/", timeout_s=0.1)).fault.reason is Reason.DNS


async def test_all_addresses_are_tried(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dead first address does not hide a living second one."""
    url = await servers.start(servers.saying(OK))
    port = int(url.rpartition(":")[2].rstrip("/"))

    async def several(*_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in ("127.0.0.9", "127.0.0.1")]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", several)
    answer = await servers.exposure.ask(f"http://desktop.example.com:{port}/", verify_tls=True, timeout_s=5.0)
    assert answer.status == 200
    assert f"Host: desktop.example.com:{port}\r\n".encode() in servers.heard[0]


def test_authorities_that_are_none() -> None:
    """A wrong file of authorities is our own fault."""
    with pytest.raises(ProberFailed, match="authorities for desktops cannot be read"):
        HttpExposure(authorities="no certificate")


@pytest.mark.parametrize("number", [errno.EMFILE, errno.EADDRNOTAVAIL, errno.ENETDOWN], ids=str)
async def test_our_own_network_stack(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """No descriptor, no port, no network: whatever the kernel refuses to us says nothing of the target."""

    async def refused(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", refused)
    with pytest.raises(ProberFailed) as failed:
        await HttpExposure().ask("http://127.0.0.1:9/", verify_tls=True, timeout_s=5.0)
    assert failed.value.fault.reason is Reason.PROBER_STARVED
    assert "the prober's own network stack" in failed.value.fault.summary
