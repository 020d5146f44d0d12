"""A browser that hangs looks alive to kernel and driver: it is found out, replaced, and never the target's fault."""

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.async_api import Page

from prober.adapters.browser import WarmBrowser
from prober.adapters.browser.desktop import PageDesktop
from prober.adapters.browser.recording import Recording
from prober.domain.errors import ProberFailed
from prober.domain.reasons import Reason
from tests.adapters.browser.family import browsers, children, drivers
from tests.adapters.browser.seats import seat
from tests.adapters.browser.site import Site, eventually

pytestmark = pytest.mark.browser

WITHIN_S = 10.0
"""A hung browser is found out in five seconds; the rest is for a machine that is busy with other tests."""


Who = Callable[[], list[psutil.Process]]
"""Finds processes of one kind."""


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """A page on loopback."""
    async with Site() as site:
        yield site.page("<h1>desk</h1>")


@pytest.fixture
async def browser(executable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WarmBrowser]:
    """A warm browser; whatever befell it, after its stop neither a process nor a complaint is left."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = await asyncio.to_thread(children)
    complaints: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(str(context)))
    browser = WarmBrowser(executable=executable)
    await browser.start()
    yield browser
    await browser.stop()
    assert await asyncio.to_thread(children) == before
    gc.collect()  # which is when futures complain that nobody asked
    await asyncio.sleep(0)
    assert complaints == []


@pytest.mark.parametrize("who", [browsers, drivers], ids=["browser", "driver"])
async def test_a_hung_browser_gives_no_desktop(browser: WarmBrowser, url: str, who: Who) -> None:
    """Asked for a desktop it is found out before a session is created, and the next desktop is another browser's."""
    await _visit(browser, url)
    hung = await _suspended(who)
    with pytest.raises(ProberFailed) as caught:
        async with asyncio.timeout(WITHIN_S), seat(browser):
            pytest.fail("a hung browser gave a desktop")
    assert caught.value.fault.reason is Reason.DRIVER_ERROR
    assert "does not answer" in caught.value.fault.summary
    await _visit(browser, url)
    await _gone(hung)


async def test_a_browser_that_hangs_before_the_page_is_made_is_ours(
    browser: WarmBrowser, url: str, tmp_path: Path
) -> None:
    """Opening a page in it fails in the adapter's own time; to close it is no fault, and its files are gone too."""
    async with seat(browser) as desktop:
        hung = await _suspended(browsers)
        with pytest.raises(ProberFailed) as caught:
            async with asyncio.timeout(WITHIN_S):
                await desktop.open(url)
        assert caught.value.fault.reason is Reason.DRIVER_ERROR
        await _gone(hung)
        await _visit(browser, url)
    await browser.stop()
    assert await asyncio.to_thread(os.listdir, tmp_path) == []


@pytest.mark.parametrize(
    "wish", [{"headers": {"X-Probe-Run-Id": "1"}}, {"outages": True}], ids=["marked requests", "outages"]
)
async def test_a_browser_that_hangs_before_the_page_is_prepared_is_ours(
    browser: WarmBrowser, url: str, wish: dict[str, Any]
) -> None:
    """What is asked of it between making a page and opening the URL fails in the adapter's own time too."""
    await _visit(browser, url)
    hung = await asyncio.to_thread(browsers)

    class Suspending(Recording):
        def listen(self, page: Page) -> None:
            super().listen(page)
            for process in hung:
                os.kill(process.pid, signal.SIGSTOP)  # psutil's own way reads files

    async with seat(browser, **wish) as desktop:
        assert isinstance(desktop, PageDesktop)
        desktop._recording = Suspending()
        with pytest.raises(ProberFailed) as caught:
            async with asyncio.timeout(WITHIN_S):
                await desktop.open(url)
        assert caught.value.fault.reason is Reason.DRIVER_ERROR
        assert "does not answer" in caught.value.fault.summary
        await _gone(hung)
    await _visit(browser, url)


async def test_an_opening_that_is_given_up_in_a_hung_browser_leaves_nothing(browser: WarmBrowser, url: str) -> None:
    """Cancelled while the page is in the making, it is found out by the close, which does not wait for ever."""
    async with seat(browser) as desktop:
        hung = await _suspended(browsers)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await desktop.open(url)
        with pytest.raises(ProberFailed):
            async with asyncio.timeout(WITHIN_S):
                await desktop.close()
    await _visit(browser, url)
    await _gone(hung)


async def test_a_hung_browser_ends_under_all_its_desktops(browser: WarmBrowser, url: str) -> None:
    """A page that does not close takes its browser along, logged in or not, and who waits there hears of a crash."""
    async with seat(browser) as first, seat(browser) as second:
        await first.open(url)
        await second.open(url)
        hung = await _suspended(browsers)
        waiting = asyncio.create_task(second.open(url), name="second opening")
        with pytest.raises(ProberFailed) as caught:
            async with asyncio.timeout(WITHIN_S):
                await first.close()
        assert caught.value.fault.reason is Reason.DRIVER_ERROR
        with pytest.raises(ProberFailed):
            await waiting
        await _gone(hung)
        with pytest.raises(ProberFailed) as caught:
            await second.open(url)
        assert caught.value.fault.reason is Reason.BROWSER_CRASHED
    await _visit(browser, url)


async def _visit(browser: WarmBrowser, url: str) -> None:
    async with seat(browser) as desktop:
        assert await desktop.open(url) == 200


async def _suspended(who: Who) -> list[psutil.Process]:
    """Stops the processes of that kind, as if they hung."""
    processes = await asyncio.to_thread(who)
    for process in processes:
        process.suspend()
    return processes


async def _gone(processes: list[psutil.Process]) -> None:
    """Waits until the processes have ended, for which nobody waits in the prober."""

    async def running() -> list[psutil.Process]:
        return [process for process in processes if await asyncio.to_thread(process.is_running)]

    await eventually(running, lambda left: left == [], within_s=20.0)
