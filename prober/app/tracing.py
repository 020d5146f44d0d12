"""Runs to a collector of traces, where the configuration names one.

The library is an extra: it is imported here, once it is asked for, and nowhere else.
"""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import unquote

from prober import __version__
from prober.adapters.logs import event_log
from prober.adapters.redaction import Redactor
from prober.adapters.secrets import ReferencedSecrets
from prober.app.config.settings import Settings, TracingSetting
from prober.app.observers import Quiet
from prober.app.record_counts import RecordCounts
from prober.domain.errors import ProberFailed
from prober.domain.report import RunReport
from prober.domain.target import Target

if TYPE_CHECKING:  # an extra, which need not be there
    from prober.adapters.tracing import Traces

_VARIABLES = ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS")
"""Where the library finds further headers by itself, as `name=value` with commas between, percent-encoded."""


class Tracer(Quiet):
    """Hears of runs and hands them over to be sent."""

    def __init__(self, traces: "Traces") -> None:
        self._traces = traces

    def run_finished(self, target: Target, report: RunReport) -> None:  # noqa: ARG002 - the port's signature
        """Hands the run over."""
        self._traces.add(report)


class Losses:
    """Counts the spans that no collector took.

    Args:
        counts: Is told of them.
    """

    def __init__(self, counts: RecordCounts) -> None:
        self._counts = counts
        self._total = 0

    def add(self, spans: int) -> None:
        """Logs that spans were lost, with how many were so far."""
        self._total += spans
        self._counts.spans_lost(spans)
        event_log().warning("traces_lost", spans=spans, lost=self._total)


@asynccontextmanager
async def tracing(
    settings: Settings, *, environ: Mapping[str, str], redactor: Redactor, counts: RecordCounts
) -> AsyncIterator[Tracer | None]:
    """Gives an observer that sends runs; leaving the block sends what waits, for a few seconds at most.

    A header that cannot be read is logged, and no runs are sent: a probe must not depend on it.

    Args:
        settings: The configuration; without its section about traces there is no observer.
        environ: The environment, for references to secrets.
        redactor: Masks what it knows in what is sent, and is told the headers.
        counts: Is told whether runs are sent, and what is lost.
    """
    if settings.tracing is None:
        yield None
        return
    try:
        headers = await _headers(settings.tracing, environ=environ, redactor=redactor)
    except ProberFailed as error:
        event_log().error("tracing_off", summary=error.fault.summary)
        counts.tracing_active(active=False)
        yield None
        return
    # In a thread: the first import of the library reads many files.
    traces = await asyncio.to_thread(
        _made, settings, setting=settings.tracing, headers=headers, redactor=redactor, counts=counts
    )
    counts.tracing_active(active=True)
    try:
        yield Tracer(traces)
    finally:
        await traces.close()


def _made(
    settings: Settings,
    *,
    setting: TracingSetting,
    headers: Mapping[str, str],
    redactor: Redactor,
    counts: RecordCounts,
) -> "Traces":
    from prober.adapters.tracing import Traces  # noqa: PLC0415 - an extra, which need not be there

    return Traces(
        endpoint=setting.endpoint,
        headers=headers,
        version=__version__,
        instance=settings.instance,
        redact=redactor.text,
        on_lost=Losses(counts).add,
    )


async def _headers(setting: TracingSetting, *, environ: Mapping[str, str], redactor: Redactor) -> dict[str, str]:
    secrets = ReferencedSecrets(environ=environ)
    headers = {name: (await secrets.read_here(ref)).reveal() for name, ref in setting.headers.items()}
    for value in (*headers.values(), *_from_environment(environ)):
        for secret in _secrets_in(value):
            redactor.mask(secret)
    return headers


def _from_environment(environ: Mapping[str, str]) -> Iterator[str]:
    """Yields the values of the headers that the library takes from the environment."""
    for variable in _VARIABLES:
        for header in environ.get(variable, "").split(","):
            yield unquote(header.partition("=")[2].strip())


def _secrets_in(value: str) -> Iterator[str]:
    """Yields what of a header's value is secret: all of it, the token behind a scheme's name, the password in that."""
    yield value
    scheme, _, token = value.strip().partition(" ")
    if token:
        yield token
    if scheme.lower() == "basic":
        with suppress(ValueError):  # no base64, or no text in it
            yield b64decode(token).decode().partition(":")[2]
