"""Buckets can be read against what the prober judges by."""

import re

import pytest

from prober.adapters.metrics import measured, own
from prober.adapters.metrics.catalog import CATALOG
from prober.adapters.metrics.declaration import Declaration, Kind
from prober.adapters.schedule.scheduler import LONGEST_WAIT_S
from prober.app.monitoring.rules import ALERTS
from prober.domain.health import HealthThresholds
from prober.domain.objectives import StartTime
from prober.domain.steps import Budgets, StepName
from prober.domain.thresholds import Limit, Thresholds
from tests.adapters.reporting import make_target

BUDGETS, THRESHOLDS = Budgets(), Thresholds()

BEFORE_THE_PICTURE = list(StepName)[: list(StepName).index(StepName.FIRST_FRAME) + 1]


def both(limit: Limit) -> tuple[float, float]:
    return limit.warn, limit.fail


EDGES: dict[Declaration, tuple[float, ...]] = {
    measured.RUN_DURATION: (),
    measured.STEP_DURATION: tuple(BUDGETS.of(step) + (10.0 if step is StepName.STREAM else 0.0) for step in StepName),
    measured.SESSION_START: (10.0, 30.0, StartTime().within_s),
    measured.FIRST_FRAME: (10.0, BUDGETS.first_frame),
    measured.ICE_CONNECT: (BUDGETS.connect,),
    measured.DTLS: (BUDGETS.connect,),
    measured.SIGNALLING: (BUDGETS.connect,),
    measured.ROUND_TRIP: both(THRESHOLDS.round_trip_s),
    measured.JITTER: both(THRESHOLDS.jitter_s),
    measured.JITTER_BUFFER: both(THRESHOLDS.jitter_buffer_s),
    measured.INPUT_LATENCY: (0.05, *both(THRESHOLDS.input_s)),
    own.SCHEDULE_DELAY: (LONGEST_WAIT_S,),
    own.LOOP_LAG: (HealthThresholds().loop_lag_s,),
}
"""Budgets, thresholds, promises that lie on an edge, so that their share can be read without interpolation."""

LONGEST = {
    measured.RUN_DURATION: make_target().longest_s(),
    measured.SESSION_START: sum(map(BUDGETS.of, BEFORE_THE_PICTURE)),
}
"""What lies inside: the longest time that a default target can take."""

HISTOGRAMS = [metric for metric in CATALOG if metric.kind is Kind.HISTOGRAM]


LIMITS = [
    (alert.name, *found)
    for alert in ALERTS
    for found in re.findall(r"histogram_quantile\(.*?(\w+)_bucket.*\) > ([0-9.]+)", alert.expr)
]
"""By alert: the histogram whose percentile it reads, and its limit."""


@pytest.mark.parametrize(("alert", "name", "limit"), LIMITS, ids=[alert for alert, *_ in LIMITS])
def test_limits_of_alerts_are_edges(alert: str, name: str, limit: str) -> None:
    """A percentile is exact at an edge alone: an alert that has its limit between two fires at some other value."""
    (metric,) = (metric for metric in HISTOGRAMS if metric.name == name)
    assert metric.buckets is not None
    assert float(limit) in metric.buckets.bounds, alert


def test_alerts_on_percentiles_are_found() -> None:
    """The one of them that there is, is held to its histogram."""
    assert {alert for alert, *_ in LIMITS} == {alert.name for alert in ALERTS if "histogram_quantile" in alert.expr}


@pytest.mark.parametrize("metric", HISTOGRAMS, ids=[metric.name for metric in HISTOGRAMS])
def test_budgets_and_thresholds_are_inside(metric: Declaration) -> None:
    """Each histogram says why it has its buckets, and has those that its budgets and thresholds ask for."""
    assert metric.buckets is not None
    assert metric.buckets.why.endswith(".")
    assert set(EDGES[metric]) <= set(metric.buckets.bounds)
    assert LONGEST.get(metric, 0.0) <= metric.buckets.bounds[-1]
