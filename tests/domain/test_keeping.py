"""Which runs' evidence is kept."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.domain.ids import RunId
from prober.domain.keeping import KeepPlan, is_sampled
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.report import RunReport
from prober.domain.steps import StepName
from tests.adapters.reporting import make_failure, make_report

RUN_IDS = st.uuids().map(lambda uuid: RunId(str(uuid)))


@pytest.mark.parametrize(
    ("outcome", "kept"),
    [
        pytest.param(Outcome.FAILURE, True, id="failure"),
        pytest.param(Outcome.ERROR, True, id="error"),
        pytest.param(Outcome.SUCCESS, False, id="success"),
        pytest.param(Outcome.CANCELLED, False, id="cancelled"),
        pytest.param(Outcome.SKIPPED, False, id="skipped"),
    ],
)
def test_without_a_sample_failures_are_kept(outcome: Outcome, *, kept: bool) -> None:
    """What somebody will want to have explained is kept."""
    assert KeepPlan(successes=0.0).keeps(make_report(outcome)) is kept


@pytest.mark.parametrize(
    ("outcome", "kept"),
    [
        pytest.param(Outcome.FAILURE, False, id="failure"),
        pytest.param(Outcome.ERROR, False, id="error"),
        pytest.param(Outcome.SUCCESS, True, id="success"),
        pytest.param(Outcome.CANCELLED, False, id="cancelled"),
    ],
)
def test_a_plan_may_keep_successes_alone(outcome: Outcome, *, kept: bool) -> None:
    """A plan without failures keeps none, whatever the sample is; a cancelled run is never kept."""
    assert KeepPlan(failures=False, successes=1.0).keeps(make_report(outcome)) is kept


def flaky() -> RunReport:
    """Returns the report of a run that failed and then passed."""
    return make_report(earlier=(make_failure(Reason.BLACK_FRAMES, StepName.FIRST_FRAME),))


@pytest.mark.parametrize(
    ("plan", "kept"),
    [
        pytest.param(KeepPlan(successes=0.0), True, id="failures"),
        pytest.param(KeepPlan(failures=False, successes=1.0), True, id="successes"),
        pytest.param(KeepPlan(failures=False, successes=0.0), False, id="nothing"),
    ],
)
def test_a_flaky_success_is_both(plan: KeepPlan, *, kept: bool) -> None:
    """What failed at first is to be explained as a failure is, and counts as the success that it became too."""
    assert plan.keeps(flaky()) is kept


def test_a_sample_has_its_share() -> None:
    """Of ids that differ in their last digits only, a tenth is about a tenth."""
    ids = [RunId(str(UUID(int=(0x0198 << 112) + number))) for number in range(5000)]
    assert 400 < sum(is_sampled(run_id, ratio=0.1) for run_id in ids) < 600


@given(run_id=RUN_IDS, ratios=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_a_larger_sample_has_the_smaller_one_in_it(run_id: RunId, ratios: tuple[float, float]) -> None:
    """Raising the ratio never drops a run, and the same ratio always gives the same answer."""
    small, large = sorted(ratios)
    assert is_sampled(run_id, ratio=small) <= is_sampled(run_id, ratio=large)
    assert is_sampled(run_id, ratio=small) is is_sampled(run_id, ratio=small)


@given(run_id=RUN_IDS)
def test_all_and_none(run_id: RunId) -> None:
    """A ratio of 1 takes every run, one of 0 none."""
    assert is_sampled(run_id, ratio=1.0)
    assert not is_sampled(run_id, ratio=0.0)
