"""Service level indicators: runs counted per target, and how fast the bad ones use up a budget.

A run is good or bad, or it does not count: `error`, `skipped` and `cancelled` say nothing of the target. A start is on
time or late; a run without a first frame has none. What may be bad is 1 less the objective, the budget; a burn rate
of 1 uses it up exactly. Everything is made of counters, summed over the prober's Pods, so that a restart costs
nothing. Windows of a day and more are sums of recorded hours: a range of weeks over every target is more than a
Prometheus should read each minute.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from prober.app.monitoring.intervals import CLASSES, INTERVAL, IntervalClass, Window, seconds
from prober.app.monitoring.words import TARGET, Record

SURELY = 0.8
"""The share of bad runs that is enough for any burn rate. Where an objective is low, the factors ask for more bad runs
than there are runs: 14.4 times a budget of 10 % is 144 %."""
PERIOD = "30d"
"""What a budget is for."""
AT_LEAST = 3
"""How many runs the shortest window must hold for a burn rate to be believed."""

_DAY = 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """What is counted for an objective.

    Attributes:
        name: The objective's name, the value of the label `objective`.
        counter: The counter's name.
        label: Its label that tells good from bad.
        good: The label's value for what is good.
        bad: And for what is bad.
        besides: Further values worth recording, which the objective does not count.
    """

    name: str
    counter: str
    label: str
    good: str
    bad: str
    besides: tuple[str, ...] = ()

    @property
    def increase(self) -> str:
        """The beginning of the names of the counter's recorded increases."""
        return f"target_{self.label}:{self.counter.removesuffix('_total')}:increase"

    def counted(self, window: Window) -> str:
        """Returns the name of the record of how many count."""
        return f"target:vdi_probe_{self.name}_counted:increase_{window}"

    def bad_ratio(self, window: Window) -> str:
        """Returns the name of the record of which share is bad."""
        return f"target:vdi_probe_{self.name}_bad:ratio_{window}"

    def burn_rate(self, window: Window) -> str:
        """Returns the name of the record of how many times too fast the budget is used up."""
        return f"target:vdi_probe_{self.name}:burn_rate_{window}"

    @property
    def budget(self) -> str:
        """The name of the record of which share may be bad."""
        return f"target:vdi_probe_{self.name}_budget:ratio"

    @property
    def remaining(self) -> str:
        """The name of the record of what is left of the budget, 1 being all of it."""
        return f"target:vdi_probe_{self.name}_budget:remaining_ratio{PERIOD}"


AVAILABILITY = Indicator(
    name="availability",
    counter="vdi_probe_runs_total",
    label="outcome",
    good="success",
    bad="failure",
    besides=("error",),
)
START_TIME = Indicator(
    name="start_time", counter="vdi_probe_session_starts_total", label="speed", good="on_time", bad="late"
)
INDICATORS = (AVAILABILITY, START_TIME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """A burn rate that is too much.

    Attributes:
        factor: How many times too fast.
        far: The window over which it adds up.
        near: The window that tells that it still goes on.
        bad: How many bad runs there must be in the far window.
    """

    factor: float
    far: Window
    near: Window
    bad: int

    def expr(self, of: Indicator) -> str:
        """Returns the PromQL of the targets that burn their budget so fast."""
        limit = f"clamp_max({SURELY} / {of.budget}, {self.factor:g})"
        return (
            f"{of.burn_rate(self.far)} > {limit}\n"
            f"and {of.burn_rate(self.near)} > {limit}\n"
            f"and {of.counted(self.near)} > {AT_LEAST - 0.5}\n"
            f'and on ({TARGET}) {of.increase}_{self.far}{{{of.label}="{of.bad}"}} > {self.bad - 0.5}'
        )


FAST = (Burn(factor=14.4, far=Window.SHORT, near=Window.BURST, bad=3),)
"""A month's budget in two days. Three bad runs at least: two may be bad luck."""
SLOW = (
    Burn(factor=6, far=Window.MEDIUM, near=Window.SHORT, bad=4),
    Burn(factor=1, far=Window.LONG, near=Window.MEDIUM, bad=5),
)
"""A month's budget in five days, or in less than a month."""


def counting(windows: frozenset[Window]) -> tuple[Record, ...]:
    """Returns the records of increases in these windows, of every class."""
    return tuple(_counting(windows))


def hourly() -> tuple[Record, ...]:
    """Returns the records of increases in the last hour, which long windows are made of."""
    return tuple(
        Record(
            name=f"{indicator.increase}1h",
            expr=_increase(indicator, "1h"),
            about=f"{_things(indicator)} of the last hour, by {indicator.label}",
        )
        for indicator in INDICATORS
    )


def budgets() -> tuple[Record, ...]:
    """Returns the records of what may be bad."""
    return tuple(
        Record(
            name=indicator.budget,
            expr=f'1 - max by ({TARGET}) (vdi_probe_objective_ratio{{objective="{indicator.name}"}})',
            about=f"share of {_things(indicator)} that may be {indicator.bad}: 1 less the objective",
        )
        for indicator in INDICATORS
    )


def burning(windows: frozenset[Window]) -> tuple[Record, ...]:
    """Returns the records of shares and burn rates in these windows."""
    return tuple(_burning(windows))


def remaining() -> tuple[Record, ...]:
    """Returns the records of what is left of the budgets."""
    return tuple(
        Record(
            name=indicator.remaining,
            expr=(
                f"1 - (\n"
                f"  sum by ({TARGET}) (sum_over_time({_hours(indicator, indicator.bad)}[{PERIOD}:1h]))\n"
                f"  / (sum by ({TARGET}) (sum_over_time("
                f"{_hours(indicator, f'{indicator.good}|{indicator.bad}')}[{PERIOD}:1h])) > 0)\n"
                f"  / {indicator.budget}\n"
                f")"
            ),
            about=f"share of the {indicator.name} budget of {PERIOD} that is left; below 0 it is overdrawn",
        )
        for indicator in INDICATORS
    )


def _counting(windows: frozenset[Window]) -> Iterator[Record]:
    for window in Window:
        for indicator in INDICATORS if window in windows else ():
            for of in CLASSES:
                yield Record(
                    name=f"{indicator.increase}_{window}",
                    expr=f"{_in_window(indicator, of, window)}\nand on ({TARGET}) ({of.targets()})",
                    about=f"{_things(indicator)} in the window, by {indicator.label} and interval_class",
                    labels={"interval_class": of.name},
                )


def _burning(windows: frozenset[Window]) -> Iterator[Record]:
    for window in Window:
        for indicator in INDICATORS if window in windows else ():
            increase, label = f"{indicator.increase}_{window}", indicator.label
            yield Record(
                name=indicator.counted(window),
                expr=f'sum by ({TARGET}) ({increase}{{{label}=~"{indicator.good}|{indicator.bad}"}})',
                about=f"{_things(indicator)} in the window that count for the objective",
            )
            yield Record(
                name=indicator.bad_ratio(window),
                expr=(
                    f'sum by ({TARGET}) ({increase}{{{label}="{indicator.bad}"}})\n/ ({indicator.counted(window)} > 0)'
                ),
                about=f"share of them that was {indicator.bad}",
            )
            yield Record(
                name=indicator.burn_rate(window),
                expr=f"{indicator.bad_ratio(window)} / {indicator.budget}",
                about="how many times too fast the budget is used up",
            )


def interval() -> Record:
    """Returns the record of every target's interval."""
    return Record(
        name=INTERVAL,
        expr=f"max by ({TARGET}) (vdi_probe_target_interval_seconds)",
        about="how often a target is due; decides its windows",
    )


def _in_window(indicator: Indicator, of: IntervalClass, window: Window) -> str:
    duration = of.windows[window]
    if seconds(duration) < _DAY:
        return _increase(indicator, duration)
    return f"sum_over_time({indicator.increase}1h[{duration}:1h])"


def _increase(indicator: Indicator, duration: str) -> str:
    values = "|".join((indicator.good, indicator.bad, *indicator.besides))
    series = f'{indicator.counter}{{{indicator.label}=~"{values}"}}'
    return f"sum by ({TARGET}, {indicator.label}) (increase({series}[{duration}]))"


def _hours(indicator: Indicator, values: str) -> str:
    return f'{indicator.increase}1h{{{indicator.label}=~"{values}"}}'


def _things(indicator: Indicator) -> str:
    return "runs" if indicator is AVAILABILITY else "starts"
