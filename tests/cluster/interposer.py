"""A reverse proxy in front of a Kubernetes API server, which does harm when a test wants it to.

    with interposed(kubeconfig, folder=tmp_path) as proxy:
        use(proxy.kubeconfig)
        proxy.harm = throttle(times=3)           # from the next request on; None heals
        proxy.cut()                              # every connection, now

It runs in a thread of its own, so that it serves tests with and without an event loop, and subprocesses.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import yaml

from tests.cluster.furniture import token_kubeconfig
from tests.cluster.harms import Harm
from tests.cluster.proxy import Proxy
from tests.cluster.rest import Rest

CALL_S = 10.0
"""How long the proxy's thread may take for what it is told, in seconds."""


class Interposer:
    """The proxy, as tests see it.

    Attributes:
        kubeconfig: For clients of the proxy, with the original's token.
    """

    def __init__(self, proxy: Proxy, loop: asyncio.AbstractEventLoop, *, kubeconfig: Path) -> None:
        self._proxy = proxy
        self._loop = loop
        self.kubeconfig = kubeconfig

    @property
    def asked(self) -> Counter[str]:
        """How many requests came so far, by method; a watch is a "WATCH"."""
        return self._proxy.asked.copy()

    @property
    def passed(self) -> Counter[str]:
        """How many of them were handed to the server."""
        return self._proxy.passed.copy()

    @property
    def harmed(self) -> int:
        """How many requests or connections met a harm so far."""
        return self._proxy.harmed

    @property
    def harm(self) -> Harm | None:
        """What is done to requests."""
        return self._proxy.harm

    @harm.setter
    def harm(self, harm: Harm | None) -> None:
        self._in_thread(lambda: self._proxy.inflict(harm))

    def cut(self) -> None:
        """Cuts every connection."""
        self._in_thread(self._proxy.cut)

    def _in_thread(self, act: Callable[[], object]) -> None:
        async def acting() -> None:
            act()

        asyncio.run_coroutine_threadsafe(acting(), self._loop).result(CALL_S)


@contextmanager
def interposed(kubeconfig: Path, *, folder: Path) -> Iterator[Interposer]:
    """Puts a proxy in front of the server of a kubeconfig with a token.

    Args:
        kubeconfig: Of the server; its current context counts.
        folder: Where the proxy's kubeconfig and certificate go.
    """
    rest, user = Rest(kubeconfig), _user(kubeconfig)
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="interposer", daemon=True)
    proxy = Proxy(upstream=rest.server, ca_pem=rest.ca_pem, folder=folder)
    thread.start()
    try:
        server = asyncio.run_coroutine_threadsafe(proxy.start(), loop).result(CALL_S)
        path = folder / "interposer.kubeconfig"
        token_kubeconfig(path, server=server, ca_pem=proxy.ca_pem, token=user["token"], namespace="default")
        yield Interposer(proxy, loop, kubeconfig=path)
    finally:
        asyncio.run_coroutine_threadsafe(proxy.stop(), loop).result(CALL_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _user(kubeconfig: Path) -> dict[str, Any]:
    config = yaml.safe_load(kubeconfig.read_text())
    context = next(item["context"] for item in config["contexts"] if item["name"] == config["current-context"])
    user: dict[str, Any] = next(item["user"] for item in config["users"] if item["name"] == context["user"])
    return user
