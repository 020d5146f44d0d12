"""Runs as OpenTelemetry traces, sent to a collector by OTLP over HTTP.

A run is a trace of which the id is the run's; its root span has one child for each step, or, where the run was visited
again, one for each attempt, which has the steps. The spans are made when the run is over, from its report, and sent by
a thread of the library's own: a collector that is slow or gone delays no run and fails none. Needs the extra `otel`;
nothing but this module knows the library.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from threading import Lock

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Span, Status, StatusCode, set_span_in_context

from prober.domain.errors import Fault
from prober.domain.ids import trace_id
from prober.domain.outcomes import Outcome
from prober.domain.report import RunReport, as_dict
from prober.domain.steps import StepRecord

PATH = "/v1/traces"
"""Where collectors take traces, after the endpoint's own path."""

REQUEST_S = 5.0
"""How long one request may take, in seconds, tries again included."""

CLOSE_S = 3.0
"""How long the end waits for what is still to be sent, in seconds, before no further request begins."""

SEND_EVERY_S = 2.0
"""How long a finished run waits for others to be sent with, in seconds."""

MOST_WAITING = 2048
"""How many spans may wait to be sent: the runs of an hour without a collector."""

_BATCH = 256

_FAILED = frozenset({Outcome.FAILURE, Outcome.ERROR})

_Value = str | bool | int | float | Sequence[str]


class Traces:
    """Sends runs to a collector.

    Args:
        endpoint: The collector's base URL.
        headers: Further headers of each request, such as an authorization.
        version: The prober's version.
        instance: What this prober calls itself.
        redact: Masks secrets in a text.
        on_lost: Is told how many spans were not delivered; called from another thread too.
    """

    def __init__(
        self,
        *,
        endpoint: str,
        headers: Mapping[str, str] | None = None,
        version: str,
        instance: str,
        redact: Callable[[str], str],
        on_lost: Callable[[int], None],
    ) -> None:
        self._redact = redact
        self._on_lost = on_lost
        sender = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + PATH, headers=dict(headers or {}), timeout=REQUEST_S)
        self._exporter = _Counted(sender, on_lost=on_lost)
        self._ids = _RunIds()
        resource = Resource({"service.name": "vdi-prober", "service.version": version, "service.instance.id": instance})
        self._provider = TracerProvider(
            sampler=ALWAYS_ON, resource=resource, id_generator=self._ids, shutdown_on_exit=False
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(
                self._exporter,
                max_queue_size=MOST_WAITING,
                schedule_delay_millis=SEND_EVERY_S * 1000,
                max_export_batch_size=_BATCH,
            )
        )
        self._tracer = self._provider.get_tracer("prober", version)

    def add(self, report: RunReport) -> None:
        """Hands a run over to be sent; one that has no place among those that wait is lost whole."""
        self._ids.begin(report)
        attempts = (*report.earlier, replace(report, earlier=(), later=()), *report.later)
        again = len(attempts) > 1
        spans = 1 + sum(len(attempt.steps) + again for attempt in attempts)
        if not self._exporter.admit(spans):
            self._on_lost(spans)
            return
        attributes = {**_run_attributes(report), "vdi.attempts": len(attempts)}
        if again:
            attributes["vdi.attempt"] = len(report.earlier) + 1
        root = self._start(f"probe {report.target}", attributes, Context(), min(map(_nanoseconds, attempts)))
        self._judge(root, report.outcome, report.fault)
        inside = set_span_in_context(root, Context())
        for number, attempt in enumerate(attempts, 1):
            if again:
                self._add_attempt(number, attempt, context=inside)
            else:
                self._add_steps(attempt, context=inside)
        root.end(end_time=max(map(_ended, attempts)))

    async def close(self) -> None:
        """Sends what waits, for a few seconds at most; what is not sent then is lost."""
        ending = asyncio.create_task(asyncio.to_thread(self._provider.shutdown), name="traces ending")
        _, late = await asyncio.wait([ending], timeout=CLOSE_S)
        if late:
            self._exporter.shutdown()  # the request under way is over within `REQUEST_S`, and none follows
        await ending
        if left := self._exporter.left():
            self._on_lost(left)

    def _add_attempt(self, number: int, attempt: RunReport, *, context: Context) -> None:
        name = f"attempt {number}"
        self._ids.next(name)
        span = self._start(name, {**_run_attributes(attempt), "vdi.attempt": number}, context, _nanoseconds(attempt))
        self._judge(span, attempt.outcome, attempt.fault)
        self._add_steps(attempt, context=set_span_in_context(span, context), within=f"{name} ")
        span.end(end_time=_ended(attempt))

    def _add_steps(self, attempt: RunReport, *, context: Context, within: str = "") -> None:
        began_ns = _nanoseconds(attempt)
        for step in attempt.steps:
            self._ids.next(f"{within}{step.name}")
            span = self._start(step.name.value, _step_attributes(step), context, _after(began_ns, step.start_s))
            ended_ns = _after(began_ns, step.start_s + step.duration_s)
            self._judge(span, step.outcome, step.fault)
            for note in step.notes:
                span.add_event("note", {"vdi.note": self._redact(note)}, timestamp=ended_ns)
            span.end(end_time=ended_ns)

    def _start(self, name: str, attributes: Mapping[str, _Value], context: Context, began_ns: int) -> Span:
        return self._tracer.start_span(name, context=context, start_time=began_ns, attributes=self._masked(attributes))

    def _judge(self, span: Span, outcome: Outcome, fault: Fault | None) -> None:
        # A success stays unset: by the convention `OK` is for people who overrule what a span says.
        if outcome in _FAILED:
            span.set_status(Status(StatusCode.ERROR, None if fault is None else self._redact(_sentence(fault))))

    def _masked(self, attributes: Mapping[str, _Value]) -> dict[str, _Value]:
        return {name: self._redact(value) if isinstance(value, str) else value for name, value in attributes.items()}


class _RunIds(IdGenerator):
    """Ids that follow from the run's, so that a log line leads to its trace.

    The trace has the run's own id, the root span its random half; any other span has a hash of run and name.
    """

    def __init__(self) -> None:
        self._trace = 0
        self._span = 0

    def begin(self, report: RunReport) -> None:
        """Sets the ids of a run's root span."""
        self._trace = int(trace_id(report.run_id), 16)
        self._span = self._trace & (2**64 - 1)

    def next(self, name: str) -> None:
        """Sets the id of the run's span of that name."""
        self._span = int.from_bytes(sha256(f"{self._trace:032x} {name}".encode()).digest()[:8], "big")

    def generate_trace_id(self) -> int:
        """Returns the run's id."""
        return self._trace

    def generate_span_id(self) -> int:
        """Returns the id that was set last."""
        return self._span


class _Counted(SpanExporter):
    """Counts what waits for a sender, and what that loses."""

    def __init__(self, sender: SpanExporter, *, on_lost: Callable[[int], None]) -> None:
        self._waiting = 0
        self._counting = Lock()
        self._sender = sender
        self._on_lost = on_lost
        self._ended = False

    def admit(self, spans: int) -> bool:
        """Makes room for spans that are about to come; tells whether there was."""
        with self._counting:
            if self._waiting + spans > MOST_WAITING:
                return False
            self._waiting += spans
            return True

    def left(self) -> int:
        """Returns how many spans were announced and never came."""
        with self._counting:
            return self._waiting

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Sends the spans."""
        with self._counting:
            self._waiting -= len(spans)
        result = SpanExportResult.FAILURE if self._ended else self._sender.export(spans)
        if result is not SpanExportResult.SUCCESS:
            self._on_lost(len(spans))
        return result

    def shutdown(self) -> None:
        """Ends the sender; a second call does nothing."""
        if not self._ended:
            self._ended = True
            self._sender.shutdown()


def _nanoseconds(report: RunReport) -> int:
    """Returns when an attempt began, in nanoseconds since the epoch."""
    return int(report.started_at.timestamp()) * 1_000_000_000 + report.started_at.microsecond * 1000


def _ended(report: RunReport) -> int:
    return _after(_nanoseconds(report), report.duration_s)


def _after(moment_ns: int, seconds: float) -> int:
    return moment_ns + timedelta(seconds=seconds) // timedelta(microseconds=1) * 1000


def _sentence(fault: Fault) -> str:
    return f"{fault.reason.value}: {fault.summary}"


def _run_attributes(report: RunReport) -> dict[str, _Value]:
    """Returns what a run, or an attempt, is, by the semantic conventions where those have a word, else under `vdi`."""
    published = as_dict(report)
    session = published.get("session", {})
    known = {
        "error.type": published.get("reason"),
        "k8s.cluster.name": session.get("cluster"),
        "k8s.namespace.name": session.get("namespace"),
        "url.full": session.get("url"),
        "vdi.session.name": session.get("name"),
        "vdi.degraded": published["degraded"] or None,
    }
    plain = ("run_id", "target", "trigger", "outcome", "step", "layer", "reason", "evidence", "flaky", "unaccounted_s")
    ours = {f"vdi.{name}": published.get(name) for name in plain}
    figures = {f"vdi.webrtc.{name}": value for name, value in published.get("webrtc", {}).items()}
    given = {**known, **ours, **figures}
    return {name: value for name, value in given.items() if isinstance(value, str | bool | int | float | list)}


def _step_attributes(step: StepRecord) -> dict[str, _Value]:
    attributes: dict[str, _Value] = {
        "vdi.step": step.name.value,
        "vdi.outcome": step.outcome.value,
        "vdi.attempts": step.attempts,
        **{f"vdi.timing.{name}_s": seconds for name, seconds in step.timings.items()},
    }
    if step.fault is not None:
        fault = step.fault
        attributes |= {"error.type": fault.reason.value, "vdi.layer": fault.layer.value}
    return attributes
