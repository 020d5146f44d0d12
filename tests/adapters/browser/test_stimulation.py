"""What keeps the desktop busy: seen as moving at every look, and nothing of it stays open."""

import asyncio
from typing import Any

import pytest

from prober.adapters.browser import WarmBrowser
from prober.domain.checks import Interruption
from prober.domain.client import CLIENTS, Client, Stimulus
from prober.flow.ports import Desktop
from tests.adapters.browser.seats import seat
from tests.adapters.browser.site import Site, eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

MENU_ONLY = Client(name="menus", stimulus=CLIENTS["selkies"].stimulus)
PAGE = """<video id=v width=1280 height=720 muted autoplay></video>
  <script>
    showDesktop(v).then((shown) => openMenus(v, shown));
    window.heard = [];
    const hear = (what) => { heard.push(what); console.log(what); };
    window.addEventListener("pointerdown", ({button}) => hear(`button ${button}`));
    window.addEventListener("keydown", ({key}) => hear(key));
    window.addEventListener("pointermove", ({x, y}) => (window.moves ??= []).push([x, y]));
  </script>"""


def _page(desktop: Desktop) -> Any:
    return desktop._page  # type: ignore[attr-defined]  # only the page itself can tell


async def _opened(desktop: Desktop, site: Site) -> None:
    assert await desktop.open(site.page(PAGE)) == 200
    await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)


async def _given_up(desktop: Desktop, *, after_s: float) -> None:
    task = asyncio.create_task(desktop.stimulate(Stimulus.CLIENT, for_s=10))
    await asyncio.wait({task}, timeout=after_s)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_the_pointer_goes_on_where_it_was(site: Site, desktop: Desktop) -> None:
    """From call to call it keeps circling, and no two calls end at one place."""
    await _opened(desktop, site)
    ends = []
    for _ in range(3):
        await desktop.stimulate(Stimulus.POINTER, for_s=0.3)
        ends.append(tuple((await _page(desktop).evaluate("moves.splice(0)"))[-1]))
    assert len(set(ends)) == 3
    assert all(abs(x - 640) < 60 and abs(y - 360) < 60 for x, y in ends)


async def test_typed_letters_are_removed_before_anything_else(site: Site, desktop: Desktop) -> None:
    """Letter after letter comes, goes again, and what is left of a run goes before another input."""
    await _opened(desktop, site)
    await desktop.stimulate(Stimulus.TYPING, for_s=0.2)
    await desktop.stimulate(Stimulus.TYPING, for_s=0.2)
    typed = await _page(desktop).evaluate("heard.splice(0)")
    assert set(typed) == {"m"}
    assert len(typed) > 1
    await desktop.try_input(timeout_s=0.5)
    heard = await _page(desktop).evaluate("heard.splice(0)")
    assert heard == ["Backspace"] * len(typed) + ["button 2", "Escape"]


async def test_a_run_of_letters_turns_round(site: Site, desktop: Desktop) -> None:
    """A run has so many letters and no more, then they go one by one."""
    await _opened(desktop, site)
    while len(heard := await _page(desktop).evaluate("heard")) < 50:
        await desktop.stimulate(Stimulus.TYPING)
    assert heard[:50] == ["m"] * 24 + ["Backspace"] * 24 + ["m"] * 2


async def test_a_menu_is_swept_over_and_closed(browser: WarmBrowser, site: Site) -> None:
    """It stays open across calls, nothing is pressed while it is, and what was given up is ended first of all."""
    async with seat(browser, client=MENU_ONLY) as desktop:
        await _opened(desktop, site)
        await desktop.stimulate(Stimulus.CLIENT, for_s=0.5)
        assert await _page(desktop).evaluate("heard") == ["button 2"]
        assert await _page(desktop).evaluate("moves.length") > 3
        for moment_s in (0.01, 0.3, 2.2, 0.6):
            await _given_up(desktop, after_s=moment_s)
        await desktop.try_input(timeout_s=0.5)
        heard = await _page(desktop).evaluate("heard")
    assert len(heard) >= 4
    assert heard == ["button 2", "Escape"] * (len(heard) // 2)


async def test_a_menu_is_closed_before_the_page_is(browser: WarmBrowser, site: Site) -> None:
    """A run that is given up leaves no menu open: the page's last input is the key that closes it."""
    heard: list[str] = []
    async with seat(browser, client=MENU_ONLY) as desktop:
        await _opened(desktop, site)
        _page(desktop).on("console", lambda message: heard.append(message.text))
        await _given_up(desktop, after_s=0.5)
    assert heard == ["button 2", "Escape"]


async def test_a_menu_is_closed_before_a_reload(browser: WarmBrowser, site: Site) -> None:
    """What the page forgets would stay open on the desktop."""
    heard: list[str] = []
    async with seat(browser, client=MENU_ONLY) as desktop:
        await _opened(desktop, site)
        _page(desktop).on("console", lambda message: heard.append(message.text))
        await desktop.stimulate(Stimulus.CLIENT, for_s=0.4)
        await desktop.interrupt(Interruption.RELOAD, outage_s=0)
        assert heard == ["button 2", "Escape"]
