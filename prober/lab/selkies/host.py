"""The life of all Selkies desktops: the way in starts, desktops come and go, everything stops."""

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from prober.lab.desktop.access import Credentials
from prober.lab.desktop.behaviour import Behaviour, Carrier
from prober.lab.operator.lifecycle import DesktopError
from prober.lab.operator.session import Session
from prober.lab.relaying import told_by
from prober.lab.selkies.desktop import SelkiesDesktop, choose_directory
from prober.lab.selkies.order import Order
from prober.lab.selkies.programs import Programs
from prober.lab.selkies.proxy import forward
from prober.lab.turn.relay import Relay

SHUTDOWN_S = 3.0
"""How long requests may take to end, in seconds."""

_MODES = {Carrier.VIDEO_TRACK: "webrtc", Carrier.WEBSOCKET: "websockets"}


class SelkiesHost:
    """An HTTP server on loopback, on a free port, with all desktops behind it.

    Use as an asynchronous context manager, in the event loop that everything else runs in. That loop has to be
    the main thread's: the desktops' processes are tied to the thread that starts them.
    """

    def __init__(self, *, programs: Programs, credentials: Credentials, directory: Path, relay: Relay) -> None:
        """Describes a host; nothing starts yet.

        Args:
            programs: Where the programs are.
            credentials: Who is let in.
            directory: Where each desktop gets a directory of its own; made where it is missing.
            relay: Says what a desktop is told about TURN.
        """
        self._programs = programs
        self._credentials = credentials
        self._directory = directory
        self._relay = relay
        self._opening: dict[str, asyncio.Task[None]] = {}
        self._desktops: dict[str, SelkiesDesktop] = {}
        self._leaving = False
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        """Starts the way in.

        Raises:
            OSError: The port cannot be had.
        """
        application = web.Application(client_max_size=0)
        application.router.add_route("*", "/{route}", self._add_slash)
        application.router.add_route("*", "/{route}/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        except BaseException:  # cancelled too: a runner that was set up must be cleaned up
            await self._runner.cleanup()
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._leaving = True
        try:
            await asyncio.gather(*(self._close(uid) for uid in {*self._opening, *self._desktops}))
        finally:
            await self._running().cleanup()
            self._runner = None

    async def open(self, session: Session, *, behaviour: Behaviour) -> str:
        """Serves a session's desktop; returns its URL once it answers.

        Raises:
            DesktopError: It did not start, or does not answer, or needs a TURN server that did not start, or was
                closed meanwhile.
            OSError: A process cannot be started.
            ValueError: The session has a desktop already.
        """
        uid = session.uid
        if uid in self._opening or uid in self._desktops:
            raise ValueError(f"session {uid} has a desktop already")
        if self._leaving:
            raise DesktopError("no desktop is opened any more: the lab is ending")
        # A task of its own, so that whoever closes it can end it, then wait for that end.
        opening = asyncio.create_task(self._open(session, behaviour=behaviour), name=f"open {session.route}")
        self._opening[uid] = opening
        try:
            await asyncio.wait([opening])
        except asyncio.CancelledError:
            await self._close(uid)
            raise
        finally:
            del self._opening[uid]
        if opening.cancelled() or (opening.exception() is None and uid not in self._desktops):
            raise DesktopError("the desktop was closed before it was open")
        opening.result()
        return f"http://127.0.0.1:{self._running().addresses[0][1]}/{session.route}/"

    async def serves(self, session: Session) -> bool:
        """Whether a session's desktop is open, all of its programs running."""
        desktop = self._desktops.get(session.uid)
        return desktop is not None and desktop.is_up

    async def close(self, session: Session) -> None:
        """Ends a session's desktop, if there is one or one is starting; its route answers 404 at once."""
        await self._close(session.uid)

    async def _open(self, session: Session, *, behaviour: Behaviour) -> None:
        handout = await told_by(self._relay, turn=behaviour.turn)
        order = Order(
            directory=choose_directory(self._directory),
            route=session.route,
            username=self._credentials.username,
            password=self._credentials.password,
            mode=_MODES[behaviour.carrier],
            animated=not behaviour.idle,
            ice_servers=() if handout is None else (handout.visitors.as_ice_server(),),
            programs=self._programs,
        )
        self._desktops[session.uid] = await SelkiesDesktop.start(order)

    async def _close(self, uid: str) -> None:
        opening = self._opening.get(uid)
        if opening is not None:
            if not opening.cancelling():  # asked once: a second time would cut its tidying short
                opening.cancel()
            await asyncio.wait([opening])
            if not opening.cancelled():
                opening.exception()  # for whoever opens it, who may have gone
        desktop = self._desktops.pop(uid, None)
        if desktop is not None:
            await desktop.stop()

    async def _add_slash(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect(f"/{self._find(request).route}/")

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        return await forward(request, http=self._find(request).http)

    def _find(self, request: web.Request) -> SelkiesDesktop:
        """The desktop of a route: of two sessions of one user the one that was opened last."""
        for desktop in reversed(self._desktops.values()):
            if desktop.route == request.match_info["route"]:
                return desktop
        raise web.HTTPNotFound

    def _running(self) -> web.AppRunner:
        if self._runner is None:
            raise RuntimeError("the host is not running")
        return self._runner
