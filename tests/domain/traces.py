"""Made-up reports for failure traces: one in which everything is there, and one for each reason."""

from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from prober.domain.errors import Fault
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Layer, Reason
from prober.domain.report import RunReport
from prober.domain.steps import StepName

_NOW = datetime(2026, 11, 22, 9, 40, 19, 123000, tzinfo=UTC)
_ATTEMPTS = frozenset({"earlier", "later"})
_PLAIN: dict[Any, Any] = {str: "word", int: 2, float: 0.5, bool: True, datetime: _NOW}


def full_report() -> RunReport:
    """Returns a failure of which everything is known, fields of later days included."""
    report: RunReport = _filled(RunReport)
    report = replace(report, outcome=Outcome.FAILURE, fault=replace(_filled(Fault), reason=Reason.BLACK_FRAMES))
    spoilt = replace(report, outcome=Outcome.ERROR, fault=replace(_filled(Fault), reason=Reason.BROWSER_CRASHED))
    return replace(report, earlier=(report,), later=(spoilt,))


def report_of(reason: Reason, *, step: StepName | None = StepName.RUNNING) -> RunReport:
    """Returns the full report with another reason."""
    outcome = Outcome.ERROR if reason.layer is Layer.PROBER else Outcome.FAILURE
    return replace(full_report(), outcome=outcome, step=step, fault=Fault(reason=reason, summary=f"it was {reason}"))


def bare_report(reason: Reason) -> RunReport:
    """Returns the least that a failed run reports: it never began a step."""
    full = report_of(reason, step=None)
    optional = {part.name for part in fields(RunReport) if part.default is not MISSING}
    absent: dict[str, Any] = {
        part.name: part.default for part in fields(RunReport) if part.name in optional - {"fault"}
    }
    return replace(full, **absent)


def _filled(kind: Any) -> Any:
    """Returns a value of a type, with everything in it that may be absent."""
    origin, inner = get_origin(kind), [part for part in get_args(kind) if part is not NoneType]
    if origin in (Union, UnionType):
        return _filled(inner[0])
    if origin is tuple:
        return (_filled(inner[0]),)
    if origin is dict:
        return {"word": _filled(inner[1])}
    if is_dataclass(kind) and isinstance(kind, type):
        # Attempts are reports themselves.
        return kind(**{name: _filled(hint) for name, hint in get_type_hints(kind).items() if name not in _ATTEMPTS})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return list(kind)[-1]  # of rules one that has a unit
    return _PLAIN[getattr(kind, "__supertype__", kind)]
