"""One page's visit to a desktop, from its WebSocket's opening to the end of what came of it.

Only the request's own task talks to aiortc: a visit that is to end from outside is asked to, by a
message in the same queue that the page's messages come through. Neither library likes to be
closed or cancelled by a second task in the middle of something.
"""

import asyncio
import logging
from typing import Protocol

from aiohttp import WSCloseCode, WSMsgType, web

from prober.lab.desktop.peer import SignallingError

logger = logging.getLogger(__name__)

END_LIMIT_S = 3.0
"""How long a visit that was asked to end may take, in seconds: a peer's close takes 1 s at most."""


class Party(Protocol):
    """What serves a visitor, over the socket that it was made with."""

    async def begin(self) -> None:
        """Say the first word."""

    async def hear(self, text: str) -> None:
        """Do what the page says.

        Raises:
            SignallingError: The message cannot be used.
        """

    async def close(self) -> None:
        """End everything that was begun."""


class Visit:
    """One WebSocket, one party that serves whoever opened it."""

    def __init__(self, *, socket: web.WebSocketResponse, party: Party) -> None:
        self._socket = socket
        self._party = party
        self._inbox: asyncio.Queue[str | None] = asyncio.Queue()
        self._asked_to_end = False
        self._over = asyncio.Event()

    async def run(self, request: web.Request) -> None:
        """Begin, then follow what the page says, until either side ends it.

        A message that cannot be used closes the socket with 1002, protocol error.
        """
        code = WSCloseCode.GOING_AWAY
        try:
            await self._socket.prepare(request)
            await self._converse()
        except SignallingError:
            code = WSCloseCode.PROTOCOL_ERROR
        finally:
            try:
                await self._party.close()
            finally:
                self._over.set()
        await self._socket.close(code=code)

    async def end(self) -> None:
        """Have the visit ended; returns when what it began is over, or after `END_LIMIT_S`."""
        self._asked_to_end = True
        self._inbox.put_nowait(None)
        try:
            async with asyncio.timeout(END_LIMIT_S):
                await self._over.wait()
        except TimeoutError:
            logger.warning("a visit did not end within %.0f s", END_LIMIT_S)

    async def _converse(self) -> None:
        await self._party.begin()
        reader = asyncio.create_task(self._read(), name="desktop signalling reader")
        try:
            while (text := await self._inbox.get()) is not None and not self._asked_to_end:
                await self._party.hear(text)
        finally:
            reader.cancel()
            await asyncio.wait([reader])

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if message.type is WSMsgType.TEXT:
                    self._inbox.put_nowait(message.data)
        finally:
            self._inbox.put_nowait(None)
