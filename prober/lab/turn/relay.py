"""What each desktop of a lab is told about TURN.

The server starts when the first desktop needs it: most labs relay nothing, and need no coturn.
"""

import asyncio
import secrets
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from prober.lab.turn.access import Handout, Turn, TurnAccess
from prober.lab.turn.server import LOOPBACK, SECRET_BYTES, USERNAME, TurnServer


class Relay:
    """The lab's TURN server, the address that answers nothing, and who is told which."""

    def __init__(self, *, directory: Path, always: bool = False) -> None:
        """Describes it; nothing starts yet.

        Args:
            directory: Where the server's files are written, which go with it.
            always: Whether sound desktops use TURN, too; otherwise only those do whose TURN is broken.
        """
        self._directory = directory
        self._always = always
        self._starting = asyncio.Lock()
        self._started = asyncio.Event()
        self._server: TurnServer | None = None
        self._silence: TurnAccess | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Starts the server, where every desktop uses it.

        Raises:
            TurnError: It did not start; the message says what to mend.
            OSError: Its files cannot be written.
        """
        if self._always:
            await self._serving()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server, self._silence = None, None
        self._started.clear()
        await self._stack.aclose()

    async def handout(self, turn: Turn) -> Handout | None:
        """Returns what a desktop is told about TURN; `None` where it is to do without.

        Args:
            turn: What becomes of its visitors.

        Raises:
            TurnError: The server did not start; the message says what to mend.
            OSError: Its files cannot be written, or no port could be had.
        """
        match turn:
            case Turn.NORMAL if self._always:
                access = await self._serving()
                return Handout(visitors=access, desktop=access)
            case Turn.NORMAL:
                return None
            case Turn.DOWN:
                return Handout(visitors=await self._silent())
            case Turn.BAD_CREDENTIALS:
                wrong = secrets.token_urlsafe(SECRET_BYTES)
                return Handout(visitors=replace(await self._serving(), password=wrong))

    async def broken(self) -> None:
        """Waits until the server ended by itself, for ever where it never starts.

        Raises:
            TurnError: It did; the message has its exit code and its last words.
        """
        await self._started.wait()
        if self._server is not None:
            await self._server.ended()

    async def _serving(self) -> TurnAccess:
        async with self._starting:
            if self._server is None:
                self._server = await self._stack.enter_async_context(TurnServer(directory=self._directory))
                self._started.set()
            return self._server.access

    async def _silent(self) -> TurnAccess:
        """A port that stays open and answers nothing: one that is closed could soon be someone else's."""
        async with self._starting:
            if self._silence is None:
                transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                    asyncio.DatagramProtocol, local_addr=(LOOPBACK, 0)
                )
                self._stack.callback(transport.close)
                port = int(transport.get_extra_info("sockname")[1])
                self._silence = TurnAccess(
                    host=LOOPBACK, port=port, username=USERNAME, password=secrets.token_urlsafe(SECRET_BYTES)
                )
            return self._silence
