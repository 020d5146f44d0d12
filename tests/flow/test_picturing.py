"""What the flow keeps of the browser, and that it never costs a run more than a moment."""

import asyncio

import pytest

from prober.domain.errors import ProberFailed
from prober.domain.reasons import Reason
from prober.flow.steps import picturing
from tests.fakes.browser import HANG, FakeDesktop

pytestmark = pytest.mark.looptime

DEAD = ProberFailed.because(Reason.BROWSER_CRASHED, "it died")


async def test_pictures_are_kept_under_their_names() -> None:
    """What was taken is among what the browser saw."""
    desktop = FakeDesktop()
    await desktop.open("http://desk.test/")
    await picturing.picture(desktop, picturing.FIRST_FRAME)
    await picturing.picture(desktop, picturing.WINDOW_END)
    names = [artefact.name for artefact in await picturing.page_artefacts(desktop)]
    assert names == ["browser.json", "first_frame.jpeg", "window_end.jpeg"]


async def test_a_picture_that_cannot_be_had_is_none() -> None:
    """No fault of the browser leaves the function."""
    desktop = FakeDesktop(snapshot=DEAD, artefacts=DEAD)
    await desktop.open("http://desk.test/")
    await picturing.picture(desktop, picturing.LAST)
    assert list(await picturing.page_artefacts(desktop)) == []


async def test_a_page_that_hangs_is_given_up_soon() -> None:
    """A picture takes three seconds at most, everything else five."""
    desktop = FakeDesktop(snapshot=HANG, artefacts=HANG)
    await desktop.open("http://desk.test/")
    begin = asyncio.get_running_loop().time()
    await picturing.picture(desktop, picturing.LAST)
    assert asyncio.get_running_loop().time() - begin == pytest.approx(3.0)
    assert list(await picturing.page_artefacts(desktop)) == []
    assert asyncio.get_running_loop().time() - begin == pytest.approx(8.0)


async def test_a_defect_in_keeping_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even an error of our own code leaves the functions."""
    desktop = FakeDesktop()
    await desktop.open("http://desk.test/")

    async def fail(*_: object, **__: object) -> None:
        raise UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "surrogates not allowed")

    monkeypatch.setattr(desktop, "snapshot", fail)
    monkeypatch.setattr(desktop, "artefacts", fail)
    await picturing.picture(desktop, picturing.LAST)
    assert list(await picturing.page_artefacts(desktop)) == []
