"""Two faults at once: the first in the order of the flow is the reason, the second is mentioned.

`make matrix` writes the rows into docs/matrix.md.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from prober.lab.fault import Fault
from prober.lab.faults import find_fault
from tests.e2e.conftest import QUICK_BUDGETS, RunningLab
from tests.e2e.matrix import GLANCE, WINDOW, Report, check, probe

pytestmark = [pytest.mark.browser, pytest.mark.turn]

_HIDDEN = (
    "image_pull,quota",
    "operator_down,route_404",
    "black,slow_start",
)
"""Pairs of which the first leaves nothing of the second to be seen."""

_MENTIONED: Mapping[str, str] = {
    "auth_rejected,child_left": "cleanup failed too (child_left)",
    "black,finalizer_stuck": "terminate failed too (finalizer_stuck)",
    "turn_down,url_still_serving": "cleanup failed too (url_still_serving)",
    "delete_denied,no_offer": "terminate failed too (delete_rejected)",
    "child_left,crash_loop": "cleanup failed too (child_left)",
}
"""The second one as the sentence of the run has it."""

_RATED: Mapping[str, str] = {
    "child_left,frozen": "cleanup failed too (child_left)",
    "low_fps,slow_teardown": "terminate failed too (cleanup_timeout)",
    "high_rtt,low_fps": "low_fps: ",
}
"""The same of pairs that are judged by figures of the stream."""

_OWN: Mapping[str, str] = {
    "child_left,kill_browser": "cleanup failed too (child_left)",
    "black,fill_disk": "evidence_not_kept",
}
"""The same of pairs with an accident of the prober's own."""

_HEADING = """
## Two faults at once

The first in the order of the flow is the reason; the run's summary, or what it considered, names the second where
there is anything of it to be seen.

| Injected | Step | Layer | Reason | Seconds | Left |
|---|---|---|---|---|---|
"""

_STAYS = {"black,finalizer_stuck", "delete_denied,no_offer"}
"""Whose session nobody but the lab can end."""


def _pairs(names: Sequence[str]) -> list[Fault]:
    faults = [find_fault(name) for name in names]
    return [fault for fault in faults if fault is not None]


def _told(report: Report) -> str:
    return " / ".join((report["summary"], *report.get("considered", ())))


def _unmentioned(reports: Mapping[str, Report], words: Mapping[str, str]) -> list[str]:
    return [f"{name}: {_told(reports[name])}" for name, second in words.items() if second not in _told(reports[name])]


@pytest.mark.timeout(420)
def test_two_faults_at_once(lab: RunningLab, findings: list[str], tmp_path: Path) -> None:
    """The first decides, however they are named; the second is told in the sentence that a person reads."""
    faults = _pairs((*_HIDDEN, *_MENTIONED))
    base = {"budgets": QUICK_BUDGETS, **GLANCE}
    reports, _ = probe(lab, faults, base, at_a_time=3, scratch=tmp_path / "tmp")
    check(lab, faults, reports, findings, heading=_HEADING)
    assert _unmentioned(reports, _MENTIONED) == []
    made = {name: report["session"]["name"] for name, report in reports.items() if "name" in report.get("session", {})}
    assert {name for name, session in made.items() if session in lab.api.sessions()} == _STAYS


@pytest.mark.timeout(420)
def test_two_faults_at_once_of_which_one_is_a_figure(lab: RunningLab, findings: list[str], tmp_path: Path) -> None:
    """So it is with the stream's figures, which may be bad in two ways at once."""
    faults = _pairs(tuple(_RATED))
    base = {"budgets": QUICK_BUDGETS, **WINDOW, "input": False}
    reports, _ = probe(lab, faults, base, at_a_time=1, scratch=tmp_path / "tmp")
    check(lab, faults, reports, findings)
    assert _unmentioned(reports, _RATED) == []


@pytest.mark.timeout(420)
def test_two_faults_at_once_of_which_one_is_ours(lab: RunningLab, findings: list[str], tmp_path: Path) -> None:
    """An accident of our own hides no fault of the target: a full disk costs the evidence, not the reason."""
    faults = _pairs(tuple(_OWN))
    base = {"budgets": QUICK_BUDGETS, **GLANCE}
    reports, said = probe(lab, faults, base, at_a_time=1, scratch=tmp_path / "tmp", lost=["black,fill_disk"])
    check(lab, faults, reports, findings)
    assert _OWN["child_left,kill_browser"] in reports["child_left,kill_browser"]["summary"]
    assert _OWN["black,fill_disk"] in said
