"""The body of `prober lab`: a lab that runs until it is told to stop.

It ends on SIGINT, SIGTERM, SIGHUP, or (where asked to) when standard input ends, which is how a lab
notices that whoever started it is gone: see `process`. A second signal hardly means more than the first:
terminals send several at their end. But then the signals get back their usual effect, so that nobody is
held by a lab that does not end.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any

from prober.lab.faults import HEALTHY
from prober.lab.platform import Lab

READY = "lab ready"
"""The line that says that a session could be served."""

STILL_STOPPING = "still stopping; one more signal ends the lab at once, with its files left behind"
"""The line that answers a second signal."""

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


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
    """Serves a lab until a stop signal, or the end of standard input.

    Args:
        state: Where the lab's files are written.
        announce: Called with each line for the user.
        fault: The fault of every session that chooses none itself.
        every: The interval between two runs of a target in `prober.yaml`.
        until_eof: Whether the end of standard input ends the lab.

    Raises:
        UnknownFaultError: No fault has that name.
        LabRunningError: Another lab uses the state directory.
        OSError: The state directory cannot be written.
        OperatorError: The operator did not start, or broke.
        LabNotReadyError: It started and could not serve a session.
    """
    stop = asyncio.Event()
    with stopping_on_signal(stop, announce=announce):
        async with _stopping_at_eof(sys.stdin, stop) if until_eof else nullcontext():
            await serve_lab(state=state, fault=fault, every=every, announce=announce, stop=stop)


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
        LabRunningError: Another lab uses the state directory.
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


@contextmanager
def stopping_on_signal(stop: asyncio.Event, *, announce: Callable[[str], None]) -> Iterator[None]:
    """Sets an event at the first stop signal; a second one gives the signals back their usual effect.

    Args:
        stop: What is set.
        announce: Called with a line for whoever sent the second one.
    """
    loop = asyncio.get_running_loop()
    heeded = _heeded_signals()

    def restore() -> None:
        for number in heeded:
            loop.remove_signal_handler(number)

    def heed() -> None:
        if stop.is_set():
            restore()
            announce(STILL_STOPPING)
        stop.set()

    for number in heeded:
        loop.add_signal_handler(number, heed)
    try:
        yield
    finally:
        restore()


def _heeded_signals() -> list[signal.Signals]:
    """All stop signals, but SIGHUP where it is ignored: whoever uses nohup wants the lab to outlive the terminal."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [number for number in STOP_SIGNALS if not (ignored and number is signal.SIGHUP)]


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
