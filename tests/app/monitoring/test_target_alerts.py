"""Alerts about targets that fail or fall silent: when each fires, and when it must not, at three intervals."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from prober.app.monitoring.seen import INFO
from tests.app.monitoring.cases import ANY_TARGET_ALERT, DESK, INTERVALS, QUIET, STEPS_S, case, runs
from tests.app.monitoring.promtool import Case, check
from tests.app.monitoring.stories import DAY, FACTS, HOUR, JOB, MINUTE, POD, Story, prober, series, target

pytestmark = [pytest.mark.prometheus]


@INTERVALS
def test_no_recent_success(every: int, tmp_path: Path) -> None:
    """It fires once all recent runs failed, three at least, whatever the objective; a success ends it."""
    down = {"VDIProbeNoRecentSuccess": [DESK]}
    up = {"VDIProbeNoRecentSuccess": QUIET}
    check(
        tmp_path,
        STEPS_S[every],
        case("all fail", runs(every, "SSSSSSFFFFFF"), **down),
        case("no objective", runs(every, "SSSSSSFFFFFF", availability=None), **down),
        case("never succeeded", runs(every, "FFFFFF"), **down),
        case("failures among our errors", runs(every, "SSSSSSFEFFEFFFF"), **down),
        case("two failures", runs(every, "SSSSSSSSFF"), **up),
        case("only the teardown fails", runs(every, "SSSSSSFFFFFF", layer="teardown"), **up),
        case("a success since", runs(every, "SSSSFFFFFS"), **up),
        case("our errors only", runs(every, "SSSSSSEEEEEEEE"), **up | {ANY_TARGET_ALERT: QUIET}),
        case("our errors and two failures", runs(every, "SSSSSSEEEEFEFE"), **up),
    )


@INTERVALS
def test_no_recent_success_is_told_soon(every: int, tmp_path: Path) -> None:
    """It fires five runs into an outage at the latest."""
    check(tmp_path, STEPS_S[every], case("five failures", runs(every, "SSSSSSSSFFFFF"), VDIProbeNoRecentSuccess=[DESK]))


def test_a_rare_target_that_fails_twice(tmp_path: Path) -> None:
    """A daily target has no window of three runs that is short: there two failures in a row are enough."""
    check(
        tmp_path,
        15 * MINUTE,
        Case(
            name="two failures",
            story=target(DAY, "SSFF", then_s=2 * HOUR),
            fires={"VDIProbeNoRecentSuccess": [DESK]},
        ),
        Case(
            name="one failure",
            story=target(DAY, "SSSF", then_s=2 * HOUR),
            fires={"VDIProbeNoRecentSuccess": QUIET},
        ),
    )


@INTERVALS
def test_availability_burn_fast(every: int, tmp_path: Path) -> None:
    """It fires where a good part of the runs fails, by both windows; not for bad luck, not for our errors."""
    fires, quiet = {"VDIProbeAvailabilityBurnFast": [DESK]}, {"VDIProbeAvailabilityBurnFast": QUIET}
    half = "S" * 14 + "SF" * 12
    check(
        tmp_path,
        STEPS_S[every],
        case("every other run fails", runs(every, half), **fires),
        case("a low objective, all fail", runs(every, "S" * 4 + "F" * 30, availability=0.9), **fires),
        case("two failures", runs(every, "S" * 20 + "FSF"), **quiet),
        case("only the teardown fails", runs(every, half, layer="teardown"), **quiet),
        case("one failure, three nines", runs(every, "S" * 20 + "F", availability=0.999), **quiet),
        case("over since", runs(every, half + "S" * 6), **quiet),
        case("no objective", runs(every, half, availability=None), **quiet),
        case("a low objective", runs(every, "S" * 10 + "SSSSF" * 6, availability=0.9), **quiet),
        case("our errors", runs(every, "SE" * 15), **quiet | {ANY_TARGET_ALERT: QUIET}),
        case("skipped runs", runs(every, "SK" * 12), **quiet | {ANY_TARGET_ALERT: QUIET}),
    )


@INTERVALS
def test_availability_burn_slow(every: int, tmp_path: Path) -> None:
    """It fires for a tenth of failures that goes on, which is not enough to wake somebody."""
    tenth = "SSSSSSSSSF"
    check(
        tmp_path,
        STEPS_S[every],
        case(
            "a tenth fails",
            runs(every, tenth * (36 if every == 1 else 7), minutes=5),
            VDIProbeAvailabilityBurnSlow=[DESK],
            VDIProbeAvailabilityBurnFast=QUIET,
            VDIProbeNoRecentSuccess=QUIET,
        ),
        case(
            "the teardown of a fifth fails",
            runs(every, "SSSSF" * (72 if every == 1 else 14), minutes=5, layer="teardown"),
            VDIProbeAvailabilityBurnSlow=[DESK],
            VDIProbeAvailabilityBurnFast=QUIET,
        ),
        case("a fiftieth fails", runs(every, "S" * 40 + "F" + "S" * 20), VDIProbeAvailabilityBurnSlow=QUIET),
        case("our errors", runs(every, "SSSSSSSSSE" * 7), VDIProbeAvailabilityBurnSlow=QUIET),
    )


def test_availability_burn_slow_adds_up_over_days(tmp_path: Path) -> None:
    """Four failures in a hundred runs are burn rate 4: no window of hours is enough, three days are."""
    every, runs_ = 15 * MINUTE, 3 * 96 + 8
    pattern = ("S" * 24 + "F") * 12
    slow = {"VDIProbeAvailabilityBurnSlow": [DESK], "VDIProbeAvailabilityBurnFast": QUIET}
    check(
        tmp_path,
        5 * MINUTE,
        Case(name="four in a hundred", story=target(every, pattern[:runs_]), fires=slow),
        Case(
            name="four in a thousand",
            story=target(every, "S" * 250 + "F" + "S" * (runs_ - 251)),
            fires={"VDIProbeAvailabilityBurnSlow": QUIET},
        ),
    )


@INTERVALS
def test_start_time_burn_fast(every: int, tmp_path: Path) -> None:
    """It fires where most starts are late, though every run succeeds."""
    check(
        tmp_path,
        STEPS_S[every],
        case(
            "all late",
            runs(every, "S" * 4 + "L" * 30),
            VDIProbeStartTimeBurnFast=[DESK],
            VDIProbeAvailabilityBurnFast=QUIET,
        ),
        case("a third late", runs(every, "S" * 10 + "SSL" * 7), VDIProbeStartTimeBurnFast=QUIET),
        case("no objective", runs(every, "L" * 20, start_time=None), VDIProbeStartTimeBurnFast=QUIET),
        case("no starts at all", runs(every, "F" * 20), VDIProbeStartTimeBurnFast=QUIET),
    )


@INTERVALS
def test_start_time_burn_slow(every: int, tmp_path: Path) -> None:
    """It fires for late starts that go on beyond the objective, at a rate that is no alarm."""
    count = 36 if every == 1 else 7
    check(
        tmp_path,
        STEPS_S[every],
        case(
            "two of five late",
            runs(every, "SSSLL" * 2 * count, minutes=5),
            VDIProbeStartTimeBurnSlow=[DESK],
            VDIProbeStartTimeBurnFast=QUIET,
        ),
        case("a few late", runs(every, "S" * 20 + "LSL" + "S" * 20), VDIProbeStartTimeBurnSlow=QUIET),
    )


@INTERVALS
def test_no_runs(every: int, tmp_path: Path) -> None:
    """It fires where runs stop, never begin, or are all skipped; not in a maintenance, not for a new target."""
    silence = "." * 8
    fires, quiet = {"VDIProbeNoRuns": [DESK]}, {"VDIProbeNoRuns": QUIET}
    new = target(every * MINUTE, "S", name="desk", since=3600 + every * 600).merge(prober(3600))
    check(
        tmp_path,
        STEPS_S[every],
        case("runs stop", runs(every, "SSSSSS" + silence, minutes=3), **fires),
        case("never ran", runs(every, silence, minutes=3), **fires),
        case("no place to run", runs(every, "SSSSSS" + "K" * 8, minutes=3, skipped="capacity"), **fires),
        case("maintenance", runs(every, "SSSSSS" + "K" * 8, minutes=3), **quiet | {ANY_TARGET_ALERT: QUIET}),
        case("our errors", runs(every, "SSSSSS" + "E" * 8, minutes=3), **quiet),
        case("failures", runs(every, "SSSSSS" + "F" * 8, minutes=3), **quiet),
        case("one run missed", runs(every, "SSSSSS.SS", minutes=0), **quiet),
        case("just added", new, **quiet),
        case("restarted", _restarted(every, "SSSSSS", "SS"), **quiet | {ANY_TARGET_ALERT: QUIET}),
        case("restarted, and silent since", _restarted(every, "SSSSSS", silence), **fires),
    )


def test_no_runs_of_a_rare_target(tmp_path: Path) -> None:
    """A daily target is missed after two days, not within one."""
    check(
        tmp_path,
        15 * MINUTE,
        Case(
            name="gone",
            story=target(DAY, "SSS..", then_s=6 * HOUR),
            fires={"VDIProbeNoRuns": [DESK]},
        ),
        Case(name="as ever", story=target(DAY, "SSSS"), fires={"VDIProbeNoRuns": QUIET}),
    )


@INTERVALS
def test_turn_path_broken(every: int, tmp_path: Path) -> None:
    """It fires where only the relay's target fails, at the connection or the picture."""
    fires, quiet = {"VDIProbeTurnPathBroken": [_relay()]}, {"VDIProbeTurnPathBroken": QUIET}
    good, bad = "S" * 12, "SSSSFFFFFFFF"

    def both(relay: str, other: str, *, layer: str = "media") -> Story:
        story = runs(every, relay, name="relay", path="relay", layer=layer)
        return story.merge(runs(every, other, name="other"))

    check(
        tmp_path,
        STEPS_S[every],
        case("only the relay fails", both(bad, good, layer="ice"), **fires),
        case("the relay shows no picture", both(bad, good, layer="media"), **fires),
        case("both fail", both(bad, bad, layer="ice"), **quiet),
        case("the login fails", both(bad, good, layer="auth"), **quiet),
        case("our errors", both("SSSSEEEEEEEE", good), **quiet),
        case("nothing to compare with", runs(every, bad, name="relay", path="relay", layer="ice"), **quiet),
    )


def test_turn_path_broken_while_two_probers_differ(tmp_path: Path) -> None:
    """It fires though another prober of the job has the target with another template: one target, two facts."""
    story = runs(5, "SSSSFFFFFFFF", name="relay", path="relay", layer="ice").merge(runs(5, "S" * 12, name="other"))
    pod = POD | {"instance": "10.0.0.2:9464"}
    for name, path in (("relay", "relay"), ("other", "any")):
        facts = FACTS | {"template": "debian", "client": "kasm"}
        story.merge(runs(5, "." * 12, name=name, path=path, pod=pod, facts=facts))
    found = [_relay(), {**_relay(), "template": "debian"}]
    check(tmp_path, STEPS_S[5], case("one of two fails", story, VDIProbeTurnPathBroken=found))


def test_what_targets_are_in_two_clusters(tmp_path: Path) -> None:
    """Probers of one job and instance in two clusters are no error; none is mixed up that the scrape tells apart."""
    told, untold = Story(0), Story(0)
    what = {"template": "ubuntu", "client": "selkies"}
    clusters = {"c1": "staging", "c2": "prod"}
    for here, probed in clusters.items():
        pod = POD | {"namespace": "monitoring", "cluster": here}
        told.merge(
            runs(5, "SSSS", pod=pod, facts=what | {"exported_cluster": probed, "exported_namespace": "vdi"}),
        )
        own = {"cluster": probed, "namespace": "vdi"}
        untold.merge(runs(5, "SSSS", pod=POD | {"cluster": here}, facts=what | own))
    about = JOB | DESK | what | {"namespace": "monitoring", "probed_namespace": "vdi", "network_path": "any"}
    each = [
        (series(INFO, about | {"cluster": here, "probed_cluster": probed}), 1.0) for here, probed in clusters.items()
    ]
    one_each = [(f'{{cluster="{here}"}}', 1.0) for here in clusters]
    check(
        tmp_path,
        STEPS_S[5],
        Case(name="by the scrape", story=told, fires={}, samples={f"{INFO}{{}}": each}),
        Case(name="by the store", story=untold, fires={}, samples={f"count by (cluster) ({INFO}{{}})": one_each}),
    )


def _relay() -> Mapping[str, str]:
    return {"target": "relay", "template": "ubuntu", "probed_namespace": "vdi", "probed_cluster": "staging"}


def _restarted(every: int, before: str, after: str) -> Story:
    """Returns a target whose prober's Pod was replaced: other labels, counters from 0."""
    pause = every * MINUTE
    old = target(every * MINUTE, before, stops_s=len(before) * every * MINUTE)
    pod = POD | {"instance": "10.0.0.2:9464"}
    new = target(every * MINUTE, after, since=old.length_s + pause, pod=pod, then_s=3 * MINUTE)
    return old.merge(new)
