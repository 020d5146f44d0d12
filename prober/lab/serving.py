"""The body of `prober lab`: a lab that runs until it is told to stop.

It ends on SIGINT, on SIGTERM, or (where asked to) when standard input ends, which is how a lab notices
that whoever started it is gone: see `process`.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import IO, Any

from prober.lab.faults import HEALTHY
from prober.lab.platform import Lab

READY = "lab ready"
"""The line that says that a session could be served."""


class LabNotReadyError(Exception):
    """The lab started and could not serve a session."""


async def run_lab(
    *,
    state: Path,
    announce: Callable[[str], None],
    fault: str = HEALTHY,
    every: str = "3m",
    until_eof: bool = False,
) -> None:
    """Serves a lab until SIGINT, SIGTERM, or the end of standard input.

    Args:
        state: Where the lab's files are written.
        announce: Called with each line for the user.
        fault: The fault of every session that chooses none itself.
        every: The interval between two runs of a target in `prober.yaml`.
        until_eof: Whether the end of standard input ends the lab.

    Raises:
        UnknownFaultError: No fault has that name.
        OSError: The state directory cannot be written.
        OperatorError: The operator did not start, or broke.
        LabNotReadyError: It started and could not serve a session.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        async with _stopping_at_eof(sys.stdin, stop) if until_eof else nullcontext():
            await serve_lab(state=state, fault=fault, every=every, announce=announce, stop=stop)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def serve_lab(
    *,
    state: Path,
    announce: Callable[[str], None],
    stop: asyncio.Event,
    fault: str = HEALTHY,
    every: str = "3m",
) -> None:
    """Serves a lab until `stop` is set.

    Args:
        state: Where the lab's files are written.
        announce: Called with each line for the user; the last one is `lab ready`.
        stop: Ends the lab.
        fault: The fault of every session that chooses none itself.
        every: The interval between two runs of a target in `prober.yaml`.

    Raises:
        UnknownFaultError: No fault has that name.
        OSError: The state directory cannot be written.
        OperatorError: The operator did not start, or broke.
        LabNotReadyError: It started and could not serve a session.
    """
    async with Lab(state=state, fault=fault, every=every) as lab:
        if not await lab.ready():
            raise LabNotReadyError("the lab's Kubernetes API does not answer")
        announce(f"kubeconfig: {lab.kubeconfig_path}")
        announce(f"configuration: {lab.config_path}")
        announce(READY)
        await _first_of(
            asyncio.create_task(stop.wait(), name="lab stop"),
            asyncio.create_task(lab.broken(), name="lab guard"),
        )


@asynccontextmanager
async def _stopping_at_eof(stream: IO[str], stop: asyncio.Event) -> AsyncIterator[None]:
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: _EofWatch(stop), stream)
    try:
        yield
    finally:
        transport.close()


class _EofWatch(asyncio.Protocol):
    """Sets an event when its stream ends."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop

    def connection_lost(self, exc: Exception | None) -> None:
        del exc  # however it ended, nobody is there any more
        self._stop.set()


async def _first_of(*tasks: asyncio.Task[Any]) -> None:
    """Returns when the first of the tasks is done, or raises what it raised; ends the others."""
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
