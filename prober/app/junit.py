"""Reports as JUnit XML, which CI servers show as tests: a suite a target, a case a step.

The form is the one that Jenkins, GitLab and GitHub's actions read alike: no attribute or element that only one of
them knows. Attempts that did not decide stand beside the step that they failed at, as Surefire writes reruns: flaky
where that step passed in the attempt that decided, and ignored by readers that do not know of them, for whom they are
among the suite's properties too. What XML 1.0 cannot hold is replaced, since one control sign in a Pod's log would cost
the whole document.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any
from xml.etree import ElementTree as ET

from prober.app.exit_codes import outcome_of
from prober.app.output import aside, headline
from prober.domain.attempts import numbered
from prober.domain.errors import Fault
from prober.domain.outcomes import Outcome
from prober.domain.report import RunReport, as_dict
from prober.domain.steps import StepName, StepRecord

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLACEMENT = "\ufffd"

_TAGS = {Outcome.FAILURE: "failure", Outcome.ERROR: "error", Outcome.CANCELLED: "error", Outcome.SKIPPED: "skipped"}
"""A cancelled step proved nothing, so it must not look green."""

_RERUN_TAGS = {Outcome.FAILURE: "Failure", Outcome.ERROR: "Error", Outcome.CANCELLED: "Error"}
"""How the elements end that tell of another attempt."""

_COUNTED = {"failures": "failure", "errors": "error"}
_COUNTED_IN_SUITES = {**_COUNTED, "skipped": "skipped"}
"""Attributes with the elements that they count; of the whole document Jenkins' schema has no count of skipped ones."""

RUN_CASE = "run"
"""The case of what went wrong outside of any step, in any attempt; there is none where nothing did."""

TARGETS_SUITE = "targets"
"""The suite of what kept targets from being found; there is none where nothing did."""


def junit(reports: Sequence[RunReport], *, faults: Sequence[Fault], redact: Callable[[str], str]) -> str:
    """Returns one document of some runs, in ASCII, with every other character as its reference.

    Args:
        reports: The runs.
        faults: Why further targets were not probed.
        redact: Masks secrets in a text.
    """
    root = ET.Element("testsuites", {"name": "vdi-prober"})
    root.extend(_suite(report) for report in reports)
    if faults:
        root.append(_targets(faults))
    for element in root.iter():
        _clean(element, redact=redact)
    _count(root, time_s=sum(report.duration_s for report in reports), tags=_COUNTED)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="us-ascii").decode()}'


def _suite(report: RunReport) -> ET.Element:
    started = report.started_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    suite = ET.Element("testsuite", {"name": report.target, "timestamp": started})
    properties = ET.SubElement(suite, "properties")
    for name, value in (*_properties(as_dict(report)), *_attempts(report)):
        ET.SubElement(properties, "property", {"name": name, "value": value})
    records = {record.name: record for record in report.steps}
    suite.extend(_case(name, records.get(name), report=report) for name in StepName)
    blamed = report.outcome is not Outcome.SUCCESS and report.step is None
    if blamed or any(attempt.step is None for _, attempt in numbered(report)):
        suite.append(_run_case(report, blamed=blamed))
    _count(suite, time_s=report.duration_s, tags=_COUNTED_IN_SUITES)
    return suite


def _case(name: StepName, record: StepRecord | None, *, report: RunReport) -> ET.Element:
    case = ET.Element("testcase", {"classname": report.target, "name": name, "time": _time(record)})
    if record is None:
        why = "not part of this target's run" if report.outcome is Outcome.SUCCESS else "never reached"
        ET.SubElement(case, "skipped", {"message": why})
        case.extend(_reruns(report, step=name, passed=False))
        return case
    if record.outcome is not Outcome.SUCCESS:
        # The run's fault may say more than the step's: it was judged with all the evidence.
        fault = report.fault if name == report.step and report.fault is not None else record.fault
        case.append(_blame(record.outcome, fault))
    case.extend(_reruns(report, step=name, passed=record.outcome is Outcome.SUCCESS))
    said = aside(record)
    if said:
        ET.SubElement(case, "system-out").text = "\n".join(said)
    return case


def _run_case(report: RunReport, *, blamed: bool) -> ET.Element:
    case = ET.Element("testcase", {"classname": report.target, "name": RUN_CASE, "time": f"{report.duration_s:.3f}"})
    if blamed:
        case.append(_blame(report.outcome, report.fault))
    case.extend(_reruns(report, step=None, passed=not blamed))
    return case


def _reruns(report: RunReport, *, step: StepName | None, passed: bool) -> Iterator[ET.Element]:
    """Yields what other attempts met at a step; `None` is outside of any."""
    for number, attempt in numbered(report):
        if attempt.step is step:
            rerun = _blame(attempt.outcome, attempt.fault)
            rerun.tag = f"{'flaky' if passed else 'rerun'}{_RERUN_TAGS[attempt.outcome]}"
            rerun.set("message", f"attempt {number}: {rerun.get('message')}")
            yield rerun


def _targets(faults: Sequence[Fault]) -> ET.Element:
    suite = ET.Element("testsuite", {"name": TARGETS_SUITE})
    for number, fault in enumerate(faults, start=1):
        case = ET.SubElement(suite, "testcase", {"classname": TARGETS_SUITE, "name": f"find {number}", "time": "0.000"})
        case.append(_blame(outcome_of(fault), fault))
    _count(suite, time_s=0.0, tags=_COUNTED_IN_SUITES)
    return suite


def _blame(outcome: Outcome, fault: Fault | None) -> ET.Element:
    """Returns the element that makes a case red: layer/reason as its type, all that speaks for it as its text."""
    if fault is None:
        return ET.Element(_TAGS[outcome], {"type": outcome.value, "message": f"the run was {outcome}"})
    kind = f"{fault.layer}/{fault.reason}"
    blame = ET.Element(_TAGS[outcome], {"type": kind, "message": fault.summary})
    lines = [f"{kind}: {fault.summary}"]
    lines += [f"fact: {fact}" for fact in fault.facts]
    lines += [f"considered: {other}" for other in fault.considered]
    blame.text = "\n".join(lines)
    return blame


def _properties(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("run_id", "outcome", "layer", "reason", "evidence"):
        if name in report:
            yield name, report[name]
    if report["degraded"]:
        yield "degraded", ", ".join(report["degraded"])
    yield from _flat(report.get("session", {}), prefix="session")
    yield from _flat(report.get("webrtc", {}), prefix="webrtc")


def _attempts(report: RunReport) -> Iterator[tuple[str, str]]:
    """Yields what became of the other attempts, for readers that know of no reruns."""
    others = numbered(report)
    if others:
        yield "attempts", str(len(others) + 1)
        yield "flaky", str(report.flaky).lower()
    for number, attempt in others:
        yield f"attempt.{number}", headline(attempt)


def _flat(values: Mapping[str, Any], *, prefix: str) -> Iterator[tuple[str, str]]:
    """Yields figures by their path; lists, which are for those who read the report, are left out."""
    for name, value in values.items():
        match value:
            case dict():
                yield from _flat(value, prefix=f"{prefix}.{name}")
            case list():
                continue
            case _:
                yield f"{prefix}.{name}", str(value)


def _count(element: ET.Element, *, time_s: float, tags: Mapping[str, str]) -> None:
    """Writes how many cases there are below, by how they ended."""
    element.set("tests", str(len(list(element.iter("testcase")))))
    for name, tag in tags.items():
        element.set(name, str(len(list(element.iter(tag)))))
    element.set("time", f"{time_s:.3f}")


def _clean(element: ET.Element, *, redact: Callable[[str], str]) -> None:
    for name, value in element.attrib.items():
        element.set(name, _FORBIDDEN.sub(_REPLACEMENT, redact(value)))
    if element.text is not None:
        element.text = _FORBIDDEN.sub(_REPLACEMENT, redact(element.text))


def _time(record: StepRecord | None) -> str:
    return f"{0.0 if record is None else record.duration_s:.3f}"
