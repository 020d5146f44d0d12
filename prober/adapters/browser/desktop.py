"""One page that shows one session's desktop.

Every navigation begins in a tab of its own. How long things may take is the flow's business, which cancels.
"""

from itertools import product

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from prober.adapters.browser.collector import ask, ask_frames
from prober.adapters.browser.connections import parse_connections
from prober.adapters.browser.faults import is_leaving, is_unauthorised, navigation_fault, translated
from prober.adapters.browser.generation import Generation
from prober.adapters.browser.pointer import Pointer
from prober.adapters.browser.stats import busiest, parse_first_frame, parse_sample
from prober.adapters.browser.tab import Profile, Tab
from prober.domain.checks import Interruption
from prober.domain.client import Client, Stimulus
from prober.domain.connection import Connections
from prober.domain.errors import ProberFailed, failed
from prober.domain.picture import FirstFrame, Look
from prober.domain.reasons import Reason
from prober.domain.report import NetworkPath
from prober.domain.stream import StreamSample
from prober.flow.ports.desktop import Desktop, PageIdentity

_UNAUTHORISED = 401

_CLICK_MS = 1000
"""How long a visible play button may resist a click; the next look tries again."""


class PageDesktop(Desktop):
    """A desktop in a page of a running browser."""

    def __init__(self, *, generation: Generation, client: Client, profile: Profile) -> None:
        self._generation = generation
        self._client = client
        self._profile = profile
        self._tab: Tab | None = None
        self._page: Page | None = None
        self._pointer: Pointer | None = None
        self._closed = False

    async def open(self, url: str) -> int:
        """Makes a fresh tab, then navigates in it; see the port."""
        if self._closed:
            raise ProberFailed.because(Reason.DRIVER_ERROR, "the page is closed")
        await self._close_tab()
        self._tab = self._generation.new_tab(self._profile, url=url)
        self._page = await self._tab.page()
        self._pointer = Pointer(self._page, undo_key=self._client.undo[0].text)
        return await _navigate(self._page, url)

    async def load_timings(self) -> dict[str, float]:
        """Reads the page's Navigation Timing entry."""
        entry = await ask(self._opened().main_frame, "loading") or {}
        return {name: milliseconds / 1000 for name, milliseconds in entry.items() if milliseconds}

    async def connections(self) -> Connections:
        """Reads what the scripts in the page kept."""
        return Connections() if self._page is None else parse_connections(await ask_frames(self._page, "connections"))

    async def first_frame(self) -> FirstFrame:
        """Presses the play button where there is one, then reads what was presented."""
        if self._page is None:
            return FirstFrame()
        await self._press_play(self._page)
        return parse_first_frame(await ask_frames(self._page, "firstFrame"))

    async def sample(self) -> StreamSample:
        """Reads the counters of now, with a look at the pixels once a second."""
        return parse_sample(await ask_frames(self._opened(), "sample"))

    async def describe_path(self) -> tuple[NetworkPath | None, str | None]:
        """Reads the selected candidate pair and the codec."""
        answers = await ask_frames(self._opened(), "statistics")
        statistics = busiest([answer.value for answer in answers])
        return statistics.path, statistics.codec

    async def identity(self) -> PageIdentity:
        """Looks for what the client is recognised by."""
        page = self._opened()
        with translated("looking at the page"):
            return PageIdentity(recognised=True, title=await page.title())

    async def look(self) -> Look | None:
        """Reads the picture coarsely."""
        self._opened()
        return None

    async def interrupt(self, by: Interruption, *, outage_s: float) -> None:
        """Reloads the page, or takes its network away for a while."""
        raise NotImplementedError

    async def stimulate(self, stimulus: Stimulus) -> None:
        """Moves the pointer in a small circle."""
        self._opened()
        if self._pointer is not None and stimulus is not Stimulus.NONE:
            await self._pointer.circle()

    async def try_input(self, *, timeout_s: float) -> float | None:
        """Right-clicks a quiet spot and times the first change there."""
        self._opened()
        return None if self._pointer is None else await self._pointer.try_input(timeout_s=timeout_s)

    async def close(self) -> None:
        """Closes the tab; see the port."""
        self._closed = True
        await self._close_tab()

    def _opened(self) -> Page:
        if self._page is None:
            raise ProberFailed.because(Reason.DRIVER_ERROR, "no page is open")
        return self._page

    async def _press_play(self, page: Page) -> None:
        for frame, selector in product(page.frames, self._client.click):
            button = frame.locator(selector).first
            with translated("pressing the play button"):
                try:
                    if await button.is_visible():
                        await button.click(timeout=_CLICK_MS)
                except PlaywrightTimeoutError:
                    continue
                except PlaywrightError as error:
                    if not is_leaving(error):
                        raise

    async def _close_tab(self) -> None:
        tab, self._tab, self._page, self._pointer = self._tab, None, None, None
        if tab is not None:
            await tab.close()


async def _navigate(page: Page, url: str) -> int:
    with translated("opening the session's URL"):
        try:
            response = await page.goto(url, wait_until="load")
        except PlaywrightError as error:
            if is_unauthorised(error):
                return _UNAUTHORISED
            fault = navigation_fault(error)
            if fault is None:
                raise
            raise failed(fault) from None
    if response is None:
        raise ProberFailed.because(Reason.DRIVER_ERROR, "the navigation had no answer of its own")
    return response.status
