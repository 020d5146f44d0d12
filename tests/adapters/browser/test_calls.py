"""Calls to a browser: waited for in bounds, never cut off."""

import asyncio

import pytest

from prober.adapters.browser.calls import ANSWER_S, Calls
from prober.domain.errors import ProberFailed
from prober.domain.reasons import Reason

pytestmark = pytest.mark.looptime


async def test_an_answer_in_time_is_returned() -> None:
    """A call that takes less than the limit is no hang, and its outcome can be asked for again."""
    hangs: list[str] = []
    calls = Calls(on_hang=lambda: hangs.append("hang"))
    task = calls.begin(asyncio.sleep(ANSWER_S - 1.0, "answer"), name="call")
    assert await calls.outcome(task) == "answer"
    assert await calls.outcome(task) == "answer"
    assert hangs == []


async def test_an_overdue_answer_is_a_hang_and_the_call_goes_on() -> None:
    """Who waits gets our own fault at the limit; what the call makes is still known when it comes."""
    hangs: list[str] = []
    calls = Calls(on_hang=lambda: hangs.append("hang"))
    task = calls.begin(asyncio.sleep(ANSWER_S + 1.0, "late"), name="call")
    with pytest.raises(ProberFailed) as caught:
        await calls.outcome(task)
    assert caught.value.fault.reason is Reason.DRIVER_ERROR
    assert hangs == ["hang"]
    assert await calls.outcome(task) == "late"


async def test_a_waiter_that_is_cancelled_leaves_the_call() -> None:
    """A cancellation is the waiter's alone."""
    calls = Calls(on_hang=lambda: None)
    task = calls.begin(asyncio.sleep(1.0, "answer"), name="call")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await calls.outcome(task)
    assert await calls.outcome(task) == "answer"


async def test_the_end_leaves_no_call() -> None:
    """Calls that end with their browser are awaited, a call that is forgotten is cancelled."""
    calls = Calls(on_hang=lambda: None)
    failing = calls.begin(_fail(after_s=1.0), name="failing")
    forgotten: asyncio.Task[bool] = calls.begin(asyncio.Event().wait(), name="forgotten")
    await calls.end()
    assert isinstance(failing.exception(), ConnectionError)
    assert forgotten.cancelled()
    await calls.end()


async def _fail(*, after_s: float) -> None:
    await asyncio.sleep(after_s)
    raise ConnectionError("the browser has ended")
