"""What a navigation meets: answers, refusals, silence, untrusted certificates."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from prober.adapters.browser import WarmBrowser
from prober.domain.errors import TargetFailed
from prober.domain.reasons import Reason
from prober.flow.ports import Desktop
from tests.adapters.browser.seats import seat
from tests.adapters.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndesk"


@pytest.mark.parametrize("status", [200, 404, 503], ids=str)
async def test_an_answer_is_its_status(site: Site, desktop: Desktop, status: int) -> None:
    """Whatever the server answers is no exception."""
    assert await desktop.open(f"{site.origin}/status/{status}") == status


async def test_a_refused_connection_is_the_target_s(desktop: Desktop) -> None:
    """Where nobody listens the reason is `tcp_refused`."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        with pytest.raises(TargetFailed) as caught:
            await desktop.open(f"http://127.0.0.1:{port}/")
    assert caught.value.fault.reason is Reason.TCP_REFUSED


async def test_an_accepted_connection_without_an_answer_is_false_running(desktop: Desktop) -> None:
    """A server that accepts and hangs up has answered nothing."""
    async with await asyncio.start_server(_hang_up, "127.0.0.1", 0) as server:
        with pytest.raises(TargetFailed) as caught:
            await desktop.open(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    assert caught.value.fault.reason is Reason.FALSE_RUNNING


async def test_an_untrusted_certificate_is_refused_unless_allowed(browser: WarmBrowser, tls_port: int) -> None:
    """A self-signed certificate is `tls`, or passes where the target says so."""
    url = f"https://127.0.0.1:{tls_port}/"
    async with seat(browser) as strict:
        with pytest.raises(TargetFailed) as caught:
            await strict.open(url)
    assert caught.value.fault.reason is Reason.TLS
    async with seat(browser, verify_tls=False) as lenient:
        assert await lenient.open(url) == 200


@pytest_asyncio.fixture(loop_scope="module")
async def tls_port(tmp_path: Path) -> AsyncIterator[int]:
    """The port of a TLS server that nobody has reason to trust."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(await asyncio.to_thread(_self_signed, tmp_path))
    async with await asyncio.start_server(_answer, "127.0.0.1", 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]


def _self_signed(directory: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = directory / "server.pem"
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if await reader.readline():
        writer.write(ANSWER)
        await writer.drain()
    writer.close()


async def _hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()
    writer.close()
