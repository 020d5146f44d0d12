"""The published form of what a report lists: steps with their checks, findings, leftovers.

snake_case, base units in the names, absent values left out.
"""

from typing import Any

from prober.domain.checks import CheckResult
from prober.domain.finding import Finding
from prober.domain.leftovers import Leftover
from prober.domain.steps import StepRecord

_SECONDS_DIGITS = 6
"""Microseconds: finer than anything that is measured here."""


def present(values: dict[str, Any]) -> dict[str, Any]:
    """Leaves out what is absent, inside too, with floats rounded to microseconds."""
    return {key: _rounded(value) for key, value in values.items() if value is not None}


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, _SECONDS_DIGITS)
    if isinstance(value, dict):
        return present(value)
    if isinstance(value, tuple):
        return [_rounded(part) for part in value]
    return value


def step_as_dict(step: StepRecord) -> dict[str, Any]:
    """Returns the published form of a step."""
    return present(
        {
            "name": step.name.value,
            "outcome": step.outcome.value,
            "start_s": step.start_s,
            "duration_s": step.duration_s,
            "timings": dict(step.timings),
            "attempts": step.attempts if step.attempts > 1 else None,
            "layer": step.fault and step.fault.layer.value,
            "reason": step.fault and step.fault.reason.value,
            "summary": step.fault and step.fault.summary,
            "notes": list(step.notes) or None,
            "checks": [_check(check) for check in step.checks] or None,
        }
    )


def _check(check: CheckResult) -> dict[str, Any]:
    return present(
        {
            "name": check.name.value,
            "passed": check.passed,
            "fact": check.fact,
            "layer": check.fault and check.fault.layer.value,
            "reason": check.fault and check.fault.reason.value,
            "duration_s": check.duration_s,
        }
    )


def finding_as_dict(finding: Finding) -> dict[str, Any]:
    """Returns the published form of a finding."""
    return present(
        {
            "rule": finding.rule.value,
            "reason": finding.reason.value,
            "layer": finding.reason.layer.value,
            "bad": finding.bad,
            "value": finding.value,
            "limit": finding.limit,
            "unit": finding.unit or None,
            "window_s": finding.window_s,
            "fact": finding.fact,
        }
    )


def leftover_as_dict(child: Leftover) -> dict[str, Any]:
    """Returns the published form of an object that was left."""
    return present(
        {
            "kind": child.kind,
            "name": child.name,
            "tie": child.tie.value,
            "age_s": child.age_s,
            "deleting_s": child.deleting_s,
            "finalizers": list(child.finalizers) or None,
        }
    )
