"""Faults at once are one fault that does what each does."""

import pytest

from prober.domain.reasons import Reason
from prober.domain.steps import StepName
from prober.domain.transport import NetworkPolicy
from prober.lab.accident import Accident
from prober.lab.fault import Fault
from prober.lab.faults import FAULTS, find_fault
from prober.lab.pairing import ConflictingFaultsError, together
from prober.lab.plan import ChildKind
from prober.lab.stream_faults import LOSS_RATIO, ROUND_TRIP_S


def found(name: str) -> Fault:
    """The fault of that name."""
    fault = find_fault(name)
    assert fault is not None
    return fault


def test_each_fault_s_part_is_there() -> None:
    """Operator, desktop and API server each do what they do alone; the rest is sound."""
    fault = found("black,child_left,delete_denied")
    assert fault.behaviour == FAULTS["black"].behaviour
    assert fault.plan == FAULTS["child_left"].plan
    assert fault.trouble is FAULTS["delete_denied"].trouble


def test_the_first_in_the_order_of_the_flow_is_what_is_reported() -> None:
    """However they are named."""
    for name in ("child_left,black", "black,child_left"):
        fault = found(name)
        assert (fault.name, fault.step, fault.reason) == (name, StepName.FIRST_FRAME, Reason.BLACK_FRAMES)
    assert found("api_429,child_left").step is StepName.CLEANUP
    assert found("api_429,idle").reason is None


def test_what_is_several_things_is_all_of_them() -> None:
    """Sets are united, and the network's parts stand beside one another."""
    fault = found("kill_browser,fill_disk")
    assert fault.behaviour.accidents == {Accident.KILL_BROWSER, Accident.FILL_DISK}
    weather = found("lossy,high_rtt").behaviour.weather
    assert (weather.loss_ratio, weather.delay_s) == (LOSS_RATIO, ROUND_TRIP_S)
    assert found("child_left").plan.left_behind == {ChildKind.SERVICE}


def test_a_fault_of_turn_needs_the_relay_beside_another() -> None:
    """The path is that of whichever needs one."""
    assert found("url_still_serving,turn_down").path is NetworkPolicy.RELAY


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("image_pull,unschedulable", "ailment"),
        ("black,frozen", "picture"),
        ("quota,rbac", "trouble with the API server"),
        ("phase_failed,template_missing", "failure"),
    ],
    ids=str,
)
def test_faults_that_exclude_one_another_are_refused(name: str, what: str) -> None:
    """A Pod without a node pulls no image; the message says of what there is only one."""
    first, second = name.split(",")
    with pytest.raises(
        ConflictingFaultsError, match=f"{first} and {second} cannot be had at once: each has its own {what}"
    ):
        find_fault(name)


def test_one_fault_is_itself() -> None:
    """Named twice, or beside health, it is what it is alone."""
    assert found("black") is FAULTS["black"]
    assert found("black, black") is FAULTS["black"]
    assert found("none,black") is FAULTS["black"]
    assert find_fault("none,none") is None
    assert together([FAULTS["idle"]]) is FAULTS["idle"]
