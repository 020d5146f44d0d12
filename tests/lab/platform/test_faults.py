from pathlib import Path

import pytest

from prober.lab.abilities import faults_of
from prober.lab.cluster.choice import Foreign
from prober.lab.fault import Fault
from prober.lab.faults import FAULT_ANNOTATION, FAULTS, FaultSwitch, UnknownFaultError
from prober.lab.kinds import DesktopKind
from prober.lab.plan import Plan
from prober.lab.platform import Lab


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_every_fault_changes_something(fault: Fault) -> None:
    """A fault that deviates from health in nothing would prove nothing."""
    healthy = Fault(name="", summary="", step=fault.step, reason=fault.reason)
    deviation = fault.plan, fault.behaviour, fault.trouble
    assert deviation != (healthy.plan, healthy.behaviour, healthy.trouble)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_every_fault_is_described_in_one_line(fault: Fault) -> None:
    """A fault's summary fits a list of faults."""
    assert fault.summary
    assert "\n" not in fault.summary


def test_sessions_are_healthy_by_default() -> None:
    """Without a choice there is no fault."""
    assert FaultSwitch().resolve({}) is None


def test_a_session_chooses_its_own_fault() -> None:
    """The annotation outweighs the lab's own fault."""
    switch = FaultSwitch("black")
    assert switch.resolve({FAULT_ANNOTATION: "frozen"}) is FAULTS["frozen"]
    assert switch.resolve({}) is FAULTS["black"]


def test_a_session_can_choose_health() -> None:
    """The annotation `none` cures a session in a broken lab."""
    assert FaultSwitch("black").resolve({FAULT_ANNOTATION: "none"}) is None


def test_the_labs_fault_can_be_changed_while_it_runs() -> None:
    """What is chosen holds from then on."""
    switch = FaultSwitch()
    switch.choose("finalizer_stuck")
    assert switch.resolve({}) is FAULTS["finalizer_stuck"]


def test_a_disarmed_switch_cures_everything() -> None:
    """A closing lab holds on to no session."""
    switch = FaultSwitch("finalizer_stuck")
    switch.disarm()
    assert switch.resolve({FAULT_ANNOTATION: "finalizer_stuck"}) is None


@pytest.mark.parametrize("choose", ["annotation", "lab"], ids=str)
def test_an_unknown_fault_is_refused(choose: str) -> None:
    """A misspelt fault is an error that lists the known ones."""
    with pytest.raises(UnknownFaultError, match=r"no fault is called 'balck'; there are: .*black"):
        FaultSwitch().resolve({FAULT_ANNOTATION: "balck"}) if choose == "annotation" else FaultSwitch("balck")


def test_the_default_plan_is_health() -> None:
    """A plan with nothing changed becomes Running, ends cleanly."""
    plan = Plan()
    assert plan.becomes_running
    assert plan.releases
    assert not plan.left_behind


def test_nobody_elses_api_server_gets_into_trouble(tmp_path: Path) -> None:
    """In a cluster that is not its own a lab refuses the faults of the API server, and no others."""
    cluster = Foreign(kubeconfig=tmp_path / "kubeconfig")
    with pytest.raises(UnknownFaultError, match="this lab cannot play 'quota'"):
        Lab(state=tmp_path, fault="quota", cluster=cluster)
    theirs = faults_of(DesktopKind.SYNTHETIC, own_cluster=False)
    assert "unschedulable" in theirs
    assert all(fault.trouble is None for fault in theirs.values())
