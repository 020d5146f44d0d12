"""That a namespace never holds more sessions of ours than its cap, however many runs begin at once."""

import asyncio
from dataclasses import replace

import pytest

from prober.domain.ids import ClusterName, RunId, TargetName
from prober.domain.outcomes import Outcome, Trigger
from prober.domain.reasons import Reason
from prober.domain.report import RunReport
from prober.flow.creations import Creations
from tests.fakes.browser import FakeBrowser
from tests.flow.stage import TARGET, Stage, target_with

pytestmark = pytest.mark.looptime

PLACE = (ClusterName("staging"), "vdi")


async def runs(stage: Stage, *, number: int, cap: int) -> list[RunReport]:
    """Runs so many targets of one namespace at once."""
    begun = [
        stage.runner.run(
            target_with(name=TargetName(f"desk-{one}"), session_cap=cap),
            run_id=RunId(f"run-{one}"),
            trigger=Trigger.MANUAL,
        )
        for one in range(number)
    ]
    return await asyncio.gather(*begun)


@pytest.mark.parametrize(
    ("listing_s", "creating_s"),
    [(0.0, 0.0), (1.0, 0.0), (0.0, 2.0), (1.0, 2.0)],
    ids=["at once", "slow lists", "slow creations", "all slow"],
)
async def test_runs_that_begin_at_once_keep_to_the_cap(listing_s: float, creating_s: float) -> None:
    """All list an empty namespace; only as many create as the cap allows, the others say why they do not."""
    stage = Stage(browser=FakeBrowser())
    stage.sessions.delay("ours", listing_s)
    stage.sessions.delay("create", creating_s)
    reports = await runs(stage, number=6, cap=2)
    assert len(stage.sessions.requests) == 2
    refused = [report.fault for report in reports if report.fault is not None]
    assert [fault.reason for fault in refused] == [Reason.LEAK_CAP_REACHED] * 4
    assert all("(cap 2): run a sweep" in fault.summary for fault in refused)
    assert sum(report.outcome is Outcome.SUCCESS for report in reports) == 2
    stage.assert_nothing_left()


async def test_runs_that_fit_do_not_stand_in_one_anothers_way() -> None:
    """A session that is listed and whose creation is still announced counts once."""
    stage = Stage(browser=FakeBrowser())
    stage.sessions.delay("ours", 1.0)
    reports = await runs(stage, number=3, cap=3)
    assert {report.outcome for report in reports} == {Outcome.SUCCESS}


async def test_another_namespace_has_room_of_its_own() -> None:
    """What is being created elsewhere does not count here."""
    stage = Stage(browser=FakeBrowser())
    elsewhere = replace(TARGET, session=replace(TARGET.session, namespace="elsewhere"), session_cap=1)
    both = (target_with(session_cap=1), elsewhere)
    begun = [stage.runner.run(one, run_id=RunId(f"run-{n}"), trigger=Trigger.MANUAL) for n, one in enumerate(both)]
    assert [report.outcome for report in await asyncio.gather(*begun)] == [Outcome.SUCCESS] * 2


def test_an_announcement_ends_with_its_block() -> None:
    """Who comes later counts only who is still at it, also when that ended with an error."""
    creations, first = Creations(), RunId("first")

    def fail() -> None:
        with creations.announced(PLACE, RunId("second")) as ahead:
            assert ahead == (first,)
            raise ValueError("a defect")

    with creations.announced(PLACE, first) as before:
        assert before == ()
        with pytest.raises(ValueError, match="a defect"):
            fail()
    with creations.announced(PLACE, RunId("third")) as before:
        assert before == ()
