"""Calls to one browser that a sound one answers at once.

They make or end something within the browser, so none is ever cancelled: what a cancelled call goes on making would be
known to nobody. Who stops waiting leaves the call to end by itself, at the latest with its browser. A browser that
does not answer in time hangs, which neither its connection nor its processes show.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from prober.domain.errors import ProberFailed
from prober.domain.reasons import Reason

ANSWER_S = 5.0
"""How long an answer may take, in seconds: milliseconds are usual, a second on a machine short of CPU, and a default
login's budget must be far longer, or a hung browser would be the target's fault."""

_T = TypeVar("_T")


class Calls:
    """The calls to one browser that are under way."""

    def __init__(self, *, on_hang: Callable[[], None]) -> None:
        """Begins without any.

        Args:
            on_hang: Called each time that an answer is overdue.
        """
        self._on_hang = on_hang
        self._under_way: set[asyncio.Task[Any]] = set()

    def begin(self, call: Coroutine[Any, Any, _T], *, name: str) -> asyncio.Task[_T]:
        """Begins a call as a task of that name, which is kept until it ends."""
        task = asyncio.create_task(call, name=name)
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        return task

    async def outcome(self, task: asyncio.Task[_T]) -> _T:
        """Returns what a call returns, or raises what it raises; it may be asked for more than once.

        Raises:
            ProberFailed: `driver_error` when no answer came within `ANSWER_S`.
        """
        await asyncio.wait({task}, timeout=ANSWER_S)
        if not task.done():
            self._on_hang()
            raise ProberFailed.because(Reason.DRIVER_ERROR, f"the browser does not answer within {ANSWER_S:g} s")
        return await task

    async def end(self) -> None:
        """Ends the calls of a browser that has ended, which its driver fails; what it forgets is cancelled."""
        left = set(self._under_way)
        if left:
            await asyncio.wait(left, timeout=ANSWER_S)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # Asked for here, since whoever began the call may be gone: it would complain otherwise.
