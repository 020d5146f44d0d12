"""What is kept of something that may go on for ever: its beginning and its end.

The beginning tells what went wrong first, the end what it came to; the middle goes, and how much of it is counted.
"""

import json
from collections import deque
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

_T = TypeVar("_T")


class Ends(Generic[_T]):
    """The first and the last of what is added.

    Attributes:
        left_out: How many there were between the two.
    """

    def __init__(self, *, first: int, last: int) -> None:
        self._most_first = first
        self._first: list[_T] = []
        self._last: deque[_T] = deque(maxlen=last)
        self.left_out = 0

    def add(self, item: _T) -> None:
        """Adds one at the end."""
        if len(self._first) < self._most_first:
            self._first.append(item)
            return
        self.left_out += len(self._last) == self._last.maxlen
        self._last.append(item)

    def items(self) -> list[_T]:
        """Returns them in order."""
        return [*self._first, *self._last]


def fitting(items: Sequence[Any], *, most_bytes: int) -> tuple[list[str], int]:
    """Returns each item as JSON, and how many had to be left out in the middle for all to fit, line ends included."""
    lines = [json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in items]
    sizes = [len(line.encode(errors="replace")) + 1 for line in lines]
    total, begin, end = sum(sizes), len(lines) // 2, len(lines) // 2
    while total > most_bytes:
        # The larger half gives, so that both ends stay.
        if begin >= len(lines) - end and begin > 0:
            begin -= 1
            total -= sizes[begin]
        else:
            total -= sizes[end]
            end += 1
    return [*lines[:begin], *lines[end:]], end - begin
