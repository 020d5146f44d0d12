"""The steps of a run as bars on its time axis, for people who ask where the time went."""

from collections.abc import Sequence

from prober.domain.report import RunReport
from prober.domain.steps import StepRecord

_NAME_WIDTH = 12
_FRAME = 28
"""What stands around a bar, in characters: the name before it, the seconds behind it."""

_NARROWEST, _WIDEST = 10, 60
"""How wide the axis may be, in characters: narrower shows nothing, wider only tires the eye."""

_FULL, _EMPTY = "#", " "
"""ASCII: a pipe may have any encoding, and a bar is not worth an exception."""


def waterfall(report: RunReport, *, width: int) -> list[str]:
    """Returns a line for each step that began: its name, its start and length on the axis, its seconds.

    Args:
        report: The run; without steps there is nothing to show.
        width: How many characters a line may have; below 38 the lines keep that width.
    """
    axis = min(max(width - _FRAME, _NARROWEST), _WIDEST)
    # A step may end after the clock was read for the whole, by as much as rounding makes.
    whole_s = max([report.duration_s, *(step.start_s + step.duration_s for step in report.steps)])
    return [_line(step, whole_s=whole_s, axis=axis) for step in _by_start(report.steps)]


def _by_start(steps: Sequence[StepRecord]) -> list[StepRecord]:
    return sorted(steps, key=lambda step: step.start_s)


def _line(step: StepRecord, *, whole_s: float, axis: int) -> str:
    begin, end = (
        _place(moment, whole_s=whole_s, axis=axis) for moment in (step.start_s, step.start_s + step.duration_s)
    )
    # Whatever is short still shows: at least one block, the last one at the axis' end.
    begin = min(begin, axis - 1)
    end = max(end, begin + 1)
    bar = f"{_EMPTY * begin}{_FULL * (end - begin)}".ljust(axis, _EMPTY)
    return f"  {step.name:<{_NAME_WIDTH}} |{bar}| {step.duration_s:8.2f} s"


def _place(moment_s: float, *, whole_s: float, axis: int) -> int:
    return round(axis * moment_s / whole_s) if whole_s > 0 else 0
