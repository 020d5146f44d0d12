import pytest

from prober.domain.errors import Fault, ProberFailed, TargetFailed
from prober.domain.outcomes import Outcome, Trigger
from prober.domain.reasons import Reason
from prober.domain.steps import StepName
from prober.flow.journal import Journal
from tests.fakes.clock import FakeClock
from tests.fakes.observer import FakeObserver
from tests.flow.stage import RUN_ID, TARGET

pytestmark = pytest.mark.looptime

DNS = TargetFailed.because(Reason.DNS, "no such host")
CRASH = ProberFailed.because(Reason.BROWSER_CRASHED, "it died")


@pytest.fixture
async def observer() -> FakeObserver:
    """Returns what hears of the run."""
    return FakeObserver()


@pytest.fixture
async def journal(observer: FakeObserver) -> Journal:
    """Returns the journal of a run that has just begun."""
    return Journal(run_id=RUN_ID, target=TARGET, trigger=Trigger.MANUAL, clock=FakeClock(), observer=observer)


async def test_the_first_fault_decides(journal: Journal) -> None:
    """A later fault, of whatever kind, stands in its own step and changes neither outcome nor reason."""
    for step, error in ((StepName.URL, DNS), (StepName.CLEANUP, CRASH)):
        with pytest.raises(type(error)), journal.step(step):
            raise error
    report = journal.finish()
    assert (report.outcome, report.step, report.fault) == (Outcome.FAILURE, StepName.URL, DNS.fault)
    assert report.steps[1].outcome is Outcome.ERROR
    assert report.steps[1].fault == CRASH.fault


async def test_what_ends_a_run_outside_of_a_step_is_recorded(journal: Journal) -> None:
    """A fault without a step decides the run, without naming a step."""
    journal.blame(CRASH)
    report = journal.finish()
    assert (report.outcome, report.step, report.fault) == (Outcome.ERROR, None, CRASH.fault)


async def test_an_error_is_told_once(journal: Journal, observer: FakeObserver) -> None:
    """The defect that a step has recorded is not recorded again when it ends the run, a later one is."""
    error, later = ValueError("first"), ValueError("later")
    with pytest.raises(ValueError, match="first"), journal.step(StepName.LOGIN):
        raise error
    journal.blame(error)
    journal.blame(later)
    assert observer.crashes == [error, later]
    assert journal.finish().step is StepName.LOGIN


async def test_warnings_stand_once_in_their_order(journal: Journal) -> None:
    """A warning that is known already is not repeated."""
    journal.degrade("high_rtt")
    journal.degrade("high_rtt", "low_fps")
    assert journal.finish().degraded == ("high_rtt", "low_fps")


async def test_a_cancellation_does_not_cover_a_fault(journal: Journal) -> None:
    """What had failed before the run was told to stop has failed."""
    journal.blame(DNS)
    journal.cancel()
    assert journal.finish().outcome is Outcome.FAILURE


async def test_the_step_that_decided_is_told_with_its_diagnosis(journal: Journal, observer: FakeObserver) -> None:
    """It is kept back until its fault was revised, or until the run goes on."""
    cause = Fault(reason=Reason.IMAGE_PULL, summary="no image")
    with pytest.raises(TargetFailed), journal.step(StepName.URL):
        raise DNS
    assert observer.records == []
    journal.revise(cause)
    assert [record.fault for record in observer.records] == [cause]
    with journal.step(StepName.TERMINATE):
        pass
    report = journal.finish()
    assert (report.fault, report.outcome, report.steps[0].fault) == (cause, Outcome.FAILURE, cause)
    assert [record.name for record in observer.records] == [StepName.URL, StepName.TERMINATE]


async def test_a_fault_may_turn_out_to_be_ours(journal: Journal) -> None:
    """The outcome follows the layer."""
    with pytest.raises(TargetFailed), journal.step(StepName.URL):
        raise DNS
    journal.revise(Fault(reason=Reason.PROBER_STARVED, summary="no time"))
    report = journal.finish()
    assert (report.outcome, report.steps[0].outcome) == (Outcome.ERROR, Outcome.ERROR)


async def test_a_step_that_decided_is_told_when_the_run_goes_on(journal: Journal, observer: FakeObserver) -> None:
    """Without a diagnosis it is told before the next step begins."""
    with pytest.raises(TargetFailed), journal.step(StepName.URL):
        raise DNS
    with journal.step(StepName.TERMINATE):
        assert [record.name for record in observer.records] == [StepName.URL]
