"""One Selkies desktop as the lab has it: a keeper in a child process, with the way to what it keeps."""

import asyncio
import logging
import secrets
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Self

import aiohttp

from prober.lab.operator.lifecycle import DesktopError
from prober.lab.selkies.keeper import UP
from prober.lab.selkies.layout import Layout
from prober.lab.selkies.order import Order

logger = logging.getLogger(__name__)

START_LIMIT_S = 20.0
"""How long a desktop may take until it answers, in seconds; 2 s on an idle machine, 15 s on a busy one.

Less than the prober waits for phase Running, which would otherwise never hear why there was no desktop.
"""

END_LIMIT_S = 20.0
"""How long a keeper may take to end, in seconds: longer than all of its programs may together."""

ANSWER_CHECK_S = 0.1
"""How often a starting desktop is asked, in seconds; nothing announces that it answers."""

_READY = (HTTPStatus.OK, HTTPStatus.UNAUTHORIZED)
"""What a web server that serves says to a visitor without credentials."""

NAME_BYTES = 6
"""How much chance is in the name of a desktop's directory."""

LONGEST_SOCKET_PATH = 107
"""Bytes (unix(7)), without the zero at the end."""


class SelkiesDesktop:
    """A real desktop, from `start` to `stop`.

    Attributes:
        route: The first part of the path under which it is served.
        http: Reaches its web server, whatever the host in the URL says.
    """

    def __init__(self, order: Order, *, keeper: Process) -> None:
        self.route = order.route
        self._directory = order.directory
        self._keeper = keeper
        self._watch: asyncio.Task[str] | None = None
        self.http = aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(Layout(order.directory).socket, limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),
        )

    @classmethod
    async def start(cls, order: Order) -> Self:
        """Starts a desktop; returns once it answers.

        Raises:
            DesktopError: It did not start, or does not answer.
            OSError: A process cannot be started.
        """
        # A session of its own: Ctrl-C must not reach it before the lab is done with it.
        keeper = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "prober.lab.selkies.keeper"), stdin=PIPE, stdout=PIPE, start_new_session=True
        )
        desktop = cls(order, keeper=keeper)
        try:
            async with asyncio.timeout(START_LIMIT_S):
                await desktop._come_up(order)
        except TimeoutError as error:
            await desktop.stop()
            raise DesktopError(f"the desktop did not answer within {START_LIMIT_S:.0f} s") from error
        except BaseException:  # cancelled too: the keeper must not outlive who asked for it
            await desktop.stop()
            raise
        return desktop

    async def stop(self) -> None:
        """Ends the desktop with everything that belongs to it."""
        try:
            await self._end_keeper()
            if self._watch is not None:
                await self._watch
        finally:
            await self.http.close()
            await asyncio.to_thread(_remove_directory, self._directory)

    async def _end_keeper(self) -> None:
        if self._keeper.stdin is not None:
            self._keeper.stdin.close()
        try:
            async with asyncio.timeout(END_LIMIT_S):
                await self._keeper.wait()
        except TimeoutError:
            logger.warning("the desktop of %s did not end by itself", self.route)
            with suppress(ProcessLookupError):
                self._keeper.kill()
            await self._keeper.wait()

    @property
    def is_up(self) -> bool:
        """Whether all of its programs run."""
        return self._watch is not None and not self._watch.done()

    async def _come_up(self, order: Order) -> None:
        if self._keeper.stdin is None:
            raise RuntimeError("the keeper has no standard input")
        with suppress(ConnectionError):  # why it ended, it says itself
            self._keeper.stdin.write(order.to_line().encode())
            await self._keeper.stdin.drain()
        said = await self._said()
        if said != UP:
            raise DesktopError(f"the desktop did not start: {said or 'its keeper ended'}")
        self._watch = asyncio.create_task(self._ended(), name=f"desktop {self.route}")
        while not await self._answers():
            if self._watch.done():
                raise DesktopError(f"the desktop did not start: {self._watch.result()}")
            await asyncio.sleep(ANSWER_CHECK_S)

    async def _answers(self) -> bool:
        """Whether it serves; while it starts it may excuse itself."""
        try:
            async with self.http.get(f"http://localhost/{self.route}/") as answer:
                return answer.status in _READY
        except aiohttp.ClientError:
            return False

    async def _ended(self) -> str:
        """Waits for the keeper's end; it says why, where it was not told to."""
        said = await self._said()
        if said:
            logger.warning("the desktop of %s broke: %s", self.route, said)
        return said

    async def _said(self) -> str:
        output = self._keeper.stdout
        try:
            return "" if output is None else (await output.readline()).decode(errors="replace").strip()
        except ValueError:
            return "its keeper says more than anybody reads"


def choose_directory(parent: Path) -> str:
    """Chooses the directory of a new desktop, which its keeper makes; returns its path.

    Raises:
        DesktopError: The path would be too long.
    """
    directory = str(parent / secrets.token_hex(NAME_BYTES))
    if len(Layout(directory).socket.encode()) > LONGEST_SOCKET_PATH:
        raise DesktopError(f"the path {directory} is too long for a socket: choose a shorter state directory")
    return directory


def _remove_directory(directory: str) -> None:
    """Removes a desktop's directory, if it is still there: a keeper that was not killed has done it."""
    shutil.rmtree(directory, ignore_errors=True)
