"""Waiting for what nothing announces."""

import time
from collections.abc import Callable
from typing import TypeVar

LOOK_EVERY_S = 0.5

Answer = TypeVar("Answer")


def eventually(ask: Callable[[], Answer], *, within_s: float, what: Callable[[], str]) -> Answer:
    """Returns the first answer that is not empty.

    Args:
        ask: Is asked again and again.
        within_s: How long to wait at most, in seconds.
        what: Says what was waited for, when it never comes.
    """
    deadline = time.monotonic() + within_s
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"not within {within_s:g} s: {what()}"
        time.sleep(LOOK_EVERY_S)
    return answer
