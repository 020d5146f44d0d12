"""Runs a command for what it prints: within a time, to an end in any case.

It gets no input, since nobody is there to give any; what it says on its error output is dropped, for it may tell
secrets. With the command end those that it started in its own process group.
"""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

LARGEST_OUTPUT = 1024 * 1024
"""How much of an output is kept, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What a command came to."""

    exit_code: int
    output: bytes


async def run(command: Sequence[str], *, environ: Mapping[str, str], within_s: float) -> Printed:
    """Runs a command.

    Args:
        command: Its path, or its name on the environment's PATH; its arguments.
        environ: Its whole environment.
        within_s: How long it may take, in seconds; it is killed then.

    Raises:
        TimeoutError: It took longer.
        OSError: It cannot be started.
    """
    loop = asyncio.get_running_loop()
    starting = asyncio.create_task(
        loop.subprocess_exec(
            _Process,
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=dict(environ),
            start_new_session=True,
        ),
        name=f"starting {command[0]}",
    )
    try:
        # Given up while it starts asyncio would kill the command alone, and not what it has started.
        transport, process = await asyncio.shield(starting)
        async with asyncio.timeout(within_s):
            await process.closed.wait()
    finally:
        await _end(*await starting)
    return Printed(exit_code=cast("int", transport.get_returncode()), output=bytes(process.output))


async def _end(transport: asyncio.SubprocessTransport, process: "_Process") -> None:
    if transport.get_returncode() is None:
        with suppress(ProcessLookupError):
            os.killpg(transport.get_pid(), signal.SIGKILL)
    transport.close()
    await process.exited.wait()


class _Process(asyncio.SubprocessProtocol):
    """Gathers what a process prints."""

    def __init__(self) -> None:
        self.output = bytearray()
        self.exited = asyncio.Event()
        self.closed = asyncio.Event()

    def pipe_data_received(self, fd: int, data: bytes) -> None:  # noqa: ARG002 - asyncio's signature; it is stdout's
        """Keeps the output, up to its largest size."""
        self.output += data[: LARGEST_OUTPUT - len(self.output)]

    def process_exited(self) -> None:
        """Notices the end; somebody else may still hold the output open."""
        self.exited.set()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - as above
        """Notices the end of process and output both."""
        self.closed.set()
