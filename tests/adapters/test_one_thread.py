"""An executor of one thread, which keeps nobody waiting."""

import asyncio
import subprocess
import sys
import threading

import pytest

from prober.adapters.one_thread import OneThread

STUCK = """
import asyncio, threading
from prober.adapters.one_thread import OneThread

async def main():
    try:
        async with asyncio.timeout(0.05):
            await asyncio.get_running_loop().run_in_executor(OneThread("stuck"), threading.Event().wait)
    except TimeoutError:
        print("given up")

asyncio.run(main())
"""


async def test_work_is_done_in_its_order() -> None:
    """One thing after another, never two at a time, whatever fails in between."""
    thread, done, loop = OneThread("test"), list[int](), asyncio.get_running_loop()

    def work(number: int) -> int:
        assert threading.current_thread().name == "test"
        done.append(number)
        if number == 5:
            raise ValueError("five")
        return number

    answers = await asyncio.gather(
        *(loop.run_in_executor(thread, work, number) for number in range(9)), return_exceptions=True
    )
    assert done == list(range(9))
    assert [answer for answer in answers if isinstance(answer, int)] == [0, 1, 2, 3, 4, 6, 7, 8]
    assert isinstance(answers[5], ValueError)


async def test_what_nobody_waits_for_any_more_is_not_begun() -> None:
    """Work whose caller gave up while it waited for its turn is left out."""
    thread, go, begun = OneThread("test"), threading.Event(), list[str]()
    first = thread.submit(go.wait, 5)
    second = thread.submit(begun.append, "second")
    third = thread.submit(begun.append, "third")
    assert second.cancel()
    go.set()
    await asyncio.wrap_future(first)
    await asyncio.wrap_future(third)
    assert begun == ["third"]


async def test_the_thread_ends_with_its_work() -> None:
    """Nobody has to shut it down; it begins anew when there is work again."""
    thread, loop = OneThread("passing"), asyncio.get_running_loop()
    for _ in range(3):
        await loop.run_in_executor(thread, int)
        async with asyncio.timeout(5):
            while any(each.name == "passing" for each in threading.enumerate()):  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.001)


async def test_a_thread_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks is told, what was asked is not done later, and the next call is done as if nothing had been."""
    thread, done = OneThread("test"), list[str]()

    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refused)
        with pytest.raises(RuntimeError, match="can't start new thread"):
            thread.submit(done.append, "first")
    async with asyncio.timeout(5):
        await asyncio.wrap_future(thread.submit(done.append, "second"))
    assert done == ["second"]


def test_work_that_never_returns_keeps_no_process() -> None:
    """Neither the loop's end nor the interpreter's exit waits for it."""
    ended = subprocess.run([sys.executable, "-c", STUCK], check=True, capture_output=True, text=True, timeout=30)
    assert ended.stdout == "given up\n"
    assert ended.stderr == ""


@pytest.mark.parametrize("error", [SystemExit(), KeyboardInterrupt()], ids=["exit", "interrupt"])
async def test_every_exception_is_the_caller_s(error: BaseException) -> None:
    """The thread goes on after it."""
    thread = OneThread("test")

    def fail() -> None:
        raise error

    failed = thread.submit(fail)
    assert await asyncio.wrap_future(thread.submit(int)) == 0
    assert failed.exception() is error
