"""Structured logs: one JSON object a line, or a rendering for people on a terminal.

What libraries log through the standard library, from warnings up, takes the same way. Exceptions are rendered without
local variables: a login step's are a password. Everything passes the redactor before it is rendered.
"""

import logging
from datetime import UTC, datetime
from typing import TextIO

import structlog
from structlog.processors import ExceptionRenderer, JSONRenderer
from structlog.stdlib import BoundLogger, ProcessorFormatter
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor

from prober.adapters.redaction import Redactor
from prober.domain.failure_trace import failure_trace
from prober.domain.ids import RunId, TargetName
from prober.domain.outcomes import Outcome, SkipReason, Trigger
from prober.domain.report import RunReport, as_dict
from prober.domain.steps import StepName, StepRecord
from prober.domain.target import Target
from prober.flow.ports import Observer

LOGGER_NAME = "prober"

_FIRST_KEYS = ("timestamp", "level", "event")
"""What a reader looks for first stands first."""

_FAILED_KEYS = ("run_id", "target", "outcome", "step", "layer", "reason", "summary")
"""What stands beside the failure trace in its event, so that a search for runs needs not look into traces."""


def configure_logging(*, stream: TextIO, json: bool, level: str) -> Redactor:
    """Directs all logs of this process to the stream.

    Args:
        stream: Where the lines go.
        json: Whether they are JSON, otherwise for people.
        level: The least level of our own events: debug, info, warning, error. Libraries are heard from warning up.

    Returns:
        The redactor that every line passes; secrets are registered there.

    Raises:
        ValueError: There is no such level.
    """
    threshold = logging.getLevelNamesMapping().get(level.upper())
    if threshold is None:
        raise ValueError(f"{level!r} is no log level")
    redactor = Redactor()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(redactor, stream=stream, json=json))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(threshold, logging.WARNING))
    logging.getLogger(LOGGER_NAME).setLevel(threshold)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_shared(), ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=BoundLogger,
    )
    return redactor


def event_log() -> BoundLogger:
    """Returns the prober's own log; it follows `configure_logging`, earlier or later."""
    log: BoundLogger = structlog.stdlib.get_logger(LOGGER_NAME)
    return log


def level_of(outcome: Outcome) -> int:
    """Returns the level at which an outcome is logged."""
    match outcome:
        case Outcome.SUCCESS | Outcome.CANCELLED:
            return logging.INFO
        case Outcome.FAILURE | Outcome.SKIPPED:
            return logging.WARNING
        case Outcome.ERROR:
            return logging.ERROR


class LogObserver(Observer):
    """Logs one wide `run_finished` event per run, its failure trace beside it, and at level debug the steps.

    Args:
        redactor: Masks the secrets in failure traces before they are shortened; the log's own would come too late.
    """

    def __init__(self, *, redactor: Redactor | None = None) -> None:
        self._log = event_log()
        self._redactor = redactor or Redactor()

    def run_started(self, run_id: RunId, target: Target, trigger: Trigger) -> None:
        """Logs `run_started`, at debug."""
        self._log.debug("run_started", run_id=run_id, target=target.name, trigger=trigger.value)

    def step_started(self, run_id: RunId, target: Target, step: StepName) -> None:
        """Logs `step_started`, at debug."""
        self._log.debug("step_started", run_id=run_id, target=target.name, step=step.value)

    def step_finished(self, run_id: RunId, target: Target, record: StepRecord) -> None:
        """Logs `step_finished`, at debug."""
        self._log.debug(
            "step_finished",
            run_id=run_id,
            target=target.name,
            step=record.name.value,
            outcome=record.outcome.value,
            duration_s=round(record.duration_s, 6),
        )

    def run_finished(self, target: Target, report: RunReport) -> None:  # noqa: ARG002 - the port's signature
        """Logs `run_finished` with the whole report, `run_failed` with a failure's trace, at the outcome's level."""
        self._log.log(level_of(report.outcome), "run_finished", **as_dict(report))
        trace = failure_trace(report, redact=self._redactor.mapping)
        if trace is not None:
            told = {key: trace[key] for key in _FAILED_KEYS if key in trace}
            self._log.log(level_of(report.outcome), "run_failed", **told, failure_trace=trace)

    def crashed(self, run_id: RunId, target: Target, error: Exception) -> None:
        """Logs `internal_error` with the traceback."""
        self._log.error("internal_error", run_id=run_id, target=target.name, exc_info=error)

    def skipped(self, name: TargetName, reason: SkipReason) -> None:
        """Logs `run_skipped`."""
        self._log.log(level_of(Outcome.SKIPPED), "run_skipped", target=name, reason=reason.value)


def _shared() -> list[Processor]:
    return [structlog.stdlib.add_log_level, _add_timestamp]


def _formatter(redactor: Redactor, *, stream: TextIO, json: bool) -> ProcessorFormatter:
    def redact(_: object, __: str, event: EventDict) -> EventDict:
        masked = redactor.mapping(event)
        return {key: masked[key] for key in _FIRST_KEYS if key in masked} | masked

    return ProcessorFormatter(
        foreign_pre_chain=[*_shared(), structlog.stdlib.add_logger_name],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            _exceptions(json=json),
            redact,
            _renderer(stream=stream, json=json),
        ],
    )


def _exceptions(*, json: bool) -> Processor:
    # Without a transformer the renderer prints the standard library's traceback, which has no locals either.
    return ExceptionRenderer(ExceptionDictTransformer(show_locals=False)) if json else ExceptionRenderer()


def _renderer(*, stream: TextIO, json: bool) -> Processor:
    if json:
        return JSONRenderer(ensure_ascii=False)
    # The exception is text by now; the default formatter would render it anew, with locals.
    return structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback, sort_keys=False
    )


def _add_timestamp(_: object, __: str, event: EventDict) -> EventDict:
    event["timestamp"] = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return event
