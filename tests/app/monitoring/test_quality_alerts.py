"""Alerts about what targets are like, and leave behind: when each fires, and when it must not, at three intervals."""

from collections.abc import Callable
from pathlib import Path

import pytest

from prober.app.dashboards.promql import sightings
from prober.app.monitoring.seen import FAILURES
from tests.app.monitoring.cases import DESK, INTERVALS, QUIET, STEPS_S, case, runs
from tests.app.monitoring.promtool import Case, check
from tests.app.monitoring.stories import DAY, HOUR, JOB, MINUTE, POD, Story, series

pytestmark = [pytest.mark.prometheus]


@INTERVALS
def test_session_start_slow(every: int, tmp_path: Path) -> None:
    """It fires where more than a quarter of the starts is late, three at least."""
    check(
        tmp_path,
        STEPS_S[every],
        case("half late", runs(every, "SL" * 12, minutes=3), VDIProbeSessionStartSlow=[DESK]),
        case("a tenth late", runs(every, "SSSSSSSSSL" * 3, minutes=3), VDIProbeSessionStartSlow=QUIET),
        case("two late", runs(every, "SSSLLSS", minutes=3), VDIProbeSessionStartSlow=QUIET),
    )


@INTERVALS
def test_stream_degraded(every: int, tmp_path: Path) -> None:
    """It fires where most runs succeed with warnings; a few of them, or failures, are not that."""
    check(
        tmp_path,
        STEPS_S[every],
        case(
            "most degraded",
            runs(every, "S" * 6 + "DDDS" * 8, minutes=3),
            VDIProbeStreamDegraded=[DESK],
            VDIProbeAvailabilityBurnFast=QUIET,
        ),
        case("a third degraded", runs(every, "SSD" * 9, minutes=3), VDIProbeStreamDegraded=QUIET),
        case("three runs only", runs(every, "DDD", minutes=3), VDIProbeStreamDegraded=QUIET),
        case("failures", runs(every, "FFFF" * 10, minutes=3), VDIProbeStreamDegraded=QUIET),
    )


@INTERVALS
def test_children_left(every: int, tmp_path: Path) -> None:
    """It fires for three objects of a kind; kinds that nobody foresaw count from their first one."""
    name, kind = "vdi_probe_children_left_total", "PersistentVolumeClaim"

    def left(number: int, *, kind: str, since: float | None) -> Story:
        story = runs(every, "S" * 20)
        labels = POD | DESK | {"kind": kind}
        story.counter(name, labels, [story.length_s - (12 + 2 * i) * MINUTE for i in range(number)], since=since)
        return story

    check(
        tmp_path,
        STEPS_S[every],
        case("three claims", left(3, kind=kind, since=0), VDIProbeChildrenLeft=[DESK | {"kind": kind}]),
        case("three of ours", left(3, kind="Secret", since=None), VDIProbeChildrenLeft=[DESK | {"kind": "Secret"}]),
        case("two claims", left(2, kind=kind, since=0), VDIProbeChildrenLeft=QUIET),
        case("none", left(0, kind=kind, since=0), VDIProbeChildrenLeft=QUIET),
    )


def test_children_left_long_ago(tmp_path: Path) -> None:
    """What was counted before a gap in the scrapes is not counted once more when the window begins in the gap."""
    story = runs(5, "S" * 84)
    end = story.length_s // MINUTE * MINUTE
    story.gauge("vdi_probe_children_left_total", POD | DESK | {"kind": "Pod"}, 40)
    begins = end - 6 * HOUR
    story.gap(begins - 7 * MINUTE, begins + MINUTE)
    check(tmp_path, MINUTE, case("a gap of 8 minutes", story, VDIProbeChildrenLeft=QUIET))


def test_failures_long_ago(tmp_path: Path) -> None:
    """Nor do rules and panels that say what was wrong lately take a whole past for it."""
    story = runs(5, "S" * 12)
    fault = {"layer": "ice", "reason": "ice_failed"}
    story.gauge("vdi_probe_failures_total", POD | DESK | fault | {"step": "connect"}, 40)
    begins = story.length_s - 20 * MINUTE
    story.gap(begins - 15 * MINUTE, begins + 5 * MINUTE)
    lately = f'{FAILURES}{{layer="ice"}}'
    shown = sightings('vdi_probe_failures_total{layer="ice"}', "layer, reason", over="20m")
    record = series(FAILURES, JOB | DESK | fault | {"interval_class": "5m"})
    gap = Case(
        name="a gap of 20 minutes",
        story=story,
        fires={},
        samples={lately: [(record, 0)], f"{shown} or vector(0)": [("{}", 0)]},
    )
    check(tmp_path, MINUTE, gap)


@INTERVALS
def test_sessions_left(every: int, tmp_path: Path) -> None:
    """It fires where two sessions stay for an hour; those of runs under way come and go."""

    def live(value: Callable[[int], float]) -> Story:
        story = runs(every, "S" * (120 // every + 1))
        story.gauge("vdi_probe_sessions_live", POD | DESK, value)
        return story

    check(
        tmp_path,
        STEPS_S[every],
        case("two stay", live(lambda time: 0 if time < 20 * MINUTE else 2), VDIProbeSessionsLeft=[DESK]),
        case("one at a time", live(lambda time: float(time % 120 < 60)), VDIProbeSessionsLeft=QUIET),
        case("two for a while", live(lambda time: 2 if time < 40 * MINUTE else 0), VDIProbeSessionsLeft=QUIET),
    )


@INTERVALS
def test_orphans_growing(every: int, tmp_path: Path) -> None:
    """It fires for three orphans in six hours."""

    def orphans(number: int) -> Story:
        story = runs(every, "S" * 20)
        times = [story.length_s - (12 + 2 * i) * MINUTE for i in range(number)]
        story.counter("vdi_probe_orphans_deleted_total", POD | DESK, times)
        return story

    check(
        tmp_path,
        STEPS_S[every],
        case("three", orphans(3), VDIProbeOrphansGrowing=[DESK]),
        case("two", orphans(2), VDIProbeOrphansGrowing=QUIET),
    )


@INTERVALS
def test_certificates(every: int, tmp_path: Path) -> None:
    """A certificate is work two weeks before its end, and wakes somebody on the last day."""

    def ends_in(seconds: float) -> Story:
        story = runs(every, "S" * (75 // every + 1))
        end = story.length_s + seconds
        story.gauge("vdi_probe_certificate_expiry_timestamp_seconds", POD | DESK, end)
        return story

    soon, now = "VDIProbeCertificateExpiresSoon", "VDIProbeCertificateExpiresNow"
    check(
        tmp_path,
        STEPS_S[every],
        case("in 20 days", ends_in(20 * DAY), **{soon: QUIET, now: QUIET}),
        case("in 10 days", ends_in(10 * DAY), **{soon: [DESK], now: QUIET}),
        case("in 12 hours", ends_in(12 * HOUR), **{soon: [DESK], now: [DESK]}),
        case("an hour ago", ends_in(-HOUR), **{soon: [DESK], now: [DESK]}),
    )
