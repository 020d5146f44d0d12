"""Durations as people write them, `1h30m`, `30s`, `500ms`.

A number without a unit is no duration: nobody remembers whether it meant seconds or milliseconds.
"""

import re

_NUMBER = r"([0-9]+(?:\.[0-9]+)?)"
_DURATION = re.compile(rf"(?=.)(?:{_NUMBER}h)?(?:{_NUMBER}m)?(?:{_NUMBER}s)?(?:{_NUMBER}ms)?")
_MILLISECONDS = {"h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}

PATTERN = f"^{_DURATION.pattern}$"
"""What a duration looks like, as a regular expression that JSON Schema understands too."""

POSITIVE_PATTERN = f"^(?=.*[1-9]){_DURATION.pattern}$"
"""The same without the durations of nothing, such as `0s`."""

LONGEST_S = 366 * 24 * 3600.0
"""More than a year, in seconds, is a slip of the keyboard."""


def parse_duration(text: str) -> float:
    """Returns a duration in seconds.

    Raises:
        ValueError: The text is no duration, or one of more than a year.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError("not a duration")
    amounts = zip(match.groups(default="0"), _MILLISECONDS.values(), strict=True)
    seconds = sum(float(amount) * unit for amount, unit in amounts) / 1000
    if seconds > LONGEST_S:
        raise ValueError("longer than a year")
    return seconds


def format_duration(seconds: float) -> str:
    """Returns the shortest spelling of a duration, to the millisecond."""
    rest = round(seconds * 1000)
    parts = []
    for unit, milliseconds in _MILLISECONDS.items():
        amount, rest = divmod(rest, milliseconds)
        if amount:
            parts.append(f"{amount}{unit}")
    return "".join(parts) or "0s"
