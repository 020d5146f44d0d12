"""A visit without a peer connection: the picture comes over the page's WebSocket, input goes the other way."""

from aiohttp import web

from prober.lab.desktop.cargo import frame_pacer
from prober.lab.desktop.desktop import Desktop
from prober.lab.desktop.film import Film
from prober.lab.desktop.track import Shot
from prober.lab.desktop.truth import Mark


class Screening:
    """Our end of one visitor's WebSocket."""

    def __init__(self, *, desktop: Desktop, socket: web.WebSocketResponse) -> None:
        self._desktop = desktop
        self._socket = socket
        self._log = desktop.log.peer()
        self._pacer = frame_pacer(desktop)
        self._film = Film(shoot=desktop.shoot, send=self._send, sent=self._on_sent, pacer=self._pacer)

    async def begin(self) -> None:
        """Send pictures from now on."""
        self._log.mark(Mark.OPENED)
        self._desktop.watch(self._pacer.wake)
        self._film.start()

    async def hear(self, text: str) -> None:
        """Take an input event."""
        self._desktop.hear(text)

    async def close(self) -> None:
        """Send nothing any more."""
        self._desktop.unwatch(self._pacer.wake)
        await self._film.stop()
        self._log.mark(Mark.CLOSED)

    async def _send(self, picture: bytes) -> bool:
        try:
            await self._socket.send_bytes(picture)
        except ConnectionError:
            return False  # the page is gone, which the visit is about to hear, too
        return True

    def _on_sent(self, shot: Shot) -> None:
        self._log.frame_sent()
        self._desktop.shown(shot)
