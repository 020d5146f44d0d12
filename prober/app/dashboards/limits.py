"""When a value is good or bad, as Grafana's thresholds, and what values are called."""

from collections.abc import Sequence

from prober.app.dashboards.parts import Json

_GOOD, _WARN, _BAD = "green", "yellow", "red"


def _steps(*steps: tuple[str, float | None]) -> Json:
    return {"mode": "absolute", "steps": [{"color": color, "value": value} for color, value in steps]}


PLAIN: Json = _steps((_GOOD, None))
"""No value of it is good or bad by itself."""


def above(warn: float, fail: float) -> Json:
    """Returns thresholds of what is worse the larger it is."""
    return _steps((_GOOD, None), (_WARN, warn), (_BAD, fail))


def below(warn: float, fail: float) -> Json:
    """Returns thresholds of what is worse the smaller it is."""
    return _steps((_BAD, None), (_WARN, fail), (_GOOD, warn))


def any_is_bad() -> Json:
    """Returns thresholds of what must not be: anything above zero."""
    return _steps((_GOOD, None), (_BAD, _ANY))


def any_is_odd() -> Json:
    """Returns thresholds of what should not be: anything above zero."""
    return _steps((_GOOD, None), (_WARN, _ANY))


_ANY = 0.0001
"""Above zero, whatever an extrapolation makes of it."""


def _words(*words: tuple[str, str]) -> Sequence[Json]:
    options = {str(value): {"text": text, "color": color, "index": value} for value, (text, color) in enumerate(words)}
    return ({"type": "value", "options": options},)


VERDICTS = _words(("failed", _BAD), ("good", _GOOD), ("degraded", _WARN))
"""What `promql.verdict` returns, in words."""

WHETHER = _words(("no", _BAD), ("yes", _GOOD))
"""A value that is 1 where all is well."""
