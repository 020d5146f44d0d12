"""What befalls the prober itself is its own error, never its target's fault, and it recovers by itself.

One process of `prober run` makes all runs, one after the other: each accident, then a sound run that has to succeed.
`make matrix` writes the rows into docs/matrix.md.
"""

from itertools import chain
from pathlib import Path

import pytest

from prober.lab.fault import Fault
from prober.lab.faults import FAULTS
from tests.e2e.conftest import QUICK_BUDGETS, RunningLab
from tests.e2e.matrix import LENIENT, SOUND, check, probe

pytestmark = pytest.mark.browser

_WATCH = {"stream": {"window": "5s", "settle": "1s"}, "input": False, "expect": LENIENT}
"""Long enough for a browser to be hit 2 s after the first frame, and watched while it is."""


@pytest.mark.timeout(420)
def test_what_befalls_the_prober(lab: RunningLab, findings: list[str], tmp_path: Path) -> None:
    """Each accident is an error of ours, or survived; the next run succeeds; nothing of the dead browsers is left."""
    own = [fault for fault in FAULTS.values() if fault.behaviour.accidents]
    sound = [Fault(name=f"{SOUND}{fault.name}", summary="") for fault in own]
    runs = list(chain.from_iterable(zip(own, sound, strict=True)))
    base = {"budgets": QUICK_BUDGETS, **_WATCH}
    reports, _ = probe(lab, runs, base, at_a_time=1, scratch=tmp_path / "tmp", lost=["fill_disk"])
    check(lab, own, {fault.name: reports[fault.name] for fault in own}, findings)
    assert {reports[fault.name]["outcome"] for fault in sound} == {"success"}
    assert not [report for report in reports.values() if report["outcome"] == "failure"]
    assert lab.api.sessions() == []
