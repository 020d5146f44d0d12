"""The buttons between a user and the picture: raced against it, never waited for."""

import asyncio
import time

import pytest

from prober.adapters.browser import WarmBrowser
from prober.domain.client import Client
from prober.domain.errors import ProberFailed
from prober.domain.reasons import Reason
from tests.adapters.browser.seats import seat
from tests.adapters.browser.site import Site, eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

CLIENT = Client(name="two buttons", click=("#accept", "button.play"))
VIDEO = "<video id=v width=640 height=360 muted></video>"
SHOWN = "<script>showDesktop(v).then(() => v.play())</script>"
PLAY = """<button class=play onclick="window.clicks = (window.clicks ?? 0) + 1; v.play(); STAYS">Play</button>
  <script>showDesktop(v)</script>"""


@pytest.mark.parametrize("run", range(2), ids=["first run", "second run"])
@pytest.mark.parametrize(
    ("body", "clicked"),
    [(VIDEO + SHOWN, ()), (VIDEO + PLAY.replace("STAYS", "this.remove()"), ("button.play",))],
    ids=["without a button", "with a button"],
)
async def test_the_picture_comes_with_the_button_and_without(
    browser: WarmBrowser, site: Site, body: str, clicked: tuple[str, ...], run: int
) -> None:
    """In some runs the play button is there and in others not: both show a picture soon, and which it was is kept."""
    del run
    async with seat(browser, client=CLIENT) as desktop:
        assert await desktop.open(site.page(body)) == 200
        seen = await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
        assert seen.clicked == clicked


async def test_a_look_at_a_page_without_buttons_waits_for_none(browser: WarmBrowser, site: Site) -> None:
    """A button that is not there, or hidden, or covered for good, costs no waiting worth mentioning."""
    body = "<button id=accept style='display: none'></button><button class=play style='visibility: hidden'></button>"
    async with seat(browser, client=CLIENT) as desktop:
        await desktop.open(site.page(body))
        # To wait for both, as long as for one that is covered, would take five times as long.
        async with asyncio.timeout(6):
            for _ in range(30):
                assert (await desktop.first_frame()).clicked == ()


async def test_a_covered_button_is_not_clicked_and_holds_nothing_up(browser: WarmBrowser, site: Site) -> None:
    """What lies over a button is not clicked in its place, and the look goes on."""
    body = """<button class=play onclick="bad = 1">Play</button>
      <div style="position: fixed; inset: 0" onclick="bad = 1"></div>"""
    async with seat(browser, client=CLIENT) as desktop:
        await desktop.open(site.page(body))
        # The driver itself would wait for half a minute.
        async with asyncio.timeout(15):
            assert (await desktop.first_frame()).clicked == ()
            assert (await desktop.first_frame()).clicked == ()
        page = desktop._page  # type: ignore[attr-defined]  # only the page itself can tell
        assert await page.evaluate("window.bad ?? null") is None


async def test_a_button_may_start_the_connection(browser: WarmBrowser, site: Site) -> None:
    """Some pages connect on a click only: it is clicked before there is anything to see."""
    body = VIDEO + "<button class=play onclick='this.remove(); showDesktop(v).then(() => v.play())'>Start</button>"
    async with seat(browser, client=CLIENT) as desktop:
        await desktop.open(site.page(body))
        assert not (await desktop.connections()).peers
        await desktop.press_buttons()
        await eventually(desktop.connections, lambda seen: seen.connected())


async def test_a_button_that_stays_is_clicked_once_a_second(browser: WarmBrowser, site: Site) -> None:
    """A page that ignores the first click gets another one, and is not hammered."""
    body = "<button class=play onclick='window.clicks = (window.clicks ?? 0) + 1'>Play</button>"
    async with seat(browser, client=CLIENT) as desktop:
        await desktop.open(site.page(body))
        begin = time.monotonic()
        page = desktop._page  # type: ignore[attr-defined]  # only the page itself can tell

        async def clicks() -> int:
            await desktop.first_frame()
            return int(await page.evaluate("window.clicks ?? 0"))

        assert await eventually(clicks, lambda seen: seen >= 2) == 2
        assert time.monotonic() - begin >= 0.9


async def test_all_buttons_are_clicked_in_whichever_frame(browser: WarmBrowser, site: Site) -> None:
    """A consent in the page and a play button in its frame are both clicked, and the first that can be seen of each."""
    inner = site.page("<button class=play hidden></button>" + VIDEO + PLAY.replace("STAYS", "this.remove()"))
    consent = "<button id=accept onclick='this.remove()'>Accept</button>"
    outer = f"{consent}<iframe src={inner} width=700 height=420></iframe>"
    async with seat(browser, client=CLIENT) as desktop:
        await desktop.open(site.page(outer))
        seen = await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
        assert sorted(seen.clicked) == ["#accept", "button.play"]


async def test_a_selector_that_is_none_is_ours(browser: WarmBrowser, site: Site) -> None:
    """A mistake in the client's selectors is no fault of the desktop."""
    async with seat(browser, client=Client(name="odd", click=("button[",))) as desktop:
        await desktop.open(site.page(VIDEO))
        with pytest.raises(ProberFailed) as caught:
            await desktop.first_frame()
    assert caught.value.fault.reason is Reason.DRIVER_ERROR
