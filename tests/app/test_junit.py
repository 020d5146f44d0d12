"""JUnit XML, read back by the library that CI tools read it with, and held against the schema of Jenkins."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, Skipped

from prober.app.junit import junit
from prober.domain.checks import CheckName, CheckResult
from prober.domain.errors import Fault
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.report import RunReport
from prober.domain.steps import StepName, StepRecord
from tests.adapters.reporting import make_failure, make_report, make_step

FAULT = Fault(
    reason=Reason.CRASH_LOOP,
    summary="container desktop crashes",
    facts=("it was restarted 3 times", "it exits with 1"),
    considered=("no OOM: the exit code is not 137",),
)
FAILED = make_failure(
    Reason.CRASH_LOOP,
    StepName.RUNNING,
    fault=FAULT,
    evidence="file:///var/evidence/r1",
    steps=(
        make_step(StepName.CREATE),
        make_step(StepName.RUNNING, Outcome.FAILURE, fault=FAULT, notes=("a remark",)),
        make_step(StepName.TERMINATE),
        make_step(StepName.CLEANUP),
    ),
)

RERUNS = ("rerunFailure", "rerunError", "flakyFailure", "flakyError")

REQUIRED = {
    "testsuites": set[str](),
    "testsuite": {"name", "tests", "failures", "errors"},
    "testcase": {"name", "classname"},
    "property": {"name", "value"},
} | {name: {"type"} for name in RERUNS}
ALLOWED = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "time", "skipped", "timestamp", "hostname", "id", "package"},
    "testcase": {"name", "classname", "time", "group"},
    "properties": set[str](),
    "property": {"name", "value"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"type", "message"},
    "rerunFailure": {"type", "message"},
    "rerunError": {"type", "message"},
    "flakyFailure": {"type", "message"},
    "flakyError": {"type", "message"},
    "system-out": set[str](),
}
TIME = r"[0-9]+(\.[0-9]+)?"
CHILDREN = {
    "testsuites": ["testsuite"],
    "testsuite": ["properties", "testcase"],
    "testcase": ["skipped", "error", "failure", *RERUNS, "system-out"],
    "properties": ["property"],
}
"""Of junit-10.xsd, by which Jenkins' xUnit plugin reads, what we use: required and allowed attributes, how times are
written, and children; a case's class is required by us."""


def document(*reports: RunReport, faults: Sequence[Fault] = ()) -> str:
    """Returns the document of some runs, after it was held against the schema."""
    text = junit(reports, faults=faults, redact=lambda text: text.replace("hunter2", "***"))
    root = ET.fromstring(text)  # noqa: S314 - our own
    assert root.tag == "testsuites"
    for element in root.iter():
        assert REQUIRED.get(element.tag, set()) <= set(element.attrib) <= ALLOWED[element.tag]
        assert {child.tag for child in element} <= set(CHILDREN.get(element.tag, []))
        assert re.fullmatch(TIME, element.get("time", "0"))
    return text


def parsed(*reports: RunReport, faults: Sequence[Fault] = ()) -> list[Any]:
    """Returns its suites as the library reads them, after the counts were held against the cases."""
    read: Any = JUnitXml.fromstring(document(*reports, faults=faults).encode())
    suites = list(read)
    said = _counts(read)
    for counted in (*suites, read):
        counted.update_statistics()
    assert said == _counts(read)
    return suites


def _counts(read: Any) -> list[tuple[int, ...]]:
    """Returns the counts that stand in a document; the schema has none of skipped cases for the whole."""
    whole = read.tests, read.failures, read.errors
    return [whole, *((suite.tests, suite.failures, suite.errors, suite.skipped) for suite in read)]


def cases(suite: Any) -> dict[str, Any]:
    """Returns a suite's cases by name."""
    return {case.name: case for case in suite}


def test_a_success_has_a_green_case_for_each_step() -> None:
    """A suite is a target, a case a step with its time."""
    (suite,) = parsed(make_report())
    assert (suite.name, suite.timestamp, suite.tests) == ("ubuntu", "2026-11-22T09:40:19", 10)
    assert document(make_report()).count('time="14.200"') == 2
    assert list(cases(suite)) == [step.value for step in StepName]
    assert all(case.is_passed and case.classname == "ubuntu" and case.time == 0.2 for case in cases(suite).values())


def test_a_failed_step_is_red_with_all_that_speaks_for_it() -> None:
    """Type and message are for the overview; the text has the facts and what else was considered."""
    (suite,) = parsed(FAILED)
    case = cases(suite)["running"]
    (failure,) = case.result
    assert isinstance(failure, Failure)
    assert (failure.type, failure.message) == ("workload/crash_loop", "container desktop crashes")
    assert failure.text.splitlines() == [
        "workload/crash_loop: container desktop crashes",
        "fact: it was restarted 3 times",
        "fact: it exits with 1",
        "considered: no OOM: the exit code is not 137",
    ]
    assert case.system_out == "a remark"
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == (10, 1, 0, 6)


def test_steps_that_were_never_reached_are_skipped() -> None:
    """Neither green nor red: nothing is known of them."""
    (suite,) = parsed(FAILED)
    assert [
        str(result.message) for case in cases(suite).values() for result in case.result if isinstance(result, Skipped)
    ] == ["never reached"] * 6


def test_a_step_that_the_target_has_not_is_skipped() -> None:
    """A view-only target has no input to prove."""
    report = make_report(steps=tuple(make_step(name) for name in StepName if name is not StepName.INPUT))
    (suite,) = parsed(report)
    (skipped,) = cases(suite)["input"].result
    assert skipped.message == "not part of this target's run"


def test_an_error_of_ours_is_an_error() -> None:
    """CI servers tell it from a failure, as exit codes do."""
    (suite,) = parsed(make_failure(Reason.BROWSER_CRASHED, StepName.LOGIN))
    (error,) = cases(suite)["login"].result
    assert isinstance(error, Error)
    assert error.type == "prober/browser_crashed"


@pytest.mark.parametrize(
    ("report", "kind", "message"),
    [
        pytest.param(
            make_failure(Reason.BROWSER_MISSING, None), "prober/browser_missing", "it was browser_missing", id="error"
        ),
        pytest.param(
            make_report(Outcome.CANCELLED, steps=()), "cancelled", "the run was cancelled", id="cancelled early"
        ),
    ],
)
def test_what_no_step_can_show_has_a_case_of_its_own(report: RunReport, kind: str, message: str) -> None:
    """A run that never began a step is not green."""
    (suite,) = parsed(report)
    (error,) = cases(suite)["run"].result
    assert isinstance(error, Error)
    assert (error.type, error.message) == (kind, message)
    assert (suite.tests, suite.errors, suite.skipped) == (11, 1, 10)


def test_a_cancelled_step_is_not_green() -> None:
    """It proved nothing."""
    steps = (make_step(StepName.CREATE, Outcome.CANCELLED),)
    (suite,) = parsed(make_report(Outcome.CANCELLED, step=StepName.CREATE, steps=steps))
    (error,) = cases(suite)["create"].result
    assert isinstance(error, Error)
    assert error.message == "the run was cancelled"


def test_a_target_that_was_not_found_is_red() -> None:
    """Why a choice came to no target stands in a suite of its own, so that the document agrees with the exit code."""
    (_, suite) = parsed(make_report(), faults=[FAULT])
    (failure,) = cases(suite)["find 1"].result
    assert (suite.name, failure.type) == ("targets", "workload/crash_loop")


def test_properties_lead_to_the_run() -> None:
    """Who looks at a red suite finds run, evidence, session and figures; lists are left to the report."""
    (suite,) = parsed(replace(make_report(degraded=("high_rtt",)), evidence="file:///var/evidence/r1"))
    properties = {prop.name: prop.value for prop in suite.properties()}
    assert properties["run_id"] == "0198aaaa-0000-7000-8000-000000000001"
    assert properties["evidence"] == "file:///var/evidence/r1"
    assert properties["degraded"] == "high_rtt"
    assert properties["session.name"] == "probe-abc"
    assert properties["webrtc.frames_per_second"] == "54.1"
    assert properties["webrtc.path.protocol"] == "udp"


def test_checks_stand_beside_their_step() -> None:
    """What became of them is the case's output."""
    check = CheckResult(name=CheckName.AUDIO, fact="sound arrives")
    (suite,) = parsed(make_report(steps=(make_step(StepName.STREAM, checks=(check,)),)))
    assert cases(suite)["stream"].system_out == "check audio passed: sound arrives"


def reruns(report: RunReport) -> dict[str, list[tuple[str, str | None, str | None]]]:
    """Returns what a document says of reruns, case by case: element, type, message."""
    root = ET.fromstring(document(report))  # noqa: S314 - our own
    found = {
        str(case.get("name")): [
            (part.tag, part.get("type"), part.get("message")) for part in case if part.tag in RERUNS
        ]
        for case in root.iter("testcase")
    }
    return {name: parts for name, parts in found.items() if parts}


def test_a_flaky_run_is_green_and_says_what_failed_at_first() -> None:
    """As Surefire has it: the step passed, and beside it stands what it met in the attempt before."""
    report = make_report(earlier=(FAILED,))
    (suite,) = parsed(report)
    assert (suite.tests, suite.failures, suite.errors) == (10, 0, 0)
    assert cases(suite)["running"].is_passed
    assert reruns(report) == {
        "running": [("flakyFailure", "workload/crash_loop", "attempt 1: container desktop crashes")]
    }
    assert "fact: it was restarted 3 times" in document(report)
    properties = {prop.name: prop.value for prop in suite.properties()}
    assert (properties["attempts"], properties["flaky"]) == ("2", "true")
    assert properties["attempt.1"] == "failure at running: workload/crash_loop: container desktop crashes"


def test_a_confirmed_failure_shows_each_attempt() -> None:
    """One failure is counted; the others are reruns of their steps, or flaky where the last attempt passed them."""
    url = make_failure(Reason.DNS, StepName.URL)
    create = make_failure(Reason.RBAC_DENIED, StepName.CREATE)
    report = replace(FAILED, earlier=(FAILED, url, create))
    (suite,) = parsed(report)
    assert (suite.tests, suite.failures, suite.errors) == (10, 1, 0)
    assert reruns(report) == {
        "create": [("flakyFailure", "control_plane/rbac_denied", "attempt 3: it was rbac_denied")],
        "running": [("rerunFailure", "workload/crash_loop", "attempt 1: container desktop crashes")],
        "url": [("rerunFailure", "exposure/dns", "attempt 2: it was dns")],
    }


def test_attempts_that_told_nothing_are_shown() -> None:
    """An error of ours outside of any step has the run's case, and makes nothing red."""
    missing = make_failure(Reason.BROWSER_MISSING, None)
    stopped = make_report(Outcome.CANCELLED, step=StepName.LOGIN)
    report = replace(FAILED, later=(missing, stopped))
    (suite,) = parsed(report)
    assert (suite.tests, suite.failures, suite.errors) == (11, 1, 0)
    assert reruns(report) == {
        "login": [("rerunError", "cancelled", "attempt 3: the run was cancelled")],
        "run": [("flakyError", "prober/browser_missing", "attempt 2: it was browser_missing")],
    }


def test_a_run_of_one_attempt_speaks_of_none() -> None:
    """Most targets ask for no confirmation."""
    (suite,) = parsed(FAILED)
    assert not {"attempts", "flaky"} & {prop.name for prop in suite.properties()}
    assert reruns(FAILED) == {}


def test_secrets_are_masked_whatever_xml_makes_of_them() -> None:
    """They are looked for before anything is escaped."""
    fault = Fault(reason=Reason.DNS, summary="no hunter2", facts=("<hunter2>",))
    text = document(make_failure(Reason.DNS, StepName.URL, fault=fault))
    assert "hunter2" not in text
    assert "&lt;***&gt;" in text


@settings(max_examples=30)
@given(said=st.text(st.characters(codec=None), min_size=1, max_size=30))
def test_whatever_was_said_the_document_is_well_formed(said: str) -> None:
    """Control signs and halves of characters are replaced; all else comes back as it was."""
    fault = Fault(reason=Reason.DNS, summary=said)
    record = StepRecord(name=StepName.URL, outcome=Outcome.FAILURE, start_s=0, duration_s=1, fault=fault, notes=(said,))
    text = document(make_failure(Reason.DNS, StepName.URL, fault=fault, steps=(record,)))
    assert text.isascii()
    if said.isprintable():
        assert f"exposure/dns: {said}" in [element.text for element in ET.fromstring(text).iter()]  # noqa: S314 - ours


def test_control_signs_are_replaced() -> None:
    """One in a log would cost the whole document."""
    fault = Fault(reason=Reason.DNS, summary="a\x00b\x1b[31mc\ufffe\ud800")
    (suite,) = parsed(
        make_failure(Reason.DNS, StepName.URL, fault=fault, steps=(make_step(StepName.URL, Outcome.FAILURE),))
    )
    (failure,) = cases(suite)["url"].result
    assert failure.message == "a\ufffdb\ufffd[31mc\ufffd\ufffd"
