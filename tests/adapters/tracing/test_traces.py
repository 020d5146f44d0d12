"""Runs as a collector of traces receives them."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from prober.adapters import tracing as tracing_module
from prober.adapters.redaction import Redactor
from prober.adapters.tracing import Traces
from prober.app.run_ids import new_run_id
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.report import RunReport
from prober.domain.steps import StepName
from tests.adapters.reporting import make_failure, make_report, make_step
from tests.adapters.tracing.collector import attributes, collecting

STARTED_NS = int(datetime(2026, 11, 22, 9, 40, 19, tzinfo=UTC).timestamp()) * 10**9 + 123 * 10**6


def made(url: str, *, lost: list[int], redactor: Redactor | None = None) -> Traces:
    redact = (redactor or Redactor()).text
    return Traces(endpoint=url, version="1.2.3", instance="probe-eu-1", redact=redact, on_lost=lost.append)


def failed_at_the_end() -> RunReport:
    """Makes the report of a run whose ten steps took a second each; the input changed nothing."""
    failure = make_failure(Reason.INPUT_DEAD, StepName.INPUT)
    steps = [make_step(name, start_s=float(number), duration_s=1.0) for number, name in enumerate(StepName)]
    dead = list(StepName).index(StepName.INPUT)
    steps[dead] = replace(
        steps[dead], outcome=Outcome.FAILURE, fault=failure.fault, attempts=2, notes=("no pixel changed",)
    )
    steps[2] = replace(steps[2], timings={"dns": 0.012})
    session = make_report().session
    assert session is not None
    session = replace(
        session, url="https://u:planted@d.example.com/vdi/probe-1;jsessionid=planted/?token=planted#planted"
    )
    return replace(failure, run_id=new_run_id(), duration_s=10.5, steps=tuple(steps), session=session)


async def test_a_failed_run_is_a_trace() -> None:
    """Its id is the run's; ten spans hang on the root, each with its step's times, the failed one with the cause."""
    lost: list[int] = []
    report = failed_at_the_end()
    async with collecting() as collector:
        traces = made(collector.url, lost=lost)
        traces.add(report)
        await traces.close()
        spans = collector.by_name()
    root = spans.pop("probe ubuntu")
    assert list(spans) == [step.value for step in StepName]
    assert {span.trace_id for span in (root, *spans.values())} == {UUID(report.run_id).bytes}
    assert root.parent_span_id == b""
    assert {span.parent_span_id for span in spans.values()} == {root.span_id}
    assert len({root.span_id, *(span.span_id for span in spans.values())}) == 11
    assert (root.start_time_unix_nano, root.end_time_unix_nano) == (STARTED_NS, STARTED_NS + 10_500_000_000)
    for number, span in enumerate(spans.values()):
        begin = STARTED_NS + number * 10**9
        assert (span.start_time_unix_nano, span.end_time_unix_nano) == (begin, begin + 10**9)
    failed = spans.pop("input")
    for span in (root, failed):
        assert (span.status.code, span.status.message) == (Status.STATUS_CODE_ERROR, "input_dead: it was input_dead")
        assert attributes(span)["error.type"] == "input_dead"
    assert {span.status.code for span in spans.values()} == {Status.STATUS_CODE_UNSET}
    assert attributes(failed)["vdi.attempts"] == 2
    assert [attributes(spans["url"])["vdi.timing.dns_s"]] == [0.012]
    (note,) = failed.events
    assert note.attributes[0].value.string_value == "no pixel changed"
    assert lost == []


async def test_what_a_trace_says_of_its_run() -> None:
    """Words are those of the semantic conventions where there are any; a URL's query is left out."""
    lost: list[int] = []
    report = replace(failed_at_the_end(), webrtc=make_report().webrtc, evidence="file:///e", degraded=("high_rtt",))
    async with collecting() as collector:
        traces = made(f"{collector.url}/", lost=lost)
        traces.add(report)
        await traces.close()
        said = attributes(collector.by_name()["probe ubuntu"])
    assert {
        "k8s.cluster.name": "staging",
        "k8s.namespace.name": "vdi",
        "url.full": "https://d.example.com/vdi/probe-1/",
        "vdi.run_id": report.run_id,
        "vdi.target": "ubuntu",
        "vdi.outcome": "failure",
        "vdi.layer": "input",
        "vdi.step": "input",
        "vdi.evidence": "file:///e",
        "vdi.webrtc.codec": "H264",
        "vdi.webrtc.frames_per_second": 54.1,
    }.items() <= said.items()
    assert collector.resource == {
        "service.name": "vdi-prober",
        "service.version": "1.2.3",
        "service.instance.id": "probe-eu-1",
    }


async def test_a_run_that_was_visited_again_has_a_span_for_each_attempt() -> None:
    """The root lasts from the first attempt's beginning to the last one's end; each has its own times and cause."""
    lost: list[int] = []
    began = make_report().started_at
    first = failed_at_the_end()
    second = replace(make_report(duration_s=9.0), run_id=first.run_id, started_at=began + timedelta(seconds=11))
    spoilt = make_failure(Reason.PROBER_STARVED, StepName.LOGIN, run_id=first.run_id, duration_s=4.0)
    spoilt = replace(spoilt, started_at=began + timedelta(seconds=21))
    async with collecting() as collector:
        traces = made(collector.url, lost=lost)
        traces.add(replace(second, earlier=(first,), later=(spoilt,)))
        await traces.close()
    assert len({span.span_id for span in collector.spans}) == len(collector.spans) == 1 + 11 + 11 + 2
    (root,) = [span for span in collector.spans if not span.parent_span_id]
    assert (root.start_time_unix_nano, root.end_time_unix_nano) == (STARTED_NS, STARTED_NS + 25 * 10**9)
    assert root.status.code == Status.STATUS_CODE_UNSET
    said = attributes(root)
    assert (said["vdi.outcome"], said["vdi.attempts"], said["vdi.attempt"]) == ("success", 3, 2)
    attempts = [span for span in collector.spans if span.parent_span_id == root.span_id]
    assert [span.name for span in attempts] == ["attempt 1", "attempt 2", "attempt 3"]
    assert [attributes(span)["vdi.attempt"] for span in attempts] == [1, 2, 3]
    assert [attributes(span).get("error.type") for span in attempts] == ["input_dead", None, "prober_starved"]
    for attempt, (begin_s, took_s), report in zip(
        attempts, [(0, 10.5), (11, 9), (21, 4)], [first, second, spoilt], strict=True
    ):
        begin = STARTED_NS + begin_s * 10**9
        assert (attempt.start_time_unix_nano, attempt.end_time_unix_nano) == (begin, begin + int(took_s * 10**9))
        steps = [span for span in collector.spans if span.parent_span_id == attempt.span_id]
        assert [span.name for span in steps] == [step.name.value for step in report.steps]
        assert steps[0].start_time_unix_nano == begin
    assert lost == []


async def test_a_successful_run_has_no_status() -> None:
    """Nothing of it is an error, and nothing claims more than the convention allows."""
    lost: list[int] = []
    async with collecting() as collector:
        traces = made(collector.url, lost=lost)
        traces.add(replace(make_report(), run_id=new_run_id()))
        await traces.close()
    assert len(collector.spans) == 11
    assert {span.status.code for span in collector.spans} == {Status.STATUS_CODE_UNSET}


async def test_no_secret_is_sent() -> None:
    """A secret that the redactor knows is masked in the status and in the events."""
    redactor = Redactor()
    redactor.mask("planted-password")
    lost: list[int] = []
    report = failed_at_the_end()
    assert report.fault is not None
    fault = replace(report.fault, summary="typed planted-password")
    steps = tuple(replace(step, fault=fault, notes=("typed planted-password",)) for step in report.steps)
    async with collecting() as collector:
        traces = made(collector.url, lost=lost, redactor=redactor)
        traces.add(replace(report, fault=fault, steps=steps))
        await traces.close()
    assert collector.spans
    assert all(b"planted" not in span.SerializeToString() for span in collector.spans)


async def test_a_collector_that_is_down(caplog: pytest.LogCaptureFixture) -> None:
    """Handing a run over succeeds, every span of it is counted as lost, the end comes within its bound."""
    async with collecting() as collector:
        url = collector.url
    lost: list[int] = []
    traces = made(url, lost=lost)
    traces.add(replace(make_report(), run_id=new_run_id()))
    async with asyncio.timeout(30):
        await traces.close()
    assert sum(lost) == 11


async def test_a_collector_that_hangs(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Runs beyond those that may wait are lost whole; the end waits no longer than one request takes."""
    monkeypatch.setattr(tracing_module, "MOST_WAITING", 300)
    monkeypatch.setattr(tracing_module, "REQUEST_S", 0.5)
    monkeypatch.setattr(tracing_module, "CLOSE_S", 0.1)
    lost: list[int] = []
    async with collecting() as collector:
        collector.answers.clear()
        traces = made(collector.url, lost=lost)
        for _ in range(60):
            traces.add(replace(make_report(), run_id=new_run_id()))
        assert lost
        assert all(spans == 11 for spans in lost)
        async with asyncio.timeout(30):
            await traces.close()
    assert sum(lost) == 60 * 11
