"""Requests that are repeated because the API server refused them for now, each as a visible attempt.

What was throttled is repeated for as long as that lasts, what was denied once. Both was surely not executed, so that
the repetition cannot do anything twice. Whatever else a request meets is its caller's.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from prober.domain.errors import Fault, ProbeError
from prober.flow.journal import StepNotes
from prober.flow.ports.sessions import Denied, NotExecuted, Throttled

LONGEST_WAIT_S = 10.0
"""How long the API server is left alone at once, in seconds, whatever it asks for: it may have recovered by then."""

T = TypeVar("T")


class Asking:
    """The requests of one step.

    Attributes:
        refused: Why the next request is waited for; `None` while one is under way.
    """

    def __init__(self, notes: StepNotes) -> None:
        self._notes = notes
        self.refused: Fault | None = None

    async def answer(self, request: Callable[[], Awaitable[T]]) -> T:
        """Makes a request until it is not refused for now any more; it is for the caller to bound that.

        Raises:
            TargetFailed: What the request met.
        """
        met: NotExecuted | None = None
        while True:
            self.refused = None
            try:
                return await request()
            except NotExecuted as error:
                if not repeatable(error, before=met):
                    raise
                met, self.refused = error, error.fault
            note_repetition(met, notes=self._notes)
            await asyncio.sleep(pause_s(met))
            self._notes.attempts += 1


def repeatable(error: ProbeError, *, before: ProbeError | None) -> bool:
    """Tells whether a request that was refused for now may be repeated.

    Args:
        error: What it met.
        before: What the one before met.
    """
    return isinstance(error, Throttled) or (isinstance(error, Denied) and not isinstance(before, Denied))


def note_repetition(error: ProbeError, *, notes: StepNotes) -> None:
    """Notes why a request is going to be repeated, each cause once."""
    note = f"asked again: {error.fault.summary}"
    if note not in notes.notes:
        notes.notes.append(note)


def pause_s(error: ProbeError, *, otherwise_s: float = 0.0) -> float:
    """Returns how long to leave the API server alone, in seconds: as long as it asked for, where it did."""
    return min(error.retry_after_s, LONGEST_WAIT_S) if isinstance(error, NotExecuted) else otherwise_s
