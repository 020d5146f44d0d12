"""Finishing what must be finished although the run is being cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def shielded(work: Coroutine[Any, Any, T], *, name: str) -> T:
    """Awaits the work to its end, whatever happens to the caller; a cancellation that came meanwhile is raised then.

    The work must be bounded by itself: nothing can interrupt it from here.

    Raises:
        asyncio.CancelledError: After the work's end, when the caller was cancelled during it.
    """
    task = asyncio.create_task(work, name=name)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            if task.cancelled():
                raise
            cancelled = error
        except Exception:  # noqa: BLE001 - it is the work's own, and raised from its result below
            break
    if cancelled is not None:
        _ = task.exception()  # the cancellation goes first; the work has recorded its fault by itself
        raise cancelled
    return task.result()


def is_being_cancelled() -> bool:
    """Tells whether the present task was told to stop, and is on its way out."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
