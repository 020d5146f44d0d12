"""Relay-only visitors of a desktop, in Chromium: what the browser itself says."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright

from prober.adapters.browser import find_executable
from prober.lab.desktop import Behaviour, Credentials, DesktopHost
from prober.lab.turn import Relay, Turn, TurnAccess

pytestmark = [pytest.mark.browser, pytest.mark.turn]

GATHERING = Path(__file__).with_name("gathering.js")
CREDENTIALS = Credentials(username="probe", password="correct horse")
SILENCE_MS = 2000
"""What a sound server takes 60 ms for does not happen within this."""


@pytest.fixture(scope="session")
def executable() -> Path | None:
    """The browser that the prober would use."""
    return find_executable(os.environ)


@pytest.fixture
async def page(executable: Path | None) -> AsyncIterator[Page]:
    """A page whose peer connections are relay-only."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        context = await browser.new_context(
            http_credentials={"username": CREDENTIALS.username, "password": CREDENTIALS.password}
        )
        page = await context.new_page()
        await page.add_init_script(path=GATHERING)
        yield page
        await browser.close()


@pytest.fixture
async def host(relay: Relay) -> AsyncIterator[DesktopHost]:
    """Where the desktops are; it ends first, for what was lent to its desktops is given back to a running server."""
    async with DesktopHost(credentials=CREDENTIALS) as running:
        yield running


async def visit(page: Page, *, host: DesktopHost, relay: Relay, turn: Turn) -> TurnAccess:
    """Opens a desktop and the page on it; returns what the page is told about TURN."""
    handout = await relay.handout(turn)
    assert handout is not None
    host.open("session-1", "ann", Behaviour(turn=turn), turn=handout)
    await page.goto(host.url_of("ann"))
    await page.wait_for_function("window.connection?.iceGatheringState !== 'new'")
    return handout.visitors


async def test_frames_are_relayed_from_end_to_end(page: Page, host: DesktopHost, relay: Relay) -> None:
    """The chosen pair is relay and relay, and frames are seen at the desktop's rate."""
    await visit(page, host=host, relay=relay, turn=Turn.NORMAL)
    await page.wait_for_function("document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames > 30")
    assert await page.evaluate("pair()") == ["relay", "relay"]
    assert set(await page.evaluate("gathered.candidates")) == {"relay"}
    assert await page.evaluate("gathered.errors") == []


async def test_a_wrong_password_is_refused_by_name(page: Page, host: DesktopHost, relay: Relay) -> None:
    """The browser says 401 with the server's address, then ends gathering with nothing."""
    told = await visit(page, host=host, relay=relay, turn=Turn.BAD_CREDENTIALS)
    await page.wait_for_function("connection.iceGatheringState === 'complete'")
    assert await page.evaluate("gathered") == {"errors": [[401, told.url]], "candidates": []}


async def test_a_server_that_is_down_is_waited_for_in_silence(page: Page, host: DesktopHost, relay: Relay) -> None:
    """No candidate comes, nor an error: the browser still gathers when a sound server would have answered long ago."""
    await visit(page, host=host, relay=relay, turn=Turn.DOWN)
    await page.wait_for_timeout(SILENCE_MS)  # a time in which nothing may happen, no synchronisation
    assert await page.evaluate("gathered") == {"errors": [], "candidates": []}
    assert await page.evaluate("connection.iceGatheringState") == "gathering"
