"""Which windows belong to which interval.

The usual windows of a burn rate (5 minutes, an hour) hold one run, or none, of a target that is probed every quarter
of an hour: one failure would be a burn rate of a hundred. So windows are chosen by how often a target is due, and each
target is in one class, by `vdi_probe_target_interval_seconds`. The shortest window holds at least three runs of the
slowest target of its class, whatever the jitter; rules demand that many all the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

INTERVAL = "target:vdi_probe_target_interval_seconds:max"
"""The record of every target's interval, in seconds."""

_UNITS = {"m": 60, "h": 3600, "d": 86400}


class Window(StrEnum):
    """The four windows of a class, by what they are for."""

    BURST = "burst"
    """Four or five runs: is it bad now?"""
    SHORT = "short"
    """A dozen runs or more: is it more than bad luck?"""
    MEDIUM = "medium"
    """Some thirty runs or more: does it go on?"""
    LONG = "long"
    """Days: does it add up?"""


def seconds(duration: str) -> int:
    """Returns a PromQL duration of one number and one unit, in seconds."""
    return int(duration[:-1]) * _UNITS[duration[-1]]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalClass:
    """The targets of similar intervals.

    Attributes:
        name: Its longest interval, the value of the label `interval_class`.
        above_s: Intervals are longer than this, in seconds.
        windows: A duration for each window, as PromQL writes them.
    """

    name: str
    above_s: int
    windows: Mapping[Window, str]

    @property
    def up_to_s(self) -> int:
        """Its longest interval, in seconds."""
        return seconds(self.name)

    def targets(self, *, offset: str = "") -> str:
        """Returns the PromQL of its targets.

        Args:
            offset: How long ago they are to have been there; empty is now.
        """
        past = f" offset {offset}" if offset else ""
        more = f" > {self.above_s}" if self.above_s else ""
        return f"{INTERVAL}{past}{more} <= {self.up_to_s}"


def _class(name: str, above_s: int, *durations: str) -> IntervalClass:
    return IntervalClass(name=name, above_s=above_s, windows=dict(zip(Window, durations, strict=True)))


CLASSES = (
    _class("1m", 0, "5m", "1h", "6h", "3d"),
    _class("5m", 60, "20m", "1h", "6h", "3d"),
    _class("15m", 300, "1h", "3h", "12h", "3d"),
    _class("1h", 900, "4h", "12h", "2d", "7d"),
    _class("3d", 3600, "1d", "3d", "7d", "14d"),
)
"""Every interval up to three days is in one. The last class holds what is due a few times a day, and cron expressions
that rest at night or over the weekend, whose interval is their longest gap: there the demanded numbers of runs decide
whether a window says anything. Prometheus keeps 15 days by default, which is why no window is longer."""

RARE_S = 6 * 3600
"""Intervals above this may be longer than their class's shortest window's quarter: whether such a target still runs,
and still succeeds, is read from timestamps instead. In seconds."""
