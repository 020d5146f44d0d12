"""Records of what runs showed beyond good and bad: what a target is, whose fault it was, how long starts take."""

from collections.abc import Callable

from prober.app.monitoring.intervals import CLASSES, IntervalClass, Window, seconds
from prober.app.monitoring.words import TARGET, Record

INFO = "target:vdi_probe_target:info"
"""What a target is, under names that no scrape takes: `probed_cluster`, `probed_namespace`."""
FAILURES = "target_layer_reason:vdi_probe_failures:increase_burst"
"""What was wrong lately, by layer and reason."""
DEGRADED = "target:vdi_probe_degraded:avg_short"
"""The share of time at which the last run stood degraded: with runs at equal distances the share of runs."""
QUANTILE = 0.75
"""Three of four starts are at least as fast."""
START = "target:vdi_probe_session_start_seconds:p75_short"
"""That quantile of the starts, in seconds."""

_DAY = 86400


def grown(series: str, duration: str) -> str:
    """Returns the PromQL of a counter's increase where series begin with their first event.

    `increase` sees nothing of the event with which a series begins; one that was not there before counts in full. Not
    there means for a day: a counter that Prometheus did not scrape for a while is none that begins, and must not count
    with all that it ever counted. The price: of a prober that was restarted under the same labels, the first event of
    a series that it had within that day is not seen.

    Args:
        series: The counter with its matchers.
        duration: The window, as PromQL writes durations.
    """
    return f"({series} unless last_over_time({series}[1d] offset {duration})) or increase({series}[{duration}])"


def info() -> Record:
    """Returns the record of what targets are.

    A scrape in Kubernetes adds a label `namespace`, perhaps `cluster`, and renames those of the info metric to
    `exported_...`; another scrape, and one with `honor_labels`, does not. So the prober's own labels are taken from
    a metric that has no facts, and the facts from wherever they are: from the series that agrees in all that a scrape
    adds, or else, where the info metric's names are the facts themselves, from one of the same job, instance and Pod.
    A store of several clusters may have more than one of those; one is taken, for a rule that fails tells nothing of
    any target.
    """
    facts = "vdi_probe_target_info"
    for label in ("cluster", "namespace"):
        facts = f'label_replace({facts}, "probed_{label}", "$1", "{label}", "(.*)")'
        facts = f'label_replace({facts}, "probed_{label}", "$1", "exported_{label}", "(.+)")'
    known = "probed_cluster, probed_namespace, template, client, network_path"

    def joined(on: str) -> str:
        return (
            f"  (vdi_probe_sessions_live >= bool 0)\n"
            f"  * on ({on}) group_left ({known})\n"
            f"  topk by ({on}) (1, {facts})\n"
        )

    every = f"{TARGET}, instance, pod"
    return Record(
        name=INFO,
        expr=(
            f"max by ({TARGET}, {known}) (\n{joined(every)}  or on ({every})\n{joined('job, instance, pod, target')})"
        ),
        about="what a target is; probed_cluster and probed_namespace whatever the scrape does to labels",
    )


def failures() -> tuple[Record, ...]:
    """Returns the records of failures by layer and reason."""

    def expr(duration: str) -> str:
        return f"sum by ({TARGET}, layer, reason) (\n  {grown('vdi_probe_failures_total', duration)}\n)"

    return _classes(FAILURES, Window.BURST, expr, "attempts that were no success, by layer, reason and interval_class")


def degraded() -> tuple[Record, ...]:
    """Returns the records of degraded streams."""

    def expr(duration: str) -> str:
        steps = ":1h" if seconds(duration) > _DAY else ""
        return f"avg by ({TARGET}) (avg_over_time(vdi_probe_degraded[{duration}{steps}]))"

    return _classes(DEGRADED, Window.SHORT, expr, "share of runs that succeeded with warnings, by interval_class")


def starts() -> tuple[Record, ...]:
    """Returns the records of how long starts take."""

    def expr(duration: str) -> str:
        buckets = f"sum by ({TARGET}, le) (rate(vdi_probe_session_start_seconds_bucket[{duration}]))"
        return f"histogram_quantile({QUANTILE}, {buckets}) > 0"

    return _classes(START, Window.SHORT, expr, "how soon three of four desktops are there, in seconds")


def _classes(name: str, window: Window, expr: Callable[[str], str], about: str) -> tuple[Record, ...]:
    def one(of: IntervalClass) -> Record:
        return Record(
            name=name,
            expr=f"({expr(of.windows[window])})\nand on ({TARGET}) ({of.targets()})",
            about=about,
            labels={"interval_class": of.name},
        )

    return tuple(map(one, CLASSES))
