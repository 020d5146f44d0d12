"""One launched browser with its driver, from launch to end.

Both are started together and ended together: drivers grow in memory as browsers do, and a browser whose driver died
is of no use. One that hangs looks alive to driver and kernel alike, so it is asked, and has to be killed.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from playwright.async_api import Browser as PlaywrightBrowser
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Playwright, async_playwright

from prober.adapters.browser.calls import Calls
from prober.adapters.browser.faults import launch_fault, translated
from prober.adapters.browser.processes import ProcessTree, drivers
from prober.adapters.browser.scratch import Scratch
from prober.adapters.browser.selfcheck import BLANK_URL, check_page
from prober.adapters.browser.tab import Profile, Tab
from prober.domain.aside import SELF_CHECK_S
from prober.domain.errors import ProberFailed
from prober.domain.reasons import Reason
from prober.domain.selfcheck import SelfCheck
from prober.flow.ports.desktop import Login

_LAUNCH_S = 30.0
"""A browser that is not up by then will never be; Chromium needs about a second."""

_CLOSE_S = 5.0
"""How long the browser, then the driver, may take to end by themselves."""

_ASK_S = 0.5
"""How long a browser that hangs may take to end by itself. It is asked all the same: asked once more, by the driver's
own end, the driver kills it and removes its temporary files."""

_ARGUMENTS = (
    "--disable-background-networking",  # no update checks, no safe browsing: only the target is talked to
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",  # a second transport would make latencies incomparable
    "--mute-audio",
    "--no-first-run",
)
"""No flag eases autoplay: what stands in a user's way shall stand in ours."""


_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How browsers are launched.

    Attributes:
        executable: The browser's executable; `None` when none was found.
        sandbox: Whether Chromium's own sandbox is on; it needs user namespaces.
        arguments: Further command line arguments.
    """

    executable: Path | None
    sandbox: bool = False
    arguments: tuple[str, ...] = ()


class Generation:
    """A browser that runs; made by `launch`."""

    def __init__(
        self,
        *,
        driver: Playwright,
        browser: PlaywrightBrowser,
        processes: ProcessTree,
        scratch: Scratch,
        born_s: float,
        on_hang: Callable[["Generation"], None],
    ) -> None:
        self.browser = browser
        self.processes = processes
        self.born_s = born_s
        self.served = 0
        self.open = 0
        self._driver = driver
        self._scratch = scratch
        self._hangs = False
        self._on_hang = on_hang
        self._calls = Calls(on_hang=self._hung)

    @classmethod
    async def launch(cls, launch: Launch, *, on_hang: Callable[["Generation"], None]) -> "Generation":
        """Starts a driver with a browser.

        One launch at a time in a process: the driver is told from others by being new.

        Args:
            launch: How.
            on_hang: Told of the generation each time that its browser leaves a call without an answer.

        Raises:
            ProberFailed: `browser_missing` or `browser_crashed`.
        """
        if launch.executable is None:
            raise ProberFailed.because(Reason.BROWSER_MISSING, "no browser was found on this machine")
        before = await asyncio.to_thread(drivers)
        scratch = await asyncio.to_thread(_scratch)
        driver, processes = None, None
        try:
            driver = await _start_driver()
            started = await asyncio.to_thread(drivers) - before
            processes = ProcessTree(started.pop())
            browser = await _start_browser(driver, launch, artifacts=scratch.artifacts)
            await asyncio.to_thread(processes.refresh)
            scratch.note(await asyncio.to_thread(processes.arguments))
        except BaseException:
            await _end(driver=driver, browser=None, processes=processes)
            await asyncio.to_thread(scratch.remove)
            raise
        born = asyncio.get_running_loop().time()
        return cls(driver=driver, browser=browser, processes=processes, scratch=scratch, born_s=born, on_hang=on_hang)

    async def is_alive(self) -> bool:
        """Tells whether browser and driver live; the driver's death alone does not disconnect the browser."""
        return self.browser.is_connected() and await asyncio.to_thread(self.processes.driver_lives)

    async def check(self) -> None:
        """Asks the browser for a sign of life: a round trip over its debugging pipe, which touches no page.

        Raises:
            ProberFailed: `driver_error` when it does not answer, `browser_crashed` when it died.
        """
        with translated("asking the browser for a sign of life"):
            await self.finish(_round_trip(self.browser), name="browser-check")

    async def finish(self, call: Coroutine[Any, Any, _T], *, name: str) -> _T:
        """Makes a call that goes on to its end, as a task of that name, whether or not the caller still waits.

        Raises:
            ProberFailed: `driver_error` when no answer came in time: the browser hangs.
        """
        return await self._calls.outcome(self._calls.begin(call, name=name))

    def new_tab(self, profile: Profile, *, url: str) -> Tab:
        """Begins to make a page, in a context of its own, that is fit to open the URL."""
        return Tab.begin(self.browser, calls=self._calls, profile=profile, url=url)

    async def self_check(self) -> SelfCheck:
        """Checks in a page of its own whether the browser can do WebRTC; however it ends, that page is closed.

        Raises:
            ProberFailed: `browser_crashed` or `driver_error`.
        """
        try:
            async with asyncio.timeout(SELF_CHECK_S):
                return await self._check_itself()
        except TimeoutError:
            raise ProberFailed.because(
                Reason.DRIVER_ERROR, f"the browser did not end its self-check within {SELF_CHECK_S:g} s"
            ) from None

    async def _check_itself(self) -> SelfCheck:
        if not await asyncio.to_thread(self.processes.driver_lives):  # to its clients it looks like a browser's death
            raise ProberFailed.because(Reason.DRIVER_ERROR, "the browser's driver is gone")
        tab = self.new_tab(Profile(login=Login(), verify_tls=True, script=""), url=BLANK_URL)
        try:
            check = await check_page(await tab.page())
        finally:
            # A call as any other: it goes on to its end even when nobody waits for it.
            closing = self._calls.begin(tab.close(), name="self-check-end")
        await self._calls.outcome(closing)
        return check

    async def end(self) -> None:
        """Closes browser and driver, whatever state they are in; afterwards no process of theirs is left."""
        await asyncio.to_thread(self.processes.refresh)
        close_s = _ASK_S if self._hangs else _CLOSE_S
        await _end(driver=self._driver, browser=self.browser, processes=self.processes, close_s=close_s)
        await asyncio.to_thread(self._scratch.remove)
        await self._calls.end()

    def _hung(self) -> None:
        self._hangs = True
        self._on_hang(self)


async def _round_trip(browser: PlaywrightBrowser) -> None:
    session = await browser.new_browser_cdp_session()
    await session.detach()


async def _start_driver() -> Playwright:
    try:
        return await async_playwright().start()
    except Exception as error:  # the driver's start raises whatever its process met, of no common kind
        raise ProberFailed(launch_fault(error)) from error


def _scratch() -> Scratch:
    try:
        return Scratch()
    except OSError as error:
        raise ProberFailed(launch_fault(error)) from error


async def _start_browser(driver: Playwright, launch: Launch, *, artifacts: Path) -> PlaywrightBrowser:
    try:
        return await driver.chromium.launch(
            executable_path=launch.executable,
            artifacts_dir=artifacts,
            args=[*_ARGUMENTS, *launch.arguments],
            chromium_sandbox=launch.sandbox,
            headless=True,
            # Signals are the service's to handle: teardown still needs the browser after a SIGTERM.
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
            timeout=_LAUNCH_S * 1000,
        )
    except PlaywrightError as error:
        raise ProberFailed(launch_fault(error)) from None


async def _end(
    *,
    driver: Playwright | None,
    browser: PlaywrightBrowser | None,
    processes: ProcessTree | None,
    close_s: float = _CLOSE_S,
) -> None:
    if browser is not None:
        with suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(close_s):
                await browser.close()
    if driver is not None:
        with suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(_CLOSE_S):
                await driver.stop()
    if processes is not None:
        await processes.end()
