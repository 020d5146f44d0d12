"""Arithmetic in which absent stays absent.

A browser that does not say something has not said 0; every function here returns `None` as soon as one of its
operands is.
"""

from collections.abc import Iterable, Sequence


def delta(first: float | None, last: float | None) -> float | None:
    """Returns how much a counter grew; one that fell was begun anew, which says nothing."""
    return None if first is None or last is None or last < first else last - first


def count_delta(first: int | None, last: int | None) -> int | None:
    """Returns how much a whole-numbered counter grew; one that fell was begun anew, which says nothing."""
    return None if first is None or last is None or last < first else last - first


def ratio(part: float | None, whole: float | None) -> float | None:
    """Returns part / whole; nothing of nothing is absent."""
    return None if part is None or not whole or whole < 0 else part / whole


def share(part: float | None, whole: float | None) -> float | None:
    """Returns part / whole as a share of 1, whichever of the two was counted first."""
    value = ratio(part, whole)
    return None if value is None else min(1.0, value)


def total(left: float | None, right: float | None) -> float | None:
    """Returns the sum."""
    return None if left is None or right is None else left + right


def scaled(value: float | None, factor: float) -> float | None:
    """Returns value * factor."""
    return None if value is None else value * factor


def worst(values: Iterable[float | None]) -> float | None:
    """Returns the largest of what is there."""
    return max((value for value in values if value is not None), default=None)


def mean(values: Sequence[float | None]) -> float | None:
    """Returns the mean of what is there."""
    present = [value for value in values if value is not None]
    return sum(present) / len(present) if present else None


def either(values: Iterable[bool | None]) -> bool | None:
    """Returns whether any is true, absent where none was said."""
    said = [value for value in values if value is not None]
    return any(said) if said else None
