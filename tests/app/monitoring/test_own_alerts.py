"""Every alert about the prober itself: a story in which it fires, and stories in which it must not."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from tests.app.monitoring.promtool import Case, check
from tests.app.monitoring.stories import HOUR, MINUTE, POD, Story, prober, target

pytestmark = [pytest.mark.prometheus]

INTERVALS = pytest.mark.parametrize("every", [1, 5, 15], ids=["1m", "5m", "15m"])

ITSELF: Mapping[str, str] = {}
DESK = {"target": "desk"}
QUIET = None
LENGTH_S = 100 * MINUTE


def case(name: str, story: Story, **fires: Sequence[Mapping[str, str]] | None) -> Case:
    return Case(name=name, story=story, fires=fires)


def counted(name: str, labels: Mapping[str, str], events: Iterable[float]) -> Story:
    """Makes the story of a counter that is there from the start."""
    story = prober(LENGTH_S)
    story.counter(name, {**POD, **labels}, events)
    return story


def three_and_two(alert: str, name: str, labels: Mapping[str, str], found: Mapping[str, str]) -> tuple[Case, Case]:
    """Makes the cases of an alert that fires for three events and not for two."""
    times = [(60 + 8 * number) * MINUTE for number in range(3)]
    return (
        case("three", counted(name, labels, times), **{alert: [found]}),
        case("two", counted(name, labels, times[1:]), **{alert: QUIET}),
    )


def test_prober_absent(tmp_path: Path) -> None:
    """It fires once no prober is scraped, whether there was one or not; a replaced Pod is none that is absent."""
    other = POD | {"instance": "10.0.0.2:9464"}
    moved = prober(2 * HOUR, stops_s=HOUR)
    moved.gauge("vdi_prober_build_info", {**other, "version": "2"}, lambda time: 1 if time >= HOUR else None)
    check(
        tmp_path,
        MINUTE,
        case("gone for half an hour", prober(2 * HOUR, stops_s=90 * MINUTE), VDIProberAbsent=[ITSELF]),
        case("replaced", moved, VDIProberAbsent=QUIET),
        case("there", prober(2 * HOUR), VDIProberAbsent=QUIET),
        case("not scraped for a while", prober(2 * HOUR, stops_s=118 * MINUTE), VDIProberAbsent=QUIET),
        case("never there", Story(HOUR), VDIProberAbsent=[{"job": ""}]),
    )


def test_config_reload_failed(tmp_path: Path) -> None:
    """It fires while the last attempt to load the configuration failed."""

    def loaded(value: Callable[[int], float]) -> Story:
        story = prober(HOUR)
        story.gauge("vdi_prober_config_last_reload_successful", POD, value)
        return story

    check(
        tmp_path,
        MINUTE,
        case("broken", loaded(lambda time: float(time < 30 * MINUTE)), VDIProberConfigReloadFailed=[ITSELF]),
        case("mended", loaded(lambda time: float(time > 50 * MINUTE)), VDIProberConfigReloadFailed=QUIET),
    )


@INTERVALS
def test_errors(every: int, tmp_path: Path) -> None:
    """It fires for a tenth of errors over all targets, three at least, and blames no target."""
    number = 180 // every

    def both(pattern: str) -> Story:
        story = target(every * MINUTE, (pattern * 180)[:number], then_s=4 * MINUTE)
        return story.merge(target(every * MINUTE, "S" * number, then_s=4 * MINUTE, name="other"))

    nothing = {"VDIProbe[^r].*": QUIET}
    check(
        tmp_path,
        2 * MINUTE,
        case("every other one", both("SE"), VDIProberErrors=[ITSELF], **nothing),
        case("all of one target", both("E"), VDIProberErrors=[ITSELF], **nothing),
        case("two", both("S" * (number - 3) + "ESE"), VDIProberErrors=QUIET),
        case("failures", both("F"), VDIProberErrors=QUIET),
    )


@INTERVALS
def test_target_errors(every: int, tmp_path: Path) -> None:
    """It fires where most runs of one target are errors, however many other targets there are."""
    minute = every * MINUTE
    check(
        tmp_path,
        MINUTE if every == 1 else 5 * MINUTE,
        case("mostly", target(minute, "S" * 6 + "E" * 60, then_s=600), VDIProberTargetErrors=[DESK]),
        case("a third", target(minute, "SSE" * 20, then_s=600), VDIProberTargetErrors=QUIET),
        case("failures", target(minute, "F" * 40, then_s=600), VDIProberTargetErrors=QUIET),
    )


def test_starved(tmp_path: Path) -> None:
    """It fires where the event loop wakes late, or where runs were given up as starved; each series counts whole."""
    name, starved = "vdi_prober_event_loop_lag_seconds_bucket", {"layer": "prober", "reason": "prober_starved"}

    def lag(*, late: bool) -> Story:
        story = prober(HOUR)
        for edge in ("0.1", "0.15", "0.5", "+Inf"):
            # One wake-up in fifty is late, and late by more than a run may be.
            wakes = [
                number * 10 for number in range(HOUR // 10) if not (late and float(edge) < 0.5 and number % 50 == 0)
            ]
            story.counter(name, {**POD, "le": edge}, wakes)
        return story

    def runs(*steps: str) -> Story:
        story = target(5 * MINUTE, "S" * 14, then_s=10 * MINUTE)
        for number, step in enumerate(steps):
            labels = POD | DESK | starved | {"step": step}
            story.counter("vdi_probe_failures_total", labels, [(45 + 5 * number) * MINUTE], since=None)
        return story

    check(
        tmp_path,
        MINUTE,
        case("late", lag(late=True), VDIProberStarved=[ITSELF]),
        case("in time", lag(late=False), VDIProberStarved=QUIET),
        case("three runs", runs("login", "connect", "stream"), VDIProberStarved=[ITSELF]),
        case("two runs", runs("login", "connect"), VDIProberStarved=QUIET),
    )


def test_starved_long_ago(tmp_path: Path) -> None:
    """What was counted before Prometheus was away for half an hour is not counted once more, an hour later."""
    story = target(5 * MINUTE, "S" * 20)
    starved = {"step": "login", "layer": "prober", "reason": "prober_starved"}
    story.gauge("vdi_probe_failures_total", POD | DESK | starved, 40)
    check(tmp_path, MINUTE, case("a gap", story.gap(20 * MINUTE, 50 * MINUTE), VDIProberStarved=QUIET))


@INTERVALS
def test_runs_skipped(every: int, tmp_path: Path) -> None:
    """It fires for a fifth of due runs that did not begin; a maintenance is no such thing."""
    pattern, minute = "SSK" * 10 + "SSS" * (4 if every == 1 else 0), every * MINUTE

    def skipped(pattern: str, reason: str) -> Story:
        return target(minute, pattern, then_s=20 * MINUTE, skipped=reason)

    found = [DESK | {"reason": "capacity"}]
    check(
        tmp_path,
        MINUTE if every == 1 else 5 * MINUTE,
        case("a third", skipped(pattern, "capacity"), VDIProberRunsSkipped=found),
        case("maintenance", skipped(pattern, "maintenance"), VDIProberRunsSkipped=QUIET),
        case("a few", skipped("SSSSSSSSSK" * 3, "capacity"), VDIProberRunsSkipped=QUIET),
    )


@pytest.mark.parametrize(
    ("alert", "metric", "labels", "found"),
    [
        ("VDIProberBrowserFailing", "vdi_prober_browser_launches_total", {"outcome": "error"}, {}),
        ("VDIProberSelfCheckFailing", "vdi_prober_self_checks_total", {"outcome": "error"}, {}),
        ("VDIProberEvidenceFailing", "vdi_prober_evidence_failures_total", {}, {}),
        ("VDIProberHistoryFailing", "vdi_prober_history_failures_total", {"operation": "write"}, {}),
        ("VDIProberSweepFailing", "vdi_prober_sweep_failures_total", {}, {}),
        (
            "VDIProberDiscoveryFailing",
            "vdi_prober_discovery_failures_total",
            {"discovery": "all"},
            {"discovery": "all"},
        ),
    ],
    ids=["browser", "self-check", "evidence", "history", "sweep", "discovery"],
)
def test_what_fails_three_times(
    alert: str, metric: str, labels: Mapping[str, str], found: Mapping[str, str], tmp_path: Path
) -> None:
    """Three failures are an alert, two are none."""
    check(tmp_path, MINUTE, *three_and_two(alert, metric, labels, found))


def test_successes_of_the_browser_are_no_alert(tmp_path: Path) -> None:
    """Launches and self-checks that succeed count for nothing."""
    times = [number * MINUTE for number in range(90)]
    ok = {"outcome": "success"}
    check(
        tmp_path,
        MINUTE,
        case("launches", counted("vdi_prober_browser_launches_total", ok, times), VDIProberBrowserFailing=QUIET),
        case("checks", counted("vdi_prober_self_checks_total", ok, times), VDIProberSelfCheckFailing=QUIET),
    )


def test_history_in_memory(tmp_path: Path) -> None:
    """A history that a restart forgets is told without any failure."""

    def kept(value: float) -> Story:
        story = prober(HOUR)
        story.gauge("vdi_prober_history_in_memory", POD, value)
        return story

    check(
        tmp_path,
        MINUTE,
        case("in memory", kept(1), VDIProberHistoryFailing=[ITSELF]),
        case("in its file", kept(0), VDIProberHistoryFailing=QUIET),
    )


def test_traces_lost(tmp_path: Path) -> None:
    """It fires for spans that nobody took, or tracing that is off for want of a header; not where all is well."""

    def tracing(active: float, lost: Sequence[float]) -> Story:
        story = prober(HOUR)
        story.gauge("vdi_prober_tracing_active", POD, active)
        story.counter("vdi_prober_trace_spans_lost_total", POD, lost)
        return story

    check(
        tmp_path,
        MINUTE,
        case("lost", tracing(1, [30 * MINUTE]), VDIProberTracesLost=[ITSELF]),
        case("off", tracing(0, []), VDIProberTracesLost=[ITSELF]),
        case("well", tracing(1, []), VDIProberTracesLost=QUIET),
    )
