"""One page that shows one session's desktop.

Every navigation begins in a fresh browser context, as a private window does: nothing of one session is seen by
another. The context knows the credentials for the URL's own origin only. Playwright's deadlines are off: budgets are
the flow's, which cancels.
"""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from playwright.async_api import Browser as PlaywrightBrowser
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import HttpCredentials, Page
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from prober.adapters.browser.collector import ask, ask_frames
from prober.adapters.browser.connections import parse_connections
from prober.adapters.browser.faults import is_leaving, is_unauthorised, navigation_fault, translated
from prober.adapters.browser.pointer import Pointer
from prober.adapters.browser.stats import busiest, parse_first_frame, parse_sample
from prober.domain.connection import Connections
from prober.domain.errors import ProberFailed, failed
from prober.domain.picture import FirstFrame
from prober.domain.reasons import Reason
from prober.domain.report import NetworkPath
from prober.domain.stream import StreamSample
from prober.domain.target import Client
from prober.flow.ports.desktop import Desktop, Login

_VIEWPORT_WIDTH = 1280
_VIEWPORT_HEIGHT = 720
_UNAUTHORISED = 401

_CLICK_MS = 1000
"""How long a visible play button may resist a click; the next look tries again."""

_CLOSE_S = 5.0
"""How long a page may take to close; a browser that needs longer is ended with all its processes later."""


class PageDesktop(Desktop):
    """A desktop in a page of a running browser."""

    def __init__(
        self,
        *,
        browser: PlaywrightBrowser,
        client: Client,
        login: Login,
        verify_tls: bool,
        script: str,
    ) -> None:
        self._browser = browser
        self._client = client
        self._login = login
        self._verify_tls = verify_tls
        self._script = script
        self._making: asyncio.Task[Page] | None = None
        self._page: Page | None = None
        self._pointer: Pointer | None = None
        self._closed = False

    async def open(self, url: str) -> int:
        """Navigates in a fresh context; see the port."""
        if self._closed:
            raise ProberFailed.because(Reason.DRIVER_ERROR, "the page is closed")
        await self._close_context()
        # A context in the making cannot be given up without leaving it in the browser: it is made, then closed.
        self._making = asyncio.create_task(self._make_page(url), name="browser-context")
        with translated("opening a page"):
            page = await asyncio.shield(self._making)
        self._page = page
        self._pointer = Pointer(page, undo_key=self._client.input_key_undo)
        return await _navigate(page, url)

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

    async def stimulate(self) -> None:
        """Moves the pointer in a small circle."""
        self._opened()
        if self._pointer is not None:
            await self._pointer.circle()

    async def try_input(self, *, timeout_s: float) -> float | None:
        """Right-clicks a quiet spot and times the first change there."""
        self._opened()
        return None if self._pointer is None else await self._pointer.try_input(timeout_s=timeout_s)

    async def close(self) -> None:
        """Closes the context with its page; see the port."""
        self._closed = True
        await self._close_context()

    def _opened(self) -> Page:
        if self._page is None:
            raise ProberFailed.because(Reason.DRIVER_ERROR, "no page is open")
        return self._page

    async def _make_page(self, url: str) -> Page:
        context = await self._browser.new_context(
            viewport={"width": _VIEWPORT_WIDTH, "height": _VIEWPORT_HEIGHT},
            locale="en-US",
            ignore_https_errors=not self._verify_tls,
            http_credentials=self._credentials(url),
            accept_downloads=False,
        )
        context.set_default_timeout(0)
        context.set_default_navigation_timeout(0)
        await context.add_init_script(self._script)
        return await context.new_page()

    def _credentials(self, url: str) -> HttpCredentials | None:
        if self._login.username is None or self._login.password is None:
            return None
        parts = urlsplit(url)
        return {
            "username": self._login.username,
            "password": self._login.password.reveal(),
            "origin": f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
        }

    async def _press_play(self, page: Page) -> None:
        if self._client.play_button is None:
            return
        for frame in page.frames:
            button = frame.locator(self._client.play_button).first
            with translated("pressing the play button"):
                try:
                    if await button.is_visible():
                        await button.click(timeout=_CLICK_MS)
                except PlaywrightTimeoutError:
                    continue
                except PlaywrightError as error:
                    if not is_leaving(error):
                        raise

    async def _close_context(self) -> None:
        making, self._making, self._page, self._pointer = self._making, None, None, None
        if making is None:
            return
        with suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(_CLOSE_S):
                page = await making
                await page.context.close()


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
