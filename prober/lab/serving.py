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
from typing import IO

from prober.lab.platform import Lab
from prober.lab.racing import first_of

READY = "lab ready"
"""The line that says that a session could be served."""

STILL_STOPPING = "still stopping; one more signal ends the lab at once, with its files left behind"
"""The line that answers a second signal."""

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class LabNotReadyError(Exception):
    """The lab started and could not serve a session."""


async def run_lab(lab: Lab, *, announce: Callable[[str], None], until_eof: bool = False) -> None:
    """Serves a lab until a stop signal, or the end of standard input.

    Args:
        lab: The lab, not started yet.
        announce: Called with each line for the user.
        until_eof: Whether the end of standard input ends the lab.

    Raises:
        LabRunningError: Another lab uses the state directory.
        OSError: The state directory cannot be written.
        ClusterError: The lab cannot work in the cluster that was chosen, or lost its place there.
        ApiError: The Kubernetes API refused what the lab needs.
        OperatorError: The operator did not start, or broke.
        TurnError: The TURN server did not start, or ended.
        LabNotReadyError: It started and could not serve a session.
    """
    stop = asyncio.Event()
    with stopping_on_signal(stop, announce=announce):
        async with _stopping_at_eof(sys.stdin, stop) if until_eof else nullcontext():
            await serve_lab(lab, announce=announce, stop=stop)


async def serve_lab(lab: Lab, *, announce: Callable[[str], None], stop: asyncio.Event) -> None:
    """Serves a lab until `stop` is set.

    Args:
        lab: The lab, not started yet.
        announce: Called with each line for the user; the last one is `lab ready`.
        stop: Ends the lab.

    Raises:
        LabRunningError: Another lab uses the state directory.
        OSError: The state directory cannot be written.
        ClusterError: The lab cannot work in the cluster that was chosen, or lost its place there.
        ApiError: The Kubernetes API refused what the lab needs.
        OperatorError: The operator did not start, or broke.
        TurnError: The TURN server did not start, or ended.
        LabNotReadyError: It started and could not serve a session.
    """
    async with lab:
        if not await lab.ready():
            raise LabNotReadyError("the lab's Kubernetes API does not answer")
        if lab.place:
            announce(f"cluster: {lab.place}")
        announce(f"kubeconfig: {lab.kubeconfig_path}")
        announce(f"configuration: {lab.config_path}")
        announce(READY)
        await first_of(lab_stop=stop.wait(), lab_guard=lab.broken())


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
