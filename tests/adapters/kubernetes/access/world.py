"""What tests of the way to an API server have in common: accounts that come and go, a credentials plugin, a proxy."""

import asyncio
import json
import os
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

TOKEN = "planted-token-3b77e0"
PASSWORD = "planted-password-77d1"

PLUGIN_VERSION = "client.authentication.k8s.io/v1"


class Accounts(dict[str, str]):
    """The tokens that an embedded API server takes; notes each that it is shown."""

    def __init__(self, *tokens: str) -> None:
        super().__init__()
        self.shown: list[str] = []
        self._next: Callable[[], object] | None = None
        self.take(*tokens)

    def take(self, *tokens: str) -> None:
        """Takes these tokens from now on, and no others."""
        self.clear()
        self.update(dict.fromkeys(tokens, "prober"))

    def meanwhile(self, act: Callable[[], object]) -> None:
        """Lets something happen while the next request is on its way."""
        self._next = act

    def get(self, token: str, default: Any = None) -> Any:
        """Looks a token up, as the API server does for each request."""
        self.shown.append(token)
        act, self._next = self._next, None
        if act is not None:
            act()
        return super().get(token, default)


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """A credentials plugin: prints a file, and notes what it is told."""

    folder: Path
    version: str = PLUGIN_VERSION

    def give(self, status: Mapping[str, str], *, expires_in: timedelta | None = None) -> None:
        """Sets what it gives from now on."""
        if expires_in is not None:
            end = (datetime.now(UTC) + expires_in).isoformat().replace("+00:00", "Z")
            status = {**status, "expirationTimestamp": end}
        self.say(json.dumps({"apiVersion": self.version, "kind": "ExecCredential", "status": status}))

    def say(self, text: str) -> None:
        """Sets what it prints from now on."""
        (self.folder / "answer").write_text(text)

    def hang(self) -> None:
        """Lets it wait for ever from now on."""
        answer = self.folder / "answer"
        answer.unlink()
        os.mkfifo(answer)

    def asked(self) -> list[dict[str, Any]]:
        """Returns what it was told each time."""
        notes = self.folder / "asked"
        return [json.loads(line) for line in notes.read_text().splitlines()] if notes.exists() else []

    def user(self, **more: Any) -> dict[str, Any]:
        """Returns the user of a kubeconfig whose credentials it gives."""
        answer, asked = str(self.folder / "answer"), str(self.folder / "asked")
        script = (
            "import os, sys\n"
            f"open({asked!r}, 'a').write(os.environ['KUBERNETES_EXEC_INFO'] + chr(10))\n"
            f"sys.stderr.write({PASSWORD!r})\n"
            f"print(open({answer!r}).read())\n"
        )
        command = {"apiVersion": self.version, "command": sys.executable, "args": ["-S", "-c", script]}
        return {"exec": {**command, "interactiveMode": "Never", **more}}


@dataclass
class HttpProxy:
    """An HTTP proxy for CONNECT, which finds every name on loopback.

    Attributes:
        port: Where it listens.
        tunnels: The destinations that it was asked for.
        wants: The value of Proxy-Authorization without which it answers 407.
        refusal: A status line with which it answers instead of a tunnel.
        meanwhile: What happens before it makes a tunnel.
    """

    port: int = 0
    tunnels: list[str] = field(default_factory=list)
    wants: str | None = None
    refusal: str | None = None
    meanwhile: Callable[[], object] = lambda: None

    @property
    def address(self) -> str:
        """Its host and port."""
        return f"127.0.0.1:{self.port}"

    def demand(self, user: str, password: str) -> None:
        """Demands credentials from now on."""
        self.wants = f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers one connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        _, destination, _ = head.split(" ", 2)
        self.tunnels.append(destination)
        if self.wants is not None and f"Proxy-Authorization: {self.wants}" not in head:
            # Careless proxies tell what they heard.
            reply, other = f"HTTP/1.1 407 {head.splitlines()[-3]}\r\n\r\n", None
        elif self.refusal is not None:
            reply, other = f"HTTP/1.1 {self.refusal}\r\n\r\n", None
        else:
            await asyncio.to_thread(self.meanwhile)
            other = await asyncio.open_connection("127.0.0.1", int(destination.rpartition(":")[2]))
            reply = "HTTP/1.1 200 OK\r\n\r\n"
        writer.write(reply.encode())
        if other is not None:
            async with asyncio.TaskGroup() as both:
                both.create_task(_pump(reader, other[1]), name="to the server")
                both.create_task(_pump(other[0], writer), name="from the server")
        writer.close()


@asynccontextmanager
async def http_proxy() -> AsyncIterator[HttpProxy]:
    """Runs a proxy; leaving the block ends its tunnels."""
    proxy, open_tunnels = HttpProxy(), set[asyncio.Task[None]]()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(proxy.serve(reader, writer), name="a tunnel")
        open_tunnels.add(task)
        task.add_done_callback(open_tunnels.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    async with server:
        yield proxy
        server.close()
        for task in open_tunnels:
            task.cancel()
        await asyncio.gather(*open_tunnels, return_exceptions=True)


def kubeconfig(path: Path, *, server: str, user: Mapping[str, Any], ca_pem: str | None = None, **cluster: Any) -> Path:
    """Writes a kubeconfig with one context, `probed`; underscores in the cluster's fields become hyphens."""
    described = {"server": server} | {key.replace("_", "-"): value for key, value in cluster.items()}
    if ca_pem is not None:
        described["certificate-authority-data"] = b64encode(ca_pem.encode()).decode()
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "probed", "cluster": described}],
        "users": [{"name": "prober", "user": dict(user)}],
        "contexts": [{"name": "probed", "context": {"cluster": "probed", "user": "prober"}}],
        "current-context": "probed",
    }
    path.write_text(yaml.safe_dump(content))
    return path


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    writer.close()
