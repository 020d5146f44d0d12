"""The five fields of a cron expression.

 Only what a configuration check needs: whether the expression can be read, so that a slip is found at start instead
of at the first missed run, with the shortest time between two runs, so that budgets can be held against it. When a
run is due is the schedule adapter's business. Syntax: crontab(5) without the `@daily` family.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_ITEM = re.compile(r"(?P<from>\*|[0-9a-z]+)(?:-(?P<to>[0-9a-z]+))?(?:/(?P<step>[0-9]{1,4}))?")
_DAY_MINUTES = 24 * 60


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
    gaps = [later - earlier for earlier, later in pairwise(times)]
    if expression.split()[2:] == ["*", "*", "*"]:
        gaps.append(_DAY_MINUTES - times[-1] + times[0])
    return min(gaps, default=_DAY_MINUTES) * 60.0


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
