"""What was done in a page and when, for people to read: titles of our own, never what was typed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from prober.adapters.browser.kept import Ends
from prober.domain.errors import ProbeError

_FIRST = 60
_LAST = 120

_TOGETHER_S = 2.0
"""Looks of one kind that follow one another within so many seconds are one."""


@dataclass(slots=True, kw_only=True)
class Doing:
    """One thing that was done, in seconds of the recording; `error` is what it met."""

    title: str
    at_s: float
    ended_s: float
    error: str | None = None


class Doings:
    """Notes what is done."""

    def __init__(self, *, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._noted: Ends[Doing] = Ends(first=_FIRST, last=_LAST)
        self._latest: Doing | None = None

    @contextmanager
    def note(self, title: str) -> Iterator[None]:
        """Notes the block, however it ends; whatever it raises is raised on."""
        doing = self._begin(title)
        try:
            yield
        except ProbeError as error:
            doing.error = error.fault.summary
            raise
        except BaseException:
            doing.error = "given up"
            raise
        finally:
            doing.ended_s = self._now_s()

    def noted(self) -> list[Doing]:
        """Returns what is kept, in order."""
        return self._noted.items()

    def _begin(self, title: str) -> Doing:
        now_s, latest = self._now_s(), self._latest
        if latest is not None and latest.title == title and now_s - latest.ended_s < _TOGETHER_S:
            return latest
        self._latest = doing = Doing(title=title, at_s=now_s, ended_s=now_s)
        self._noted.add(doing)
        return doing
