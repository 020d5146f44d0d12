"""What is kept of a desktop's picture before an interruption, to know it again afterwards."""

import asyncio
from dataclasses import dataclass
from statistics import fmean

from prober.domain.checks import REMEMBER_S
from prober.domain.errors import Fault, failed
from prober.domain.likeness import Likeness, compare
from prober.domain.picture import Look
from prober.domain.reasons import Reason
from prober.flow.ports import Desktop
from prober.flow.steps.looking import silent

LOOKS = 5
"""How often the desktop is looked at before."""

LOOKS_EVERY_S = 0.4
"""Distance of those looks, in seconds: together they see a clock's second pass, or a caret blink."""

_Size = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What a picture after the interruption is.

    Attributes:
        fault: What is wrong with it; `None` for the desktop of before, or what cannot be told from it.
        not_compared: Why it cannot be told; `None` where it was.
    """

    fault: Fault | None = None
    not_compared: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The looks at a desktop that nobody touched, with the picture's size in pixels."""

    looks: tuple[Look, ...]
    size: _Size

    async def recognise(self, desktop: Desktop, *, blank_luma: float) -> Again:
        """Looks at the desktop, and compares.

        Args:
            desktop: The desktop, which has a picture.
            blank_luma: Mean luma, 0 to 255, at or below which a picture counts as black.

        Raises:
            ProberFailed: What the browser met.
        """
        if not self.looks:
            return Again(not_compared="its pixels could not be read before")
        now = await desktop.look()
        if now is None:
            return _missing(Reason.NO_FIRST_FRAME, "connected, and there is no picture to look at")
        if fmean(now.cells) <= blank_luma:
            return _missing(Reason.BLACK_FRAMES, "connected, and the picture is black")
        return self._compare(now, size=await _size(desktop))

    def _compare(self, now: Look, *, size: _Size) -> Again:
        if size != self.size and None not in {*size, *self.size}:
            # What is in a desktop moves when its size changes.
            return Again(not_compared=f"its picture was {_words(self.size)} and is {_words(size)}")
        likeness = compare(self.looks, now)
        if likeness is Likeness.UNTOLD:
            return Again(not_compared="too much of it moved by itself before")
        if likeness is Likeness.DIFFERENT:
            return _missing(Reason.HOST_COLLISION, "the picture is not that of the desktop before")
        return Again()


async def remember(desktop: Desktop) -> Memory:
    """Looks at the desktop several times, to know it again and to know what in it moves by itself.

    Raises:
        ProberFailed: `deadline_exceeded` when our own browser told nothing; also what a look met.
    """
    looks: list[Look] = []
    size: _Size = None, None
    try:
        async with asyncio.timeout(REMEMBER_S):
            size = await _size(desktop)
            while (look := await desktop.look()) is not None:
                looks.append(look)
                if len(looks) == LOOKS:
                    break
                await asyncio.sleep(LOOKS_EVERY_S)
    except TimeoutError:
        if not looks:
            raise failed(silent(REMEMBER_S)) from None
    return Memory(looks=tuple(looks), size=size)


async def _size(desktop: Desktop) -> _Size:
    sample = await desktop.sample()
    return sample.width, sample.height


def _words(size: _Size) -> str:
    width, height = size
    return f"{width}x{height}"


def _missing(reason: Reason, summary: str) -> Again:
    return Again(fault=Fault(reason=reason, summary=summary))
