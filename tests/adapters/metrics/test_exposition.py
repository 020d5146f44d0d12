from dataclasses import replace

import pytest
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from prober.adapters.metrics import Metrics
from prober.adapters.metrics.catalog import CATALOG
from prober.adapters.metrics.declaration import Declaration, Kind
from prober.domain.reasons import Reason
from prober.domain.steps import StepName
from tests.adapters.metrics.scraping import OPENMETRICS, openmetrics_families, text_families
from tests.adapters.reporting import STARTED_AT, make_failure, make_report, make_target

PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;"
    "q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "text/plain; version=0.0.4"),
        ("*/*", "text/plain; version=0.0.4"),
        ("text/plain;version=x", "text/plain; version=0.0.4"),
        ("application/openmetrics-text", "application/openmetrics-text; version=1.0.0"),
        ("application/openmetrics-text; version=abc", "application/openmetrics-text; version=1.0.0"),
        (PROMETHEUS_3, "application/openmetrics-text; version=1.0.0"),
    ],
    ids=["none", "any", "text-with-odd-version", "openmetrics", "openmetrics-with-odd-version", "prometheus-3"],
)
def test_format_follows_accept(metrics: Metrics, accept: str, expected: str) -> None:
    """The Accept header chooses the format, and none of them breaks a scrape."""
    body, content_type = metrics.render(accept)
    assert content_type.startswith(expected)
    assert body.endswith(b"# EOF\n") is expected.startswith("application/openmetrics")


def test_both_formats_say_the_same(metrics: Metrics) -> None:
    """Text and OpenMetrics parse, and hold the same samples."""
    metrics.add_target(make_target())
    metrics.run_finished(make_target(), make_report())
    assert _ours(text_families(metrics)) == _ours(openmetrics_families(metrics))


def test_lines_are_those_of_the_library(metrics: Metrics) -> None:
    """What the library's parsers read, its generators write byte for byte as it was: escapes, numbers, exemplars."""
    odd = 'back\\slash "quoted"\nlines'
    target = make_target()
    metrics.add_target(make_target(session=replace(target.session, template=odd)), interval_s=float("inf"))
    metrics.run_finished(target, make_report(duration_s=1e21 / 3e12, certificate_expires_at=STARTED_AT))
    metrics.run_finished(target, make_failure(Reason.ICE_FAILED, StepName.CONNECT))
    for families, accept, generate in (
        (text_families(metrics), "", generate_latest),
        (openmetrics_families(metrics), OPENMETRICS, openmetrics.generate_latest),
    ):
        ours = _lines(metrics.render(accept)[0])
        theirs = _lines(generate(_Read(families)))
        assert ours <= theirs
        assert len(ours) > 250
        assert rb'template="back\\slash \"quoted\"\nlines"' in b"".join(ours)


def _lines(exposition: bytes) -> set[bytes]:
    """Returns the lines of samples, exemplars without their times: the parser reads those to the nanosecond."""
    lines = [line for line in exposition.splitlines() if b"{" in line and not line.startswith(b"#")]
    return {line.rpartition(b" ")[0] if b" # " in line else line for line in lines}


class _Read(Collector):
    """Gives what was read to the library's generators."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        return self._families


def _ours(families: list[Metric]) -> set[tuple[str, str, float]]:
    samples = [sample for family in families for sample in family.samples if "probe" in sample.name]
    return {(sample.name, str(sorted(sample.labels.items())), sample.value) for sample in samples}


def test_steps_and_runs_carry_the_run_as_exemplar(metrics: Metrics) -> None:
    """In OpenMetrics the buckets of step and run durations name the run; no series has it as a label."""
    metrics.add_target(make_target())
    report = make_report()
    metrics.run_finished(make_target(), report)
    with_exemplar = _exemplars(metrics)
    expected: set[tuple[str, str | None]] = {
        ("vdi_probe_run_duration_seconds", None),
        ("vdi_probe_session_start_seconds", None),
    }
    expected |= {("vdi_probe_step_duration_seconds", step.value) for step in StepName}
    assert with_exemplar.keys() == expected
    assert all(labels == {"run_id": report.run_id} for labels in with_exemplar.values())
    assert report.run_id.encode() not in metrics.render("")[0]


def _exemplars(metrics: Metrics) -> dict[tuple[str, str | None], dict[str, str]]:
    return {
        (family.name, sample.labels.get("step")): sample.exemplar.labels
        for family in openmetrics_families(metrics)
        for sample in family.samples
        if sample.exemplar
    }


@pytest.mark.parametrize("active", [True, False], ids=["traces are sent", "traces cannot be sent"])
def test_exemplars_name_the_trace_where_there_is_one(metrics: Metrics, *, active: bool) -> None:
    """With runs sent as traces each exemplar leads to its trace too, within what OpenMetrics lets an exemplar be."""
    metrics.add_target(make_target())
    metrics.tracing_active(active=active)
    report = make_report()
    metrics.run_finished(make_target(), report)
    metrics.run_finished(make_target(), make_failure(Reason.ICE_FAILED, StepName.CONNECT))
    found = _exemplars(metrics)
    expected = {"run_id": report.run_id} | ({"trace_id": "0198aaaa000070008000000000000001"} if active else {})
    assert {name for name, _ in found} == {
        "vdi_probe_run_duration_seconds",
        "vdi_probe_step_duration_seconds",
        "vdi_probe_session_start_seconds",
        "vdi_probe_failures",
    }
    assert all(labels == expected for labels in found.values())
    assert sum(len(name) + len(value) for name, value in expected.items()) <= 128


@pytest.mark.parametrize("metric", CATALOG, ids=[metric.name for metric in CATALOG])
def test_every_declaration_keeps_the_conventions(metrics: Metrics, metric: Declaration) -> None:
    """Names, suffixes, help texts and buckets are as Prometheus' naming rules have them, and all are exposed."""
    assert metric.name.startswith(("vdi_probe_", "vdi_prober_", "probe_"))
    assert metric.name.endswith("_total") is (metric.kind is Kind.COUNTER)
    assert metric.name.endswith("_info") is (metric.kind is Kind.INFO)
    assert metric.help.endswith(".")
    assert metric.absent.endswith(".")
    assert bool(metric.facts) is (metric.kind is Kind.INFO)
    assert "run_id" not in metric.labels
    assert bool(metric.buckets) is (metric.kind is Kind.HISTOGRAM)
    bounds = [] if metric.buckets is None else list(metric.buckets.bounds)
    assert bounds == sorted(set(bounds))
    if metric.name.startswith(("vdi_probe_", "probe_")):
        assert metric.labels[0] == "target"
    assert f"# HELP {metric.name} {metric.help}\n" in metrics.render("")[0].decode()


def test_build_and_process_are_exposed(metrics: Metrics) -> None:
    """The build's version and the process's own figures are there."""
    text = metrics.render("")[0].decode()
    assert 'version="1.2.3"' in text
    assert "process_resident_memory_bytes" in text
