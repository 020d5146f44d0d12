import pytest

from prober.domain.ids import ClusterName, TargetName
from prober.domain.steps import PAGE_END_S, TEARDOWN_STEPS, Budgets, StepName
from prober.domain.target import SessionTemplate, Target

DEFAULTS = {
    "create": 10.0,
    "running": 60.0,
    "url": 30.0,
    "login": 30.0,
    "connect": 15.0,
    "first_frame": 30.0,
    "stream": 5.0,
    "input": 15.0,
    "terminate": 30.0,
    "cleanup": 60.0,
}


def target(*, inputs: bool) -> Target:
    """Returns a target that allows input or forbids it."""
    session = SessionTemplate(cluster=ClusterName("c"), namespace="vdi", user="p@example.com", template="t")
    given = Target(name=TargetName("t"), session=session)
    return given if inputs else Target(name=TargetName("t"), session=session, input=None)


def test_the_steps_stand_in_the_order_of_the_story() -> None:
    """There are ten steps, defined in the order in which they are lived through; the last two are the teardown."""
    assert [step.value for step in StepName] == list(DEFAULTS)
    assert tuple(StepName)[-2:] == TEARDOWN_STEPS


@pytest.mark.parametrize("step", list(StepName), ids=str)
def test_every_step_has_the_contracts_budget(step: StepName) -> None:
    """Each step has the default budget of the contract."""
    assert Budgets().of(step) == DEFAULTS[step.value]


def test_the_teardowns_budget_is_that_of_its_steps() -> None:
    """A creation under way, the page's end, terminate and cleanup are the time that a stop may take."""
    assert Budgets(create=2.0, terminate=3.0, cleanup=4.0).teardown() == 9.0 + PAGE_END_S


@pytest.mark.parametrize(("inputs", "longest"), [(True, 295.0), (False, 280.0)], ids=["with input", "input forbidden"])
def test_the_longest_run_uses_up_every_budget(inputs: bool, longest: float) -> None:  # noqa: FBT001 - a parameter of the test
    """A run may take all its budgets with the observation window, input only where it is allowed."""
    assert target(inputs=inputs).longest_s() == longest
