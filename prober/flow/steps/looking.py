"""Looking at the page again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from prober.domain.errors import Fault, failed
from prober.domain.reasons import Reason

LOOK_EVERY_S = 0.1
"""Distance of looks at the page, in seconds; the times themselves are taken in the page, so this bounds no
precision."""

T = TypeVar("T")


async def look_until(
    look: Callable[[], Awaitable[T]], *, done: Callable[[T], bool], budget_s: float, every_s: float = LOOK_EVERY_S
) -> T:
    """Looks until what is seen is what was waited for, or the budget is used up.

    Args:
        look: Looks once.
        done: Tells whether what was seen is what was waited for.
        budget_s: How long to look at most, in seconds.
        every_s: The pause between two looks, in seconds.

    Returns:
        What was seen last, which is for the caller to judge.

    Raises:
        ProberFailed: `deadline_exceeded` when our own browser never said; also what a look met.
    """
    seen: list[T] = []
    try:
        async with asyncio.timeout(budget_s):
            while not seen or not done(seen[-1]):
                if seen:
                    await asyncio.sleep(every_s)
                seen = [await look()]
    except TimeoutError:
        if not seen:
            raise failed(silent(budget_s)) from None
    return seen[-1]


def silent(budget_s: float) -> Fault:
    """Returns the fault of a browser that told nothing of its page, which is ours."""
    return Fault(reason=Reason.DEADLINE_EXCEEDED, summary=f"the browser told nothing of its page for {budget_s:g} s")
