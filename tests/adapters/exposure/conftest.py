"""Servers on loopback, well and ill, plain and encrypted."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from prober.adapters.exposure import HttpExposure
from prober.lab.kube.tls import CertificateAuthority

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Servers:
    """Starts servers that talk as they are told, and takes part in the port's contract.

    Attributes:
        exposure: What asks them; trusts `authority`.
        heard: The heads of the requests.
        idle: Set while no connection is open.
    """

    def __init__(self, stack: AsyncExitStack, *, authority: CertificateAuthority, folder: Path) -> None:
        self.exposure = HttpExposure(authorities=authority.certificate_pem)
        self.heard: list[bytes] = []
        self.idle = asyncio.Event()
        self.idle.set()
        self._open = 0
        self._stack = stack
        self._authority = authority
        self._folder = folder

    async def start(self, talk: Talk, *, hosts: tuple[str, ...] = ()) -> str:
        """Starts a server, encrypted where its certificate's hosts are given; returns its URL."""
        context: ssl.SSLContext | None = None
        if hosts:
            issued = await asyncio.to_thread(self._authority.issue, self._folder, name="server", hosts=hosts)
            context = await asyncio.to_thread(issued.context)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._open += 1
            self.idle.clear()
            try:
                await talk(reader, writer)
                await reader.read()
            except ConnectionError:
                pass
            finally:
                writer.transport.abort()
                self._open -= 1
                if not self._open:
                    self.idle.set()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        await self._stack.enter_async_context(server)
        port = server.sockets[0].getsockname()[1]
        return f"{'https' if hosts else 'http'}://127.0.0.1:{port}/"

    def saying(self, answer: bytes) -> Talk:
        """Makes a talk that hears the request's head out, and says something."""

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.heard.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(answer)
            await writer.drain()

        return talk

    async def serving(self, status: int) -> str:
        """Starts a server that answers a status."""
        return await self.start(self.saying(f"HTTP/1.1 {status} Whatever\r\nContent-Length: 0\r\n\r\n".encode()))

    async def silent(self) -> str:
        """Starts a server that says nothing."""
        return await self.start(self.saying(b""))

    async def refused(self) -> str:
        """Returns the URL of a server that is gone."""
        server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        return f"http://127.0.0.1:{port}/"


@pytest.fixture(scope="session")
def authority() -> CertificateAuthority:
    """Signs the servers' certificates."""
    return CertificateAuthority()


@pytest.fixture
async def servers(authority: CertificateAuthority, tmp_path: Path) -> AsyncIterator[Servers]:
    """Servers that end with the test; each connection must have been closed by the other side."""
    async with AsyncExitStack() as stack:
        servers = Servers(stack, authority=authority, folder=tmp_path)
        yield servers
        async with asyncio.timeout(5):
            await servers.idle.wait()
