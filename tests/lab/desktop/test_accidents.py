"""Accidents come with a desktop, and what lasts goes with it."""

import asyncio
import os
from collections.abc import Callable

import aiohttp
import psutil
import pytest
from playwright.async_api import Browser, Page

from prober.lab.accident import Accident
from prober.lab.accidents.load import PER_CORE
from prober.lab.desktop import Behaviour, DesktopHost


def behaving(*accidents: Accident) -> Behaviour:
    """How a desktop behaves whose visitors something befalls."""
    return Behaviour(accidents=frozenset(accidents))


async def eventually(holds: Callable[[], bool]) -> None:
    """Waits for what nothing announces; looking takes milliseconds, so it is done in a thread."""
    async with asyncio.timeout(20):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0.05)


def stopped() -> bool:
    """Whether a browser of ours stands still."""
    statuses = []
    for child in psutil.Process().children(recursive=True):
        try:
            statuses.append(child.status())
        except psutil.NoSuchProcess:
            continue
    return psutil.STATUS_STOPPED in statuses


@pytest.mark.browser
async def test_a_browser_that_visits_is_killed_once_it_saw_the_desktop(
    host: DesktopHost, browser: Browser, page: Page
) -> None:
    """It is gone soon after the first frame, and not before."""
    desktop = host.open("s", "r", behaving(Accident.KILL_BROWSER))
    await page.goto(host.url_of("r"))
    await eventually(lambda: not browser.is_connected())
    assert (desktop.elapsed() or 0.0) >= 2.0


@pytest.mark.browser
async def test_a_browser_that_stands_still_goes_on_after_the_desktop(
    host: DesktopHost, browser: Browser, page: Page
) -> None:
    """It answers nothing while the session lives, and everything after."""
    host.open("s", "r", behaving(Accident.HANG_BROWSER))
    await page.goto(host.url_of("r"))
    await eventually(stopped)
    await host.close("s")
    await eventually(lambda: not stopped())
    assert await page.evaluate("1 + 1") == 2
    assert browser.is_connected()


@pytest.mark.browser
async def test_our_own_disk_is_never_filled(host: DesktopHost, page: Page, caplog: pytest.LogCaptureFixture) -> None:
    """Where lab and prober are one process nothing happens, and the log says so."""
    host.open("s", "r", behaving(Accident.FILL_DISK))
    await page.goto(host.url_of("r"))
    await eventually(lambda: "does not befall the visitor of s: the prober is the lab itself" in caplog.text)


async def test_nothing_befalls_a_client_that_is_no_browser(
    host: DesktopHost, http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever else opens the signalling is left alone."""
    host.open("s", "r", behaving(Accident.KILL_BROWSER, Accident.DRIVER_GONE, Accident.FILL_DISK))
    async with http.ws_connect(f"{host.url_of('r')}signalling"):
        await eventually(lambda: "nothing befalls the visitor of s" in caplog.text)


async def test_the_cpu_is_taken_while_the_desktop_is_open(host: DesktopHost) -> None:
    """Busy processes come with it and go with it; a host that ends leaves none."""
    number = PER_CORE * (os.cpu_count() or 1)
    before = len(psutil.Process().children())
    for session in ("closed", "left to the host"):
        host.open(session, "r", behaving(Accident.STARVE_CPU))
        await eventually(lambda: len(psutil.Process().children()) == before + number)
        if session == "closed":
            await host.close(session)
            await eventually(lambda: len(psutil.Process().children()) == before)
