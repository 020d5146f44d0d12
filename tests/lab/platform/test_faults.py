import pytest

from prober.lab.fault import Fault
from prober.lab.faults import FAULT_ANNOTATION, FAULTS, FaultSwitch, UnknownFaultError
from prober.lab.plan import Plan


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_every_fault_changes_something(fault: Fault) -> None:
    """A fault that deviates from health in nothing would prove nothing."""
    healthy = Fault(name="", summary="", step=fault.step, reason=fault.reason)
    assert (fault.plan, fault.behaviour) != (healthy.plan, healthy.behaviour)


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
