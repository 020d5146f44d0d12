import asyncio

import pytest

from prober.flow.shielding import shielded

pytestmark = pytest.mark.looptime


class Work:
    """A second of work, that remembers whether it was done."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.done = False
        self._error = error

    async def do(self) -> str:
        """Works for a second, then returns or raises."""
        await asyncio.sleep(1.0)
        self.done = True
        if self._error is not None:
            raise self._error
        return "result"


async def test_work_that_nobody_disturbs_gives_its_result() -> None:
    """Without a cancellation it is a plain await, in a task with the given name."""
    assert await shielded(Work().do(), name="work") == "result"
    assert await shielded(_own_name(), name="teardown 7") == "teardown 7"


async def test_the_works_own_exception_is_raised() -> None:
    """What the work raises comes out unchanged."""
    error = ValueError("its own")
    with pytest.raises(ValueError, match="its own") as caught:
        await shielded(Work(error).do(), name="work")
    assert caught.value is error


@pytest.mark.parametrize("times", [1, 2, 5], ids=["once", "twice", "again and again"])
async def test_a_cancellation_is_raised_after_the_work(times: int) -> None:
    """However often the caller is cancelled, the work is finished first."""
    work = Work()
    caller = asyncio.create_task(shielded(work.do(), name="work"))
    for _ in range(times):
        await asyncio.sleep(0.1)
        caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert work.done
    assert asyncio.get_running_loop().time() == pytest.approx(1.0)


async def test_a_cancellation_goes_before_the_works_own_exception() -> None:
    """A caller that was cancelled hears that; the work has told its fault by itself."""
    work = Work(ValueError("its own"))
    caller = asyncio.create_task(shielded(work.do(), name="work"))
    await asyncio.sleep(0.1)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert work.done


async def test_work_that_is_cancelled_itself_is_not_waited_for() -> None:
    """When the loop ends every task, the work is among them, and the caller goes with it."""
    caller = asyncio.create_task(shielded(Work().do(), name="doomed"))
    await asyncio.sleep(0.1)
    (doomed,) = (task for task in asyncio.all_tasks() if task.get_name() == "doomed")
    doomed.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller


async def test_a_cancellation_that_comes_with_the_works_end_is_not_lost() -> None:
    """Even when both happen in the same turn of the loop, the caller is cancelled."""
    work = Work()
    caller = asyncio.create_task(shielded(work.do(), name="work"))
    asyncio.get_running_loop().call_at(1.0, caller.cancel)
    with pytest.raises(asyncio.CancelledError):
        await caller
    await asyncio.sleep(0.1)
    assert work.done


async def _own_name() -> str:
    task = asyncio.current_task()
    return "" if task is None else task.get_name()
