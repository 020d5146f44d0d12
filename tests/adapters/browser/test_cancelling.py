"""Budgets are the flow's: every call can be given up at any moment, without a trace."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
import pytest_asyncio

from prober.adapters.browser import WarmBrowser
from prober.domain.client import Stimulus
from prober.flow.ports import Desktop
from tests.adapters.browser.conftest import OpenPage
from tests.adapters.browser.seats import seat
from tests.adapters.browser.site import Site, eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

DESKTOP = """<video id=v width=1280 height=720 muted autoplay></video>
  <script>showDesktop(v).then((shown) => openMenus(v, shown))</script>"""
MOMENTS_S = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)

Call = Callable[[Desktop], Coroutine[Any, Any, object]]


@pytest_asyncio.fixture(loop_scope="module")
async def complaints() -> AsyncIterator[list[str]]:
    """What the event loop had to complain about during the test."""
    heard: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: heard.append(str(context)))
    yield heard
    loop.set_exception_handler(None)


@pytest.mark.parametrize(
    "call",
    [
        lambda desktop: desktop.connections(),
        lambda desktop: desktop.first_frame(),
        lambda desktop: desktop.sample(),
        lambda desktop: desktop.stimulate(Stimulus.POINTER),
        lambda desktop: desktop.stimulate(Stimulus.TYPING),
        lambda desktop: desktop.look(),
        lambda desktop: desktop.identity(),
        lambda desktop: desktop.try_input(timeout_s=1),
    ],
    ids=["connections", "first_frame", "sample", "pointer", "typing", "look", "identity", "try_input"],
)
async def test_a_call_that_is_given_up_leaves_nothing(open_page: OpenPage, call: Call, complaints: list[str]) -> None:
    """Cancelled early or late, a call leaves no complaint and a page that still answers."""
    desktop = await open_page(DESKTOP)
    await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    for moment_s in MOMENTS_S:
        await _give_up(call(desktop), after_s=moment_s)
    assert (await desktop.sample()).frames_rendered
    await desktop.close()
    await _settled()
    assert complaints == []


async def test_an_opening_that_is_given_up_leaves_nothing(
    browser: WarmBrowser, site: Site, complaints: list[str]
) -> None:
    """A navigation, or a context in the making, is closed with the desktop."""
    for moment_s in MOMENTS_S:
        async with seat(browser) as desktop:
            await _give_up(desktop.open(f"{site.origin}/slow"), after_s=moment_s)
    await _settled()
    assert complaints == []
    assert browser._current is not None
    assert browser._current.browser.contexts == []


async def _give_up(call: Coroutine[Any, Any, object], *, after_s: float) -> None:
    task = asyncio.create_task(call)
    await asyncio.wait({task}, timeout=after_s)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _settled() -> None:
    """Lets late answers arrive, and futures that nobody asked be collected, which is when they complain."""
    await asyncio.sleep(0.2)
    gc.collect()
    await asyncio.sleep(0)
