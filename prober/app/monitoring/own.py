"""Alerts about the prober itself: what keeps it from knowing, or from telling."""

from collections.abc import Iterator

from prober.app.monitoring.intervals import Window
from prober.app.monitoring.objectives import AVAILABILITY
from prober.app.monitoring.seen import grown
from prober.app.monitoring.words import PROBER, TARGET, Alert, Severity
from prober.domain.health import HealthThresholds

_SHORT = f"{AVAILABILITY.increase}_{Window.SHORT}"
_NAME = "{{ $labels.target }}"
_JOB = "{{ $labels.job }}"
_DISCOVERY = "{{ $labels.discovery }}"
_REASON = "{{ $labels.reason }}"
_NUMBER = "{{ $value | humanize }}"
_PERCENT = "{{ $value | humanizePercentage }}"
_LATE_S = HealthThresholds().loop_lag_s
"""From where on a run counts as starved; between two edges of the histogram a percentile would be a guess."""


def alerts() -> tuple[Alert, ...]:
    """Returns all of them."""
    return (*_there(), *_measuring(), *_browser(), *_keeping())


def _there() -> Iterator[Alert]:
    yield Alert(
        name="VDIProberAbsent",
        expr=(
            f"(\n"
            f"  group by ({PROBER}) (last_over_time(vdi_prober_build_info[1d]))\n"
            f"  unless group by ({PROBER}) (vdi_prober_build_info)\n"
            f")\n"
            f"or absent_over_time(vdi_prober_build_info[1d])"
        ),
        severity=Severity.CRITICAL,
        lasting="10m",
        summary="The prober is gone: nobody watches the desktops",
        description=(
            f"Prometheus gets no metrics of the prober (job {_JOB}): it does not run, or cannot be scraped. No other "
            f"alert about desktops can fire until it is back."
        ),
    )
    yield Alert(
        name="VDIProberConfigReloadFailed",
        expr=f"min by ({PROBER}) (vdi_prober_config_last_reload_successful) == 0",
        severity=Severity.WARNING,
        lasting="5m",
        summary="The prober works with an old configuration: the new one is wrong",
        description=(
            f"The last attempt of the prober (job {_JOB}) to load its configuration failed; it goes on with the one "
            f"before. After a restart it would not begin at all. Its log has every problem."
        ),
    )
    yield Alert(
        name="VDIProberDiscoveryFailing",
        expr=f"sum by ({PROBER}, discovery) (increase(vdi_prober_discovery_failures_total[1h])) > 2.5",
        severity=Severity.WARNING,
        lasting="5m",
        summary=f"Templates of {_DISCOVERY} cannot be listed",
        description=(
            f"{_NUMBER} attempts of {_DISCOVERY} to list templates failed in an hour: new templates are "
            f"not probed, removed ones still are."
        ),
    )


def _measuring() -> Iterator[Alert]:
    yield Alert(
        name="VDIProberErrors",
        expr=(
            f'sum by ({PROBER}) ({_SHORT}{{outcome="error"}}) / sum by ({PROBER}) ({_SHORT}) > 0.1\n'
            f'and sum by ({PROBER}) ({_SHORT}{{outcome="error"}}) > 2.5'
        ),
        severity=Severity.WARNING,
        lasting="5m",
        summary="The prober fails by its own fault, and cannot judge targets",
        description=(
            f"{_PERCENT} of the recent runs of job {_JOB} ended as `error`, by faults of the prober: they count for no "
            f"objective, and say nothing of a target."
        ),
    )
    yield Alert(
        name="VDIProberTargetErrors",
        expr=(
            f'sum by ({TARGET}) ({_SHORT}{{outcome="error"}}) / sum by ({TARGET}) ({_SHORT}) > 0.5\n'
            f'and sum by ({TARGET}) ({_SHORT}{{outcome="error"}}) > 2.5'
        ),
        severity=Severity.WARNING,
        lasting="5m",
        summary=f"The prober cannot judge {_NAME}, by its own fault",
        description=(
            f"{_PERCENT} of the recent runs of {_NAME} ended as `error`. Its objective is kept on paper only: runs "
            f"that count are missing."
        ),
    )
    lag = f"histogram_quantile(0.99, sum by ({PROBER}, le) (rate(vdi_prober_event_loop_lag_seconds_bucket[15m])))"
    starved = grown('vdi_probe_failures_total{reason="prober_starved"}', "1h")
    yield Alert(
        name="VDIProberStarved",
        expr=f"{lag} > {_LATE_S:g}\nor\nsum by ({PROBER}) (\n  {starved}\n) > 2.5",
        severity=Severity.WARNING,
        lasting="10m",
        summary="The prober has too little CPU or memory to measure",
        description=(
            f"The event loop of job {_JOB} wakes late by {_LATE_S:g} s and more, or runs were given up because "
            f"the prober was starved. Times that it measures are too long: give it more CPU, or fewer runs at once."
        ),
    )
    skipped = f'sum by ({TARGET}, reason) (increase(vdi_prober_runs_skipped_total{{reason!="maintenance"}}[6h]))'
    yield Alert(
        name="VDIProberRunsSkipped",
        expr=(
            f"{skipped}\n"
            f"/ on ({TARGET}) group_left () (sum by ({TARGET}) (increase(vdi_probe_runs_total[6h])) > 0) > 0.2\n"
            f"and {skipped} > 2.5"
        ),
        severity=Severity.WARNING,
        lasting="15m",
        summary=f"{_NAME} is probed less often than configured",
        description=(f"{_PERCENT} of the due runs of {_NAME} did not begin in 6 hours, by reason {_REASON}."),
    )
    yield Alert(
        name="VDIProberSweepFailing",
        expr=f"sum by ({PROBER}) (increase(vdi_prober_sweep_failures_total[6h])) > 2.5",
        severity=Severity.WARNING,
        lasting="5m",
        summary="The prober cannot remove orphaned sessions",
        description=(
            f"{_NUMBER} sweeps of job {_JOB} in 6 hours could not look for sessions of dead runs, or not remove all of "
            f"them."
        ),
    )


def _browser() -> Iterator[Alert]:
    for name, metric, summary, description in (
        (
            "VDIProberBrowserFailing",
            "vdi_prober_browser_launches_total",
            "The prober's browser does not start",
            f"{_NUMBER} launches of the browser of job {_JOB} failed in an hour. Runs that need it end as `error`.",
        ),
        (
            "VDIProberSelfCheckFailing",
            "vdi_prober_self_checks_total",
            "The prober's browser cannot do WebRTC",
            (
                f"{_NUMBER} self-checks of job {_JOB} failed in an hour: two peers within one page of its browser do "
                f"not reach each other. Runs end as `error` where they would have blamed a target."
            ),
        ),
    ):
        yield Alert(
            name=name,
            expr=f'sum by ({PROBER}) (increase({metric}{{outcome="error"}}[1h])) > 2.5',
            severity=Severity.WARNING,
            lasting="5m",
            summary=summary,
            description=description,
        )


def _keeping() -> Iterator[Alert]:
    yield Alert(
        name="VDIProberEvidenceFailing",
        expr=f"sum by ({PROBER}) (increase(vdi_prober_evidence_failures_total[6h])) > 2.5",
        severity=Severity.WARNING,
        lasting="5m",
        summary="Evidence of failures is lost",
        description=(
            f"{_NUMBER} attempts of job {_JOB} to keep evidence, or to remove what is too much, failed in 6 hours. "
            f"Results are right; what would explain them is not kept."
        ),
    )
    yield Alert(
        name="VDIProberHistoryFailing",
        expr=(
            f"sum by ({PROBER}) (increase(vdi_prober_history_failures_total[6h])) > 2.5\n"
            f"or max by ({PROBER}) (vdi_prober_history_in_memory) == 1"
        ),
        severity=Severity.WARNING,
        lasting="15m",
        summary="The history of runs is not kept",
        description=(
            f"The prober of job {_JOB} cannot write its history, or keeps it in memory because its file cannot be "
            f"used: a restart forgets it. Results and metrics are right."
        ),
    )
    yield Alert(
        name="VDIProberTracesLost",
        expr=(
            f"sum by ({PROBER}) (increase(vdi_prober_trace_spans_lost_total[1h])) > 0.5\n"
            f"or min by ({PROBER}) (vdi_prober_tracing_active) == 0"
        ),
        severity=Severity.INFO,
        lasting="15m",
        summary="Runs do not reach the trace collector",
        description=(
            f"No collector takes the spans of job {_JOB}, or a header for it cannot be read. Nothing else suffers."
        ),
    )
