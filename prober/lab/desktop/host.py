"""The life of the lab's ingress: the server starts, desktops come and go, the server stops."""

import asyncio
import ssl
from types import TracebackType
from typing import Self

from aiohttp import web

from prober.lab.accidents.accidents import Accidents
from prober.lab.desktop.access import Credentials
from prober.lab.desktop.artwork import Artwork
from prober.lab.desktop.behaviour import Behaviour
from prober.lab.desktop.cargo import Codec
from prober.lab.desktop.desktop import Desktop
from prober.lab.desktop.ingress import Ingress, read_files
from prober.lab.desktop.registry import Registry
from prober.lab.desktop.truth import Truth
from prober.lab.turn.access import Handout

LOOPBACK = "127.0.0.1"
"""Where desktops are unless somebody elsewhere on this machine, as a Pod is, has to see them."""

DEFAULT_SIZE = (960, 540)
"""Pixels. Measured on two cores shared with Chromium and other work: 27 to 29 frames per second
presented at this size, where 1280x720 at times fell to 15."""
SHUTDOWN_S = 3.0
"""How long requests may take to end, in seconds: longer than a page may take to answer a close."""


class DesktopHost:
    """An HTTP server, on loopback unless told otherwise, on a free port, with all desktops behind it.

    Use as an asynchronous context manager, in the event loop that everything else runs in.
    """

    def __init__(
        self,
        *,
        credentials: Credentials,
        size: tuple[int, int] = DEFAULT_SIZE,
        codec: Codec = Codec.VP8,
        address: str = LOOPBACK,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Prepare a host.

        Args:
            credentials: Who is let in.
            size: Width and height of every desktop, pixels.
            codec: What is offered first; a browser that can decode it then takes it.
            address: The IPv4 address of this machine on which it listens.
            tls: What pages are served over HTTPS with; without it over plain HTTP.
        """
        self._credentials = credentials
        self._size = size
        self._codec = codec
        self._address = address
        self._tls = tls
        self._registry = Registry()
        self._accidents = Accidents()
        self._running: _Running | None = None

    async def __aenter__(self) -> Self:
        width, height = self._size
        artwork = await asyncio.to_thread(Artwork.draw, width=width, height=height)
        ingress = Ingress(
            self._registry,
            credentials=self._credentials,
            codec=self._codec,
            accidents=self._accidents,
            files=await asyncio.to_thread(read_files),
        )
        self._running = await _Running.start(artwork=artwork, ingress=ingress, address=self._address, tls=self._tls)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for session in self._registry.sessions():
            await self.close(session)
        await self._accidents.end()
        running, self._running = self._server(), None
        await running.stop()

    @property
    def port(self) -> int:
        """The TCP port."""
        return self._server().port

    def url_of(self, route: str) -> str:
        """Where a route's page is, or would be."""
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://{self._address}:{self.port}/{route}/"

    def open(
        self,
        session: str,
        route: str,
        behaviour: Behaviour | None = None,
        *,
        name: str = "",
        turn: Handout | None = None,
    ) -> Desktop:
        """Make a session's desktop available under a route.

        Args:
            session: Tells the session from every other one.
            route: The first part of the path under which it is served.
            behaviour: How it behaves; by default soundly.
            name: What its truth is asked for by; by default the same as `session`.
            turn: What it is told about TURN; without it nothing is relayed.

        Raises:
            ValueError: The session is open already, or the route cannot be served.
        """
        desktop = Desktop(
            session=session,
            name=name or session,
            route=route,
            behaviour=behaviour or Behaviour(),
            artwork=self._artwork(behaviour),
            turn=turn,
        )
        self._registry.add(desktop)
        self._accidents.opened(desktop)
        return desktop

    def serves(self, session: str) -> bool:
        """Whether the session is open."""
        return session in self._registry.sessions()

    def behaviour(self, session: str) -> Behaviour:
        """How an open session's desktop behaves.

        Raises:
            KeyError: The session is not open.
        """
        return self._registry.find(session).behaviour

    async def close(self, session: str) -> None:
        """End a session's route and connections; does nothing for one that is not open.

        From the start of the call new requests for the route are answered 404 (or by an older
        session of the same user); at its end every peer connection is closed.
        """
        desktop = self._registry.withdraw(session)
        if desktop is not None:
            self._accidents.closed(desktop)
            await self._server().ingress.end_visits(desktop)
            self._registry.archive(desktop)

    def truth(self, name: str) -> Truth:
        """What really happened in a session, open or closed; in the latest one of that name.

        Raises:
            KeyError: There never was one, or 200 others have been closed since.
        """
        return self._registry.truth(name)

    def _artwork(self, behaviour: Behaviour | None) -> Artwork:
        """What the desktop's pictures are made of; drawn anew for an unusual size, which takes tens of milliseconds."""
        if behaviour is None or behaviour.size is None:
            return self._server().artwork
        width, height = behaviour.size
        return Artwork.draw(width=width, height=height)

    def _server(self) -> "_Running":
        if self._running is None:
            raise RuntimeError("the host is not running")
        return self._running


class _Running:
    """What exists only while the server runs."""

    def __init__(self, *, artwork: Artwork, ingress: Ingress, runner: web.AppRunner, port: int) -> None:
        self.artwork = artwork
        self.ingress = ingress
        self.port = port
        self._runner = runner

    @classmethod
    async def start(cls, *, artwork: Artwork, ingress: Ingress, address: str, tls: ssl.SSLContext | None) -> "_Running":
        runner = web.AppRunner(ingress.application(), access_log=None, shutdown_timeout=SHUTDOWN_S)
        await runner.setup()
        try:
            await web.TCPSite(runner, address, 0, ssl_context=tls).start()
        except OSError:
            await runner.cleanup()
            raise
        return cls(artwork=artwork, ingress=ingress, runner=runner, port=runner.addresses[0][1])

    async def stop(self) -> None:
        await self.ingress.end_all_visits()
        await self._runner.cleanup()
