"""A TURN server as something that starts and stops: coturn, a process of its own on loopback.

It must not outlive the lab, not even one that is killed: `setpriv` (util-linux) asks the kernel to kill it with the
thread that started it, which is the one that runs the lab's event loop.
"""

import asyncio
import secrets
import shutil
import socket
from asyncio.subprocess import DEVNULL, Process
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from prober.lab.turn.access import TurnAccess
from prober.lab.turn.binding import answers
from prober.lab.turn.settings import TurnFiles

PROGRAM = "turnserver"
LOOPBACK = "127.0.0.1"
USERNAME = "lab"

SECRET_BYTES = 24
"""Of randomness in the password."""

START_LIMIT_S = 10.0
"""How long it may take to answer, in seconds; it was measured to take 0.1."""

STOP_LIMIT_S = 5.0
"""How long it may take to end, in seconds, before it is killed."""


class TurnError(Exception):
    """The TURN server did not start, or ended by itself."""


class TurnMissingError(TurnError):
    """coturn is not installed."""

    def __init__(self) -> None:
        super().__init__(
            f"the lab's TURN server is coturn, and there is no {PROGRAM} on the PATH: "
            "`apt-get install coturn`, or `.ci/setup turn`, installs it"
        )


class TurnServer:
    """coturn on a free port of loopback, with one user, which runs while the context is open."""

    def __init__(self, *, directory: Path, program: str = PROGRAM) -> None:
        """Describes a server; nothing starts yet.

        Args:
            directory: Where its files are written, which go with it; made where it is missing.
            program: The executable, looked for on the PATH.
        """
        self._files = TurnFiles(directory=directory.absolute())
        self._program = program
        self._access: TurnAccess | None = None
        self._process: Process | None = None

    @property
    def access(self) -> TurnAccess:
        """Where it is, with its one user."""
        if self._access is None:
            raise RuntimeError("the TURN server is not running")
        return self._access

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child().pid

    async def __aenter__(self) -> Self:
        """Starts the server and waits until it answers.

        Raises:
            TurnMissingError: coturn is not installed.
            TurnError: It ended at once, or does not answer.
            OSError: Its files cannot be written.
        """
        try:
            await self._start()
        except BaseException:  # cancelled too: no server may outlive its start
            await self._stop()
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stop()

    async def ended(self) -> None:
        """Waits until the server ended by itself, which it should not.

        Raises:
            TurnError: It did; the message has its exit code and its last words.
        """
        code = await self._child().wait()
        words = await asyncio.to_thread(self._files.last_words)
        raise TurnError(f"the TURN server ended with code {code}; it last said: {words!r}")

    async def _start(self) -> None:
        command = await asyncio.to_thread(self._command)
        access = TurnAccess(
            host=LOOPBACK,
            port=_free_port(),
            username=USERNAME,
            password=secrets.token_urlsafe(SECRET_BYTES),
        )
        await asyncio.to_thread(self._files.write, access)
        # A session of its own: Ctrl-C must not reach it before the lab is done with it.
        self._process = await asyncio.create_subprocess_exec(
            *command, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, cwd=self._files.directory, start_new_session=True
        )
        try:
            async with asyncio.timeout(START_LIMIT_S):
                await self._until_it_answers(access)
        except TimeoutError as error:
            raise TurnError(f"the TURN server does not answer within {START_LIMIT_S:.0f} s") from error
        self._access = access

    def _command(self) -> list[str]:
        program = shutil.which(self._program)
        if program is None:
            raise TurnMissingError
        guard = shutil.which("setpriv")
        leash = [] if guard is None else [guard, "--pdeathsig", "KILL"]
        return [*leash, program, "-c", str(self._files.settings)]

    async def _until_it_answers(self, access: TurnAccess) -> None:
        while not await answers(access.host, access.port):
            code = self._child().returncode
            if code is not None:
                words = await asyncio.to_thread(self._files.last_words)
                raise TurnError(f"the TURN server ended with code {code} before it answered; it last said: {words!r}")

    async def _stop(self) -> None:
        self._access = None
        if self._process is not None:
            await _end(self._process)
            self._process = None
        await asyncio.to_thread(self._files.remove)

    def _child(self) -> Process:
        if self._process is None:
            raise RuntimeError("the TURN server is not running")
        return self._process


def _free_port() -> int:
    """Returns a port that is free for UDP, and for TCP as well, which coturn opens under the same number."""
    while True:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as streams,
        ):
            datagrams.bind((LOOPBACK, 0))
            port = int(datagrams.getsockname()[1])
            with suppress(OSError):
                streams.bind((LOOPBACK, port))
                return port


async def _end(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_LIMIT_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
