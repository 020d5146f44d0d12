"""Is the picture that of the desktop before?

After a reconnect a picture alone proves little: a login page is one too, and so is another user's desktop. So coarse
looks are compared cell by cell. Some cells change on any desktop, a clock's and a video's: those that changed while the
desktop was left alone say nothing. Of the others some may differ in any way, since windows move, while the ground must
be the same, and so must enough of what stands out from it.
"""

from collections.abc import Sequence
from enum import Enum
from itertools import compress
from statistics import median

from prober.domain.picture import Look

_TOLERANCE = 8.0
"""Luma, of 255: encoders blur and ramp up, which moves the mean of a cell by less."""

_LEAST_STEADY = 0.3
"""Share of the cells that must keep still on their own; with fewer a desktop has no likeness."""

_LEAST_ALIKE = 0.6
"""Share of the steady cells that must be the same."""

_LEAST_LANDMARKS = 0.1
"""Share of the steady cells that must stand out before they are held against each other: a pointer is no landmark."""

_LEAST_LANDMARKS_ALIKE = 0.4
"""Share of the cells that stand out which must be the same: a window that moved counts twice, where it was and is."""


class Likeness(Enum):
    """What comparing looks at a desktop comes to."""

    ALIKE = "alike"
    """It is the desktop of before, or one that looks the same."""
    DIFFERENT = "different"
    """It is another one."""
    UNTOLD = "untold"
    """The desktop was not looked at before, or too much of it moved by itself then."""


def compare(before: Sequence[Look], after: Look) -> Likeness:
    """Tells whether a desktop is the one that was looked at several times before.

    Args:
        before: Looks at a desktop that was left alone.
        after: The look at what may be another one.
    """
    if not before:
        return Likeness.UNTOLD
    if any(_shape(look) != _shape(after) for look in before):
        return Likeness.DIFFERENT
    steady = [max(cells) - min(cells) <= _TOLERANCE for cells in zip(*(look.cells for look in before), strict=True)]
    if not any(steady) or sum(steady) < _LEAST_STEADY * len(steady):
        return Likeness.UNTOLD
    known, now = (list(compress(look.cells, steady)) for look in (before[-1], after))
    return Likeness.ALIKE if _alike(known, now) else Likeness.DIFFERENT


def _shape(look: Look) -> tuple[int, int]:
    return look.columns, look.rows


def _alike(before: Sequence[float], after: Sequence[float]) -> bool:
    same = [abs(old - new) <= _TOLERANCE for old, new in zip(before, after, strict=True)]
    if sum(same) < _LEAST_ALIKE * len(same):
        return False
    landmarks = [
        is_same
        for is_same, *standing in zip(same, _standing_out(before), _standing_out(after), strict=True)
        if any(standing)
    ]
    few = len(landmarks) < _LEAST_LANDMARKS * len(same)
    return few or sum(landmarks) >= _LEAST_LANDMARKS_ALIKE * len(landmarks)


def _standing_out(cells: Sequence[float]) -> list[bool]:
    """Tells for each cell whether it differs from the ground, which is the median cell."""
    ground = median(cells)
    return [abs(cell - ground) > _TOLERANCE for cell in cells]
