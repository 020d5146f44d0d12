"""The sockets of an HTTP client whose event loop ends as soon as the client does.

aiohttp waits at its end for the connections that it holds, but not for a TLS connection that it gave
up earlier, as it does with a watch: that one still waits for the peer's goodbye, and a loop which is
closed meanwhile leaves it open. Here the loop can wait for those as well.
"""

import asyncio
import socket
from typing import Any
from weakref import WeakSet

CLOSE_LIMIT_S = 2.0
"""How long a peer may take to say goodbye, in seconds."""

CLOSE_CHECK_S = 0.005
"""How often that is looked at, in seconds."""


class Sockets:
    """Makes sockets and knows which of them are open."""

    def __init__(self) -> None:
        self._made: WeakSet[socket.socket] = WeakSet()

    def make(self, address: tuple[Any, ...]) -> socket.socket:
        """Returns a socket for an address, given as `socket.getaddrinfo` does; for aiohttp.

        Raises:
            OSError: There are no more sockets.
        """
        family, kind, protocol, _, _ = address
        made = socket.socket(family=family, type=kind, proto=protocol)
        made.settimeout(0)
        self._made.add(made)
        return made

    @property
    def any_open(self) -> bool:
        """Whether one of the sockets made is open."""
        return any(made.fileno() >= 0 for made in self._made)

    async def closed(self) -> None:
        """Waits until all sockets are closed, within `CLOSE_LIMIT_S`."""
        deadline = asyncio.get_running_loop().time() + CLOSE_LIMIT_S
        while self.any_open and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(CLOSE_CHECK_S)
