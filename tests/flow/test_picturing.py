"""What the flow keeps of the browser, and that it never costs a run more than a moment."""

import asyncio

import pytest

from prober.domain.errors import ProberFailed
from prober.domain.outcomes import Outcome, Trigger
from prober.domain.picture import FirstFrame
from prober.domain.reasons import Reason
from prober.domain.report import as_dict
from prober.flow.journal import Journal
from prober.flow.steps import picturing
from tests.fakes.browser import HANG, FakeDesktop
from tests.fakes.clock import FakeClock
from tests.fakes.observer import FakeObserver
from tests.flow.stage import RUN_ID, TARGET, Stage

pytestmark = pytest.mark.looptime


def journal(observer: FakeObserver | None = None) -> Journal:
    """Returns the journal of a run."""
    observer = observer or FakeObserver()
    return Journal(run_id=RUN_ID, target=TARGET, trigger=Trigger.MANUAL, clock=FakeClock(), observer=observer)


DEAD = ProberFailed.because(Reason.BROWSER_CRASHED, "it died")


async def test_pictures_are_kept_under_their_names() -> None:
    """What was taken is among what the browser saw."""
    desktop = FakeDesktop()
    await desktop.open("http://desk.test/")
    await picturing.picture(journal(), desktop, picturing.FIRST_FRAME)
    await picturing.picture(journal(), desktop, picturing.WINDOW_END)
    names = [artefact.name for artefact in await picturing.page_artefacts(journal(), desktop)]
    assert names == ["browser.json", "first_frame.jpeg", "window_end.jpeg"]


async def test_a_picture_that_cannot_be_had_is_none() -> None:
    """No fault of the browser leaves the function."""
    desktop = FakeDesktop(snapshot=DEAD, artefacts=DEAD)
    await desktop.open("http://desk.test/")
    await picturing.picture(journal(), desktop, picturing.LAST)
    assert list(await picturing.page_artefacts(journal(), desktop)) == []


async def test_a_page_that_hangs_is_given_up_soon() -> None:
    """A picture takes three seconds at most, everything else five."""
    desktop = FakeDesktop(snapshot=HANG, artefacts=HANG)
    await desktop.open("http://desk.test/")
    begin = asyncio.get_running_loop().time()
    await picturing.picture(journal(), desktop, picturing.LAST)
    assert asyncio.get_running_loop().time() - begin == pytest.approx(3.0)
    assert list(await picturing.page_artefacts(journal(), desktop)) == []
    assert asyncio.get_running_loop().time() - begin == pytest.approx(8.0)


async def test_what_it_takes_is_accounted_for() -> None:
    """Pictures, the look at the cluster, the self-check, what is read of the page: none of it is time of nobody."""
    black = FirstFrame(rendered_s=0.4, luma=2.0, frames_rendered=9, frames_decoded=9, paused=False, videos=1)
    desktop = FakeDesktop(first_frame=black, delays={"snapshot": 0.5, "artefacts": 0.25})
    stage = Stage(desktop=desktop)
    stage.sessions.delay("evidence", 2.0)
    report = await stage.run()
    assert report.fault is not None
    assert report.fault.reason is Reason.BLACK_FRAMES
    assert report.aside is not None
    assert as_dict(report)["aside"] == {
        "pictures_s": pytest.approx(0.5),
        "self_check_s": 0.0,
        "kubernetes_s": pytest.approx(2.0),
        "artefacts_s": pytest.approx(0.25),
    }
    assert report.duration_s > 32
    assert report.unaccounted_s == pytest.approx(0.0, abs=1e-6)


async def test_a_defect_in_keeping_is_told_and_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even an error of our own code leaves the functions; the observer hears of each."""
    desktop, observer = FakeDesktop(), FakeObserver()
    await desktop.open("http://desk.test/")

    async def fail(*_: object, **__: object) -> None:
        raise UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "surrogates not allowed")

    monkeypatch.setattr(desktop, "snapshot", fail)
    monkeypatch.setattr(desktop, "artefacts", fail)
    run = journal(observer)
    await picturing.picture(run, desktop, picturing.LAST)
    assert list(await picturing.page_artefacts(run, desktop)) == []
    assert [type(error) for error in observer.crashes] == [UnicodeEncodeError, UnicodeEncodeError]
    assert run.finish().outcome is Outcome.SUCCESS


async def test_what_the_browser_does_not_give_is_no_defect() -> None:
    """A page that died, or hangs, is told by the step that met it, and not as an error of our code."""
    observer = FakeObserver()
    for desktop in (FakeDesktop(snapshot=DEAD, artefacts=DEAD), FakeDesktop(snapshot=HANG, artefacts=HANG)):
        await desktop.open("http://desk.test/")
        await picturing.picture(journal(observer), desktop, picturing.LAST)
        assert list(await picturing.page_artefacts(journal(observer), desktop)) == []
    assert observer.crashes == []
