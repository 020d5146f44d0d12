"""The five fields of a cron expression.

Whether the expression can be read, so that a slip is found at start instead of at the first missed run, with the
shortest time between two runs, so that budgets can be held against it, and the longest, so that alerts know how long
to wait for one. When a run is due is the schedule adapter's business. Syntax: crontab(5) without the `@daily` family.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_ITEM = re.compile(r"(?P<from>\*|[0-9a-z]+)(?:-(?P<to>[0-9a-z]+))?(?:/(?P<step>[0-9]{1,4}))?")
_DAY_MINUTES = 24 * 60

_CYCLE = range(date(2000, 1, 1).toordinal(), date(2028, 1, 1).toordinal() + 1)
"""The days of 28 years by their ordinals: every date, 29 February too, falls on every day of the week in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """One of the five: its bounds, with the names that some have for numbers."""

    title: str
    low: int
    high: int
    names: dict[str, int]


_FIELDS = (
    _Field(title="minute", low=0, high=59, names={}),
    _Field(title="hour", low=0, high=23, names={}),
    _Field(title="day of month", low=1, high=31, names={}),
    _Field(title="month", low=1, high=12, names={name: number for number, name in enumerate(_MONTHS, start=1)}),
    _Field(title="day of week", low=0, high=7, names={name: number for number, name in enumerate(_WEEKDAYS)}),
)


def check_cron(expression: str) -> None:
    """Checks that an expression can be read.

    Raises:
        ValueError: It cannot; the message names the field.
    """
    _parse(expression)


def shortest_gap_s(expression: str) -> float:
    """Returns a time that surely lies between any two runs, in seconds; changes of the clock are left out.

    Raises:
        ValueError: The expression cannot be read.
    """
    minutes, hours, *_ = _parse(expression)
    times = sorted(hour * 60 + minute for hour in hours for minute in minutes)
    days = 1 if _has_neighbouring_days(expression) else 2
    over_midnight = days * _DAY_MINUTES - times[-1] + times[0]
    return min([over_midnight, *(later - earlier for earlier, later in pairwise(times))]) * 60.0


def longest_gap_s(expression: str) -> float | None:
    """Returns the longest time between two runs, in seconds; changes of the clock are left out.

    A weekend counts where the expression has runs on workdays alone. `None` is an expression that never has two runs.

    Raises:
        ValueError: The expression cannot be read.
    """
    minutes, hours, *_ = _parse(expression)
    times = sorted(hour * 60 + minute for hour in hours for minute in minutes)
    runs = _days_with_runs(expression)
    days = max((later - earlier for earlier, later in pairwise(runs)), default=None)
    if days is None:
        return None
    over_midnight = days * _DAY_MINUTES - times[-1] + times[0]
    return max([over_midnight, *(later - earlier for earlier, later in pairwise(times))]) * 60.0


def _has_neighbouring_days(expression: str) -> bool:
    """Tells whether the expression has runs on two days of which one follows the other."""
    return any(later - earlier == 1 for earlier, later in pairwise(_days_with_runs(expression)))


@lru_cache(maxsize=64)
def _days_with_runs(expression: str) -> tuple[int, ...]:
    """Returns the days of the cycle on which the expression has runs, by their ordinals."""
    *_, days, months, weekdays = _parse(expression)
    *_, day_text, _, weekday_text = expression.split()
    # As crontab(5) has it: where both are restricted a day needs to match only one of them.
    matched = all if day_text.startswith("*") or weekday_text.startswith("*") else any
    sunday_is_0 = {weekday % 7 for weekday in weekdays}

    def has_runs(ordinal: int) -> bool:
        day = date.fromordinal(ordinal)
        return day.month in months and matched((day.day in days, day.isoweekday() % 7 in sunday_is_0))

    return tuple(filter(has_runs, _CYCLE))


def _parse(expression: str) -> list[frozenset[int]]:
    texts = expression.lower().split()
    if len(texts) != len(_FIELDS):
        raise ValueError(f"needs {len(_FIELDS)} fields, has {len(texts)}")
    return [_values(text, field=field) for text, field in zip(texts, _FIELDS, strict=True)]


def _values(text: str, *, field: _Field) -> frozenset[int]:
    return frozenset(value for item in text.split(",") for value in _range(item, field=field))


def _range(item: str, *, field: _Field) -> range:
    match = _ITEM.fullmatch(item)
    if match is None or (match["step"] and match["from"] != "*" and not match["to"]):
        raise ValueError(f"its {field.title} cannot be read")
    if match["from"] == "*":
        first, last = field.low, field.high
    else:
        first = _number(match["from"], field=field)
        last = _number(match["to"] or match["from"], field=field)
    step = int(match["step"] or 1)
    if first > last or step < 1 or (match["from"] == "*" and match["to"]):
        raise ValueError(f"its {field.title} cannot be read")
    return range(first, last + 1, step)


def _number(text: str, *, field: _Field) -> int:
    number = field.names.get(text, int(text) if text.isdecimal() else -1)
    if not field.low <= number <= field.high:
        raise ValueError(f"its {field.title} is outside {field.low} to {field.high}")
    return number
