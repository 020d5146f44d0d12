"""What is kept of runs, and told of them to other systems, beside log and metrics: where each part is opened."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from prober.adapters.clock import SystemClock
from prober.adapters.redaction import Redactor
from prober.app.config.settings import Settings
from prober.app.record_counts import RecordCounts, Uncounted
from prober.app.recording import Recording, recording
from prober.app.tracing import tracing
from prober.domain.report import RunReport
from prober.flow.ports import Observer


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The parts that the configuration asks for, open.

    Attributes:
        observers: Are to hear of each run.
        recording: The history; `None` where none is kept.
    """

    observers: Sequence[Observer] = ()
    recording: Recording | None = None

    async def last_reports(self) -> tuple[RunReport, ...]:
        """Returns the last run of each target that is remembered, in outline."""
        return () if self.recording is None else await self.recording.last_reports()


@asynccontextmanager
async def open_records(
    settings: Settings, *, environ: Mapping[str, str], redactor: Redactor, counts: RecordCounts | None = None
) -> AsyncIterator[Records]:
    """Opens what the configuration asks for; leaving the block waits, a few seconds at most, for what is under way.

    Args:
        settings: The configuration.
        environ: The environment, for references to secrets.
        redactor: Masks the secrets that it knows, and is told every secret that is read.
        counts: Is told what becomes of the records; `None` counts nothing.
    """
    told = counts or Uncounted()
    async with (
        recording(settings.history, redactor=redactor, clock=SystemClock(), counts=told) as history,
        tracing(settings, environ=environ, redactor=redactor, counts=told) as tracer,
    ):
        observers = (None if history is None else history.observer, tracer)
        yield Records(observers=tuple(filter(None, observers)), recording=history)
