"""PromQL that recurs on the dashboards.

Runs are rare: one in 1 to 15 minutes. `rate(...[$__rate_interval])` is a few scrapes wide and finds nothing between
two runs, so what runs count is looked at over `$window`, which the reader chooses, over the whole `$__range`, or, in
bars, over `$__interval` with a lower limit on the panel. Only what the prober counts all the time uses
`$__rate_interval`.

Every division leaves out a divisor of zero: no runs is no value, neither 0 nor 1.
"""

WINDOW, RANGE, CELL, RATE = "$window", "$__range", "$__interval", "$__rate_interval"

_TARGET = 'target=~"$target"'
_PROBER = 'job=~"$job", instance=~"$instance"'

BLAMELESS = 'outcome=~"success|failure"'
"""The runs that say something of the target; an error is our own, a skipped or cancelled run is none."""


def of_target(metric: str, *matchers: str) -> str:
    """Returns the selector of a metric for the chosen targets."""
    return f"{metric}{{{', '.join((_TARGET, *matchers))}}}"


def of_prober(metric: str, *matchers: str) -> str:
    """Returns the selector of a metric for the chosen probers."""
    return f"{metric}{{{', '.join((_PROBER, *matchers))}}}"


def of_process(metric: str) -> str:
    """Returns a metric that every process has, for the chosen probers alone."""
    return f"{of_prober(metric)} and on (job, instance) {of_prober('vdi_prober_build_info')}"


def growth(selector: str, by: str, *, over: str = WINDOW) -> str:
    """Returns by how much a counter grew, whose series exist from the start."""
    return f"sum by ({by}) (increase({selector}[{over}]))"


def sightings(selector: str, by: str, *, over: str = WINDOW) -> str:
    """Returns by how much a counter grew whose series begin with the first event, which `increase` does not see.

    A series begins that was not there for a day before: one that was not scraped for a while does not.
    """
    before = f"last_over_time({selector}[1d] offset {over})"
    return f"sum by ({by}) (({selector} unless {before}) or (increase({selector}[{over}]) > 0))"


def share(part: str, whole: str, by: str, *, over: str = WINDOW) -> str:
    """Returns the share that one counter's growth is of another's, 0 to 1."""
    return f"{growth(part, by, over=over)} / ({growth(whole, by, over=over)} > 0)"


def mean(metric: str, by: str, *matchers: str, over: str = WINDOW) -> str:
    """Returns the mean of a target's histogram."""
    return share(of_target(f"{metric}_sum", *matchers), of_target(f"{metric}_count", *matchers), by, over=over)


def quantile(rank: float, buckets: str, by: str, *, over: str = WINDOW) -> str:
    """Returns a quantile of a histogram, read out of its buckets."""
    return f"histogram_quantile({rank}, {growth(buckets, f'{by}, le' if by else 'le', over=over)})"


def latest(metric: str, *matchers: str, by: str = "target") -> str:
    """Returns a gauge of the last run; a prober that was restarted leaves two for a moment, the larger one counts."""
    return f"max by ({by}) ({of_target(metric, *matchers)})"


def success_share(*, over: str = WINDOW) -> str:
    """Returns the share of successful runs, by target."""
    whole = of_target("vdi_probe_runs_total", BLAMELESS)
    return share(of_target("vdi_probe_runs_total", 'outcome="success"'), whole, "target", over=over)


def budget_left(*, over: str = RANGE) -> str:
    """Returns the share of the availability objective's error budget that is left, by target; below 0 it is missed."""
    failed = of_target("vdi_probe_runs_total", 'outcome="failure"')
    whole = of_target("vdi_probe_runs_total", BLAMELESS)
    allowed = f"(1 - {latest('vdi_probe_objective_ratio', _AVAILABILITY)})"
    return f"1 - ({share(failed, whole, 'target', over=over)}) / {allowed}"


def start_budget_left(*, over: str = RANGE) -> str:
    """Returns the share of the start-time objective's error budget that is left, by target."""
    late = of_target("vdi_probe_session_starts_total", 'speed="late"')
    whole = of_target("vdi_probe_session_starts_total")
    allowed = f"(1 - {latest('vdi_probe_objective_ratio', _START_TIME)})"
    return f"1 - ({share(late, whole, 'target', over=over)}) / {allowed}"


def verdict() -> str:
    """Returns what the last run said of each target: 0 failed, 1 good, 2 degraded; nothing after our own error."""
    return f"{latest('vdi_probe_success')} + {latest('vdi_probe_degraded')}"


def age(metric: str) -> str:
    """Returns the time since a target's timestamp, in seconds."""
    return f"time() - {latest(metric)}"


_AVAILABILITY, _START_TIME = 'objective="availability"', 'objective="start_time"'
