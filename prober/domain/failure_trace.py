"""The failure trace: all that is known of a run that failed or erred, as one document of bounded size.

It is the report's published form under a schema of its own (`failure_trace.v1.json` beside this module). What makes it
too large is shortened in the order of `_CUTS`, from what is worth least to whoever looks for the cause; what was cut
is named in `truncated`, so that nobody takes a part for the whole.
"""

from collections.abc import Callable, Mapping
from typing import Any

from prober.domain.outcomes import Outcome
from prober.domain.report import RunReport, as_dict
from prober.domain.shortening import Cut, bounded

SCHEMA_ID = "https://vdi-prober.io/schemas/failure-trace/v1.json"
"""The schema's `$id`; the file beside this module is it."""

SCHEMA_FILE = "failure_trace.v1.json"
"""The schema's file in this package."""

VERSION = 1
"""The schema's version: a change that breaks readers raises it."""

MOST_BYTES = 64 * 1024
"""How large a trace may be as JSON, in bytes: log shippers cut or refuse larger lines, some from 64 KiB on."""

_LOGS = ("kubernetes_left.logs", "kubernetes.logs")
_EVENTS = ("kubernetes_left.events", "kubernetes.events")
_ATTEMPTS = ("", "earlier[].", "later[].")
_LEFT = tuple(f"{attempt}children_left" for attempt in _ATTEMPTS)
_ASIDE = (
    *(f"{attempt}steps[].{part}" for attempt in _ATTEMPTS for part in ("notes", "checks", "timings")),
    *(f"{left}[].finalizers" for left in (*_LEFT, "children_kept")),
)

_CUTS = (
    Cut(where=_LOGS, text_bytes=2048, keep_end=True),
    Cut(where=_EVENTS, items=15),
    Cut(where=("steps[].notes",), items=10, text_bytes=512),
    Cut(where=("webrtc.opened",), items=10, text_bytes=256),
    Cut(where=_LOGS, items=4, text_bytes=256, keep_end=True),
    Cut(where=_EVENTS, items=5, text_bytes=256),
    Cut(where=("kubernetes_left", "kubernetes"), items=5, text_bytes=256),
    Cut(where=("children_kept", *_LEFT, "degraded", "findings", "considered"), items=10, text_bytes=256),
    Cut(where=("kubernetes_left",), dropped=True),
    Cut(where=("kubernetes",), dropped=True),
    Cut(where=_ASIDE, items=2, text_bytes=96),
    Cut(items=20, text_bytes=1024),
    Cut(items=10, text_bytes=96),
)
"""In the order in which they are made, each only while the trace is too large. The last leaves every value that the
schema knows beforehand (ids, times, words of closed lists) whole, and by arithmetic no document that is too large."""

_TRACED = frozenset({Outcome.FAILURE, Outcome.ERROR})


def failure_trace(
    report: RunReport, *, redact: Callable[[Mapping[str, Any]], dict[str, Any]] = dict
) -> dict[str, Any] | None:
    """Returns the failure trace of a run, ready for JSON; `None` for one that neither failed nor erred.

    Args:
        report: The run's report.
        redact: Masks secrets in the published form. Before anything is cut, since nobody finds a secret by its half.
    """
    if report.outcome not in _TRACED:
        return None
    trace = {"schema": SCHEMA_ID, "version": VERSION, **redact(as_dict(report))}
    return bounded(trace, cuts=_CUTS, most_bytes=MOST_BYTES)
