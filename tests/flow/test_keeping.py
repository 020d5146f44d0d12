"""Evidence is kept once a run is over, as a part of none of its times."""

import asyncio

import pytest

from prober.domain.ids import ClusterName
from prober.domain.outcomes import Outcome, Trigger
from prober.domain.steps import StepName
from prober.flow.runner import Runner
from tests.fakes.browser import HANG, FakeBrowser, FakeDesktop
from tests.fakes.sessions import Story
from tests.flow.stage import CLUSTER, RUN_ID, TARGET, Stage, target_with
from tests.flow.test_attempts import FAILS, SOUND

pytestmark = pytest.mark.looptime


async def test_each_run_is_offered_once_with_all_its_attempts() -> None:
    """Whether it is kept is the sink's business; where it is, the report says."""
    stage = Stage(FAILS, SOUND)
    report = await stage.run(target_with(attempts=2))
    ((kept, _),) = stage.evidence.kept
    assert (kept.outcome, len(kept.earlier), kept.evidence) == (Outcome.SUCCESS, 1, None)
    assert report.evidence == stage.evidence.url
    assert stage.observer.reports == [report]


async def test_keeping_takes_none_of_the_runs_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow store makes no run slow."""
    stage = Stage()

    async def keep(*_: object) -> str:
        await asyncio.sleep(7)
        return "fake://slow/"

    monkeypatch.setattr(stage.evidence, "keep", keep)
    quick = await Stage().run()
    slow = await stage.run()
    assert slow.duration_s == pytest.approx(quick.duration_s)
    assert slow.evidence == "fake://slow/"


async def test_a_run_that_is_stopped_while_it_is_kept_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run was over, so its outcome stands; the cancellation goes on."""
    stage = Stage()

    async def keep(*_: object) -> str:
        raise asyncio.CancelledError

    monkeypatch.setattr(stage.evidence, "keep", keep)
    with pytest.raises(asyncio.CancelledError):
        await stage.run()
    assert [report.outcome for report in stage.observer.reports] == [Outcome.SUCCESS]


async def test_without_a_store_nothing_is_kept() -> None:
    """The report names no place."""
    stage = Stage(Story())
    bare = Runner(
        sessions={ClusterName(CLUSTER): stage.sessions},
        exposure=stage.exposure,
        browser=stage.browser,
        secrets=stage.secrets,
        clock=stage.runner._clock,
        observer=stage.observer,
        instance="prober-0",
    )
    report = await bare.run(TARGET, run_id=RUN_ID, trigger=Trigger.MANUAL)
    assert report.evidence is None


async def test_what_the_browser_saw_is_kept_with_the_run() -> None:
    """Pictures are taken between the steps; those of an attempt that was repeated say which it was."""
    black = FakeDesktop(status=401)
    stage = Stage(SOUND, SOUND, browser=FakeBrowser(black, FakeDesktop()))
    await stage.run(target_with(attempts=2))
    ((_, names),) = stage.evidence.kept
    assert names == (
        "attempt-1.browser.json",
        "attempt-1.last.jpeg",
        "browser.json",
        "first_frame.jpeg",
        "window_end.jpeg",
    )


async def test_a_run_that_is_stopped_reads_nothing_of_its_page() -> None:
    """A shutdown waits for the teardown, and for nothing before it."""
    stage = Stage(desktop=FakeDesktop(artefacts=HANG))
    run = stage.begin()
    await stage.observer.reached(StepName.STREAM)
    run.cancel()
    begin = asyncio.get_running_loop().time()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert asyncio.get_running_loop().time() - begin < 1
    stage.assert_nothing_left()


async def test_a_stop_while_the_page_is_read_still_ends_the_session() -> None:
    """Whatever happens to the reading, the teardown follows."""
    stage = Stage(desktop=FakeDesktop(status=401, artefacts=HANG))
    run = stage.begin()
    await stage.observer.reached(StepName.LOGIN)
    await asyncio.sleep(1)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    stage.assert_nothing_left()
