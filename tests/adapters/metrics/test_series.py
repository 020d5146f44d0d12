"""Which series there are: from the first scrape, at the most, after a removal."""

from collections.abc import Iterator

from prober.adapters.metrics import Metrics
from prober.adapters.metrics.catalog import CATALOG
from prober.domain.discovery import Expansion, LeftOut
from prober.domain.ids import TargetName
from prober.domain.leftovers import Leftover
from prober.domain.outcomes import Outcome, SkipReason
from prober.domain.reasons import Layer, Reason
from prober.domain.steps import StepName
from prober.domain.transport import NetworkPolicy
from tests.adapters.metrics.scraping import Scrape, text_families
from tests.adapters.reporting import STARTED_AT, make_failure, make_report, make_target

BUDGET = 400

DECLARED = {metric.name for metric in CATALOG if "target" in metric.labels}
"""The metrics of targets."""


def series(metrics: Metrics, target: str) -> list[str]:
    """Returns all series of a target."""
    return [
        f"{sample.name}{sample.labels}"
        for family in text_families(metrics)
        for sample in family.samples
        if sample.labels.get("target") == target
    ]


def every_failure() -> Iterator[tuple[Reason, StepName | None]]:
    """Yields each reason with each step, and outside of any."""
    for reason in Reason:
        for step in (None, *StepName):
            yield reason, step


def exhaust(metrics: Metrics, name: str) -> None:
    """Has a target show all that it can, of every metric."""
    target = make_target(name)
    metrics.add_target(target, interval_s=300.0)
    metrics.run_finished(target, make_report(Outcome.CANCELLED, target=name))
    for reason, step in every_failure():
        metrics.run_finished(target, make_failure(reason, step, target=name))
    for skip in SkipReason:
        metrics.skipped(target.name, skip)
    left = tuple(Leftover(kind=f"Kind{number}", name="web") for number in range(20))
    metrics.run_finished(target, make_report(target=name, children_left=left, certificate_expires_at=STARTED_AT))


def shown(metrics: Metrics, target: str) -> set[str]:
    """Returns the names of the metrics of which a target has series."""
    return {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in text_families(metrics)
        if any(sample.labels.get("target") == target for sample in family.samples)
    }


def test_a_target_costs_at_most_its_budget(metrics: Metrics) -> None:
    """With everything that may have a series, and every reason at every step, a target has 400 series at most."""
    exhaust(metrics, "ubuntu")
    found = series(metrics, "ubuntu")
    assert len(found) == len(set(found))
    assert 350 < len(found) <= BUDGET
    assert shown(metrics, "ubuntu") == DECLARED, "what is missing is no part of the worst case"


def test_a_removed_target_takes_every_metric_with_it(metrics: Metrics) -> None:
    """Of two targets that have a series of every metric of targets, the removed one has none, the other all of its."""
    for name in ("gone", "stays"):
        exhaust(metrics, name)
    before = series(metrics, "stays")
    assert shown(metrics, "gone") == shown(metrics, "stays") == DECLARED
    metrics.remove_target(TargetName("gone"))
    assert shown(metrics, "gone") == set()
    assert series(metrics, "stays") == before
    assert b'"gone"' not in metrics.render("")[0]
    exhaust(metrics, "gone")
    assert len(series(metrics, "gone")) == len(before)


def test_past_the_bound_a_failure_is_counted_by_its_layer(metrics: Metrics, value: Scrape) -> None:
    """A target that fails in more ways than it may have series of loses step and reason of further ones, no count."""
    target = make_target()
    metrics.add_target(target)
    told = list(every_failure())
    for reason, step in (*told, told[0]):
        metrics.run_finished(target, make_failure(reason, step))
    samples = [
        (sample.labels, sample.value)
        for family in text_families(metrics)
        for sample in family.samples
        if sample.name == "vdi_probe_failures_total"
    ]
    assert sum(count for _, count in samples) == len(told) + 1
    assert sum(count for labels, count in samples if labels["layer"] == Layer.MEDIA) == 11 * sum(
        reason.layer is Layer.MEDIA for reason in Reason
    )
    first, _ = told[0]
    labels = {"target": "ubuntu", "step": "", "layer": first.layer, "reason": first}
    assert value("vdi_probe_failures_total", **labels) == 2


def test_past_the_bound_a_kind_is_another_one(metrics: Metrics, value: Scrape) -> None:
    """Kinds beyond those that a target may have series of are counted together; the platform's own have theirs."""
    left = tuple(Leftover(kind=f"Kind{number}", name="web") for number in range(9))
    metrics.add_target(make_target())
    metrics.run_finished(make_target(), make_report(children_left=(*left, Leftover(kind="Pod", name="web"))))
    counted = {kind: value("vdi_probe_children_left_total", target="ubuntu", kind=kind) for kind in ("Pod", "Kind0")}
    assert counted == {"Pod": 1, "Kind0": 1}
    assert value("vdi_probe_children_left_total", target="ubuntu", kind="other") == 5


def test_children_exist_before_the_first_run(metrics: Metrics, value: Scrape) -> None:
    """Counters and histograms of a target are there at zero as soon as it is added."""
    metrics.add_target(make_target())
    for outcome in Outcome:
        assert value("vdi_probe_runs_total", target="ubuntu", outcome=outcome) == 0
    for step in StepName:
        assert value("vdi_probe_step_duration_seconds_count", target="ubuntu", step=step) == 0
        assert value("vdi_probe_step_failures_total", target="ubuntu", step=step) == 0
    for reason in SkipReason:
        assert value("vdi_prober_runs_skipped_total", target="ubuntu", reason=reason) == 0
    for outcome in (Outcome.SUCCESS, Outcome.FAILURE, Outcome.ERROR):
        assert value("vdi_probe_webrtc_connections_total", target="ubuntu", outcome=outcome) == 0
    for outcome in (Outcome.SUCCESS, Outcome.ERROR):
        assert value("vdi_prober_browser_launches_total", outcome=outcome) == 0
    assert value("vdi_probe_children_left_total", target="ubuntu", kind="Pod") == 0
    assert value("vdi_probe_orphans_deleted_total", target="ubuntu") == 0
    assert value("vdi_probe_sessions_live", target="ubuntu") == 0
    assert value("vdi_probe_webrtc_input_latency_seconds_count", target="ubuntu") == 0
    facts = {"cluster": "staging", "namespace": "vdi", "template": "ubuntu-desktop", "client": "generic"}
    facts |= {"network_path": "any"}
    assert value("vdi_probe_target_info", target="ubuntu", **facts) == 1


def test_last_run_gauges_are_absent_before_the_first_run(metrics: Metrics, value: Scrape) -> None:
    """Nothing is made up about a run that never was."""
    metrics.add_target(make_target())
    for name in ("vdi_probe_success", "probe_success", "vdi_probe_last_run_timestamp_seconds"):
        assert value(name, target="ubuntu") is None


def test_a_target_without_input_has_no_input_series(metrics: Metrics, value: Scrape) -> None:
    """Series of a step that never happens are left out."""
    metrics.add_target(make_target(input=None))
    assert value("vdi_probe_step_failures_total", target="ubuntu", step="input") is None
    assert value("vdi_probe_webrtc_input_latency_seconds_count", target="ubuntu") is None


def test_a_removed_target_leaves_nothing(metrics: Metrics) -> None:
    """A removed target's series go, another target's stay, and a run that still ends brings none back."""
    gone, stays = make_target("gone"), make_target("stays")
    for target in (gone, stays):
        metrics.add_target(target)
        metrics.run_finished(target, make_report(target=target.name))
    before = series(metrics, "stays")
    metrics.remove_target(gone.name)
    metrics.run_finished(gone, make_report(target="gone"))
    metrics.skipped(TargetName("gone"), SkipReason.OVERLAP)
    assert series(metrics, "gone") == []
    assert series(metrics, "stays") == before


def test_adding_again_keeps_the_counts(metrics: Metrics, value: Scrape) -> None:
    """A reload with other facts renews the info series and resets no counter."""
    metrics.add_target(make_target())
    metrics.run_finished(make_target(), make_report())
    session = make_target().session
    metrics.add_target(
        make_target(session=type(session)(cluster=session.cluster, namespace="b", user="u", template="t"))
    )
    assert value("vdi_probe_runs_total", target="ubuntu", outcome="success") == 1
    assert len([name for name in series(metrics, "ubuntu") if name.startswith("vdi_probe_target_info")]) == 1


def test_a_removed_target_stays_away(metrics: Metrics) -> None:
    """Nothing that its last run or a sweep still tells of a removed target makes a series of it again."""
    gone = make_target("gone")
    metrics.add_target(gone)
    report = make_report(
        target="gone", children_left=(Leftover(kind="ConfigMap", name="web"),), certificate_expires_at=STARTED_AT
    )
    metrics.run_started(report.run_id, gone, report.trigger)
    metrics.step_finished(report.run_id, gone, report.steps[0])
    metrics.remove_target(gone.name)
    for record in report.steps:
        metrics.step_started(report.run_id, gone, record.name)
        metrics.step_finished(report.run_id, gone, record)
    metrics.run_finished(gone, report)
    metrics.crashed(report.run_id, gone, ValueError())
    metrics.sessions_gone({report.run_id})
    metrics.skipped(gone.name, SkipReason.MISFIRE)
    assert series(metrics, "gone") == []
    assert metrics.live_runs() == frozenset()


def test_a_target_that_comes_back_begins_anew(metrics: Metrics, value: Scrape) -> None:
    """Its counts start at zero, as after a restart, and go on from there."""
    target = make_target("back")
    metrics.add_target(target)
    metrics.run_finished(target, make_report(target="back"))
    metrics.remove_target(target.name)
    metrics.add_target(target)
    assert value("vdi_probe_runs_total", target="back", outcome="success") == 0
    assert value("vdi_probe_success", target="back") is None
    metrics.run_finished(target, make_report(target="back"))
    assert value("vdi_probe_runs_total", target="back", outcome="success") == 1


def test_what_becomes_of_evidence(metrics: Metrics, value: Scrape) -> None:
    """The counters exist at zero, since an alert reads their growth; the size is the one that was last told."""
    names = [f"vdi_prober_evidence_{name}_total" for name in ("kept", "failures", "removed")]
    assert [value(name) for name in names] == [0, 0, 0]
    metrics.evidence_kept()
    metrics.evidence_failed()
    metrics.evidence_removed()
    for size in (100, 50):
        metrics.evidence_size(size)
    assert [value(name) for name in names] == [1, 1, 1]
    assert value("vdi_prober_evidence_bytes") == 50


def test_what_discovery_found(metrics: Metrics, value: Scrape) -> None:
    """Failures exist at zero, the rest from the first list on; a failed list changes nothing of what was found."""
    name = TargetName("each")
    metrics.add_discovery(name)
    assert value("vdi_prober_discovery_failures_total", discovery="each") == 0
    assert value("vdi_prober_discovery_targets", discovery="each") is None
    left_out = {"c": LeftOut.LIMIT, "d": LeftOut.LIMIT, "e": LeftOut.HOST_TAKEN}
    targets = (make_target("each-a"), make_target("each-b"))
    metrics.discovered(name, Expansion(targets=targets, left_out=left_out), at=STARTED_AT)
    metrics.discovery_failed(name)
    assert value("vdi_prober_discovery_targets", discovery="each") == 2
    counted = {cause: value("vdi_prober_discovery_left_out", discovery="each", reason=cause) for cause in LeftOut}
    assert counted == {"limit": 2, "host_taken": 1, "name_taken": 0, "name_too_long": 0}
    assert value("vdi_prober_discovery_last_success_timestamp_seconds", discovery="each") == STARTED_AT.timestamp()
    assert value("vdi_prober_discovery_failures_total", discovery="each") == 1


def test_a_scrape_shows_every_change_since_the_last_one() -> None:
    """What was rendered before is as what is rendered for the first time: nothing that changed is kept."""
    often, once = Metrics(version="1.2.3"), Metrics(version="1.2.3")
    for metrics in (often, once):
        for outcome in (Outcome.SUCCESS, Outcome.CANCELLED):
            metrics.add_target(make_target(), interval_s=300.0)
            _scraped(often)
            metrics.run_finished(make_target(), make_report(outcome))
            _scraped(often)
        metrics.run_finished(make_target(), make_failure(Reason.ICE_FAILED, StepName.CONNECT))
        _scraped(often)
        metrics.add_target(make_target(network=NetworkPolicy.RELAY), interval_s=60.0)
        metrics.remove_target(make_target("other").name)
    assert _scraped(often) == _scraped(once)


def _scraped(metrics: Metrics) -> list[str]:
    """Returns the lines in the text format, without those of the process."""
    return [line for line in metrics.render("")[0].decode().splitlines() if "probe" in line]
