"""The five fields of a cron expression, spelled so that APScheduler means by them what crontab(5) does.

Two differences would be silent otherwise: APScheduler counts weekdays from Monday, and it wants day and weekday to
match both where crontab wants either.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_ITEM = re.compile(r"(?:\*|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>[0-9]+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """One of the five: its bounds, with the names that some have for numbers."""

    title: str
    low: int
    high: int
    names: Mapping[str, int] = field(default_factory=dict)


_FIELDS = (
    _Field(title="minute", low=0, high=59),
    _Field(title="hour", low=0, high=23),
    _Field(title="day", low=1, high=31),
    _Field(title="month", low=1, high=12, names={name: number for number, name in enumerate(_MONTHS, start=1)}),
    _Field(title="day_of_week", low=0, high=7, names={name: number for number, name in enumerate(_WEEKDAYS)}),
)


def crontab_trigger(expression: str, *, timezone: object) -> BaseTrigger:
    """Returns the trigger of a cron expression.

    Raises:
        ValueError: The expression cannot be read; the message names the field.
    """
    texts = expression.lower().split()
    if len(texts) != len(_FIELDS):
        raise ValueError(f"a cron expression has {len(_FIELDS)} fields, this one has {len(texts)}")
    fields = {known.title: _spelled(text, known) for text, known in zip(texts, _FIELDS, strict=True)}
    _, _, day, _, weekday = texts
    if day.startswith("*") or weekday.startswith("*"):
        return CronTrigger(**fields, timezone=timezone)
    return OrTrigger(
        [
            CronTrigger(**{**fields, "day_of_week": "*"}, timezone=timezone),
            CronTrigger(**{**fields, "day": "*"}, timezone=timezone),
        ]
    )


def _spelled(text: str, known: _Field) -> str:
    """Returns the field as a plain list of its values, weekdays by name."""
    if text == "*":
        return text
    values = sorted({value for item in text.split(",") for value in _values(item, known)})
    if known.title == "day_of_week":
        return ",".join(dict.fromkeys(_WEEKDAYS[value % len(_WEEKDAYS)] for value in values))
    return ",".join(map(str, values))


def _values(item: str, known: _Field) -> range:
    match = _ITEM.fullmatch(item)
    step = int(match["step"] or 1) if match else 0
    if match is None or step == 0 or (match["step"] and match["first"] and not match["last"]):
        raise ValueError(f"the {known.title} {item!r} cannot be read")
    first = _number(match["first"], known) if match["first"] else known.low
    last = _number(match["last"] or match["first"], known) if match["first"] else known.high
    if first > last:
        raise ValueError(f"the {known.title} {item!r} ends before it begins")
    return range(first, last + 1, step)


def _number(text: str, known: _Field) -> int:
    number = known.names.get(text, int(text) if text.isdecimal() else -1)
    if not known.low <= number <= known.high:
        raise ValueError(f"the {known.title} {text!r} is not between {known.low} and {known.high}")
    return number
