"""A browser that is there when a run needs it.

Launched by `start` or by the first run, and kept: a launch takes a second that no user of the platform waits for.
Replaced when it crashed or hangs, after so many desktops, or at an age, because browsers and drivers grow in memory.
One that still shows desktops is replaced for newcomers at once, and ends with its last desktop; one that hangs is
ended under them, since they would never hear from it again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from prober.adapters.browser.collector import init_script
from prober.adapters.browser.desktop import PageDesktop
from prober.adapters.browser.generation import Generation, Launch
from prober.adapters.browser.recording import Recording
from prober.adapters.browser.tab import Profile
from prober.domain.client import Client
from prober.domain.errors import ProbeError, ProberFailed
from prober.domain.masking import Mask
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.selfcheck import SelfCheck
from prober.domain.transport import NetworkPolicy
from prober.flow.ports.desktop import Browser, Desktop, Login

DESKTOPS_PER_BROWSER = 50
"""Desktops after which a browser is replaced: a few hours of runs, long before growth matters."""

BROWSER_AGE_S = 6 * 3600.0
"""Age at which a browser is replaced, in seconds."""


_LOGINS = {
    False: "none: the desktop is opened without credentials",
    True: "HTTP Basic: the browser answers the challenge, and no form is shown of which there could be a picture",
}
"""What is said of the login in the evidence."""


class WarmBrowser(Browser):
    """One Chromium at a time, a context of its own for each desktop."""

    def __init__(
        self,
        *,
        executable: Path | None,
        sandbox: bool = False,
        arguments: tuple[str, ...] = (),
        desktops_per_browser: int = DESKTOPS_PER_BROWSER,
        browser_age_s: float = BROWSER_AGE_S,
        on_launch: Callable[[str], None] | None = None,
        mask: Mask = str,
    ) -> None:
        """Prepares; nothing is launched yet.

        Args:
            executable: The browser; `None` makes every launch fail with `browser_missing`.
            sandbox: Whether Chromium's own sandbox is on.
            arguments: Further command line arguments of the browser.
            desktops_per_browser: How many desktops one browser shows.
            browser_age_s: How old a browser gets, in seconds.
            on_launch: Told the outcome of each launch, `success` or `error`.
            mask: Returns a text without the secrets that are known; everything that is kept of a page passes it.
        """
        self._launch = Launch(executable=executable, sandbox=sandbox, arguments=arguments)
        self._desktops_per_browser = desktops_per_browser
        self._browser_age_s = browser_age_s
        self._on_launch = on_launch or (lambda _: None)
        self._mask = mask
        self._current: Generation | None = None
        self._generations: set[Generation] = set()
        self._launching: asyncio.Task[Generation] | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._stopped = False

    async def start(self) -> None:
        """Launches the browser ahead of the first run.

        Raises:
            ProberFailed: `browser_missing` or `browser_crashed`.
        """
        self._stopped = False
        await self._usable()

    async def stop(self) -> None:
        """Ends every browser, with its desktops; afterwards no process of ours is left."""
        self._stopped = True
        if self._launching is not None:
            with suppress(ProbeError):
                await asyncio.shield(self._launching)
        for generation in list(self._generations):
            self._end(generation)
        self._current = None
        while self._ending:
            await asyncio.wait(self._ending)

    def process_count(self) -> int:
        """Returns how many processes of ours run, the driver's included; reads /proc, so call it from a thread."""
        return sum(len(generation.processes.living()) for generation in tuple(self._generations))

    @asynccontextmanager
    async def desktop(
        self,
        *,
        client: Client,
        login: Login,
        verify_tls: bool,
        blank_luma: float,
        network: NetworkPolicy,
        outages: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[Desktop]:
        """Shows one desktop of a browser that answers; see the port."""
        script = await asyncio.to_thread(init_script, blank_luma=blank_luma, network=network, element=client.element)
        profile = Profile(login=login, verify_tls=verify_tls, script=script, outages=outages, headers=headers or {})
        generation = await self._usable()
        generation.served += 1
        with self._in_use(generation):
            await generation.check()
            recording = Recording(mask=self._mask, login=_LOGINS[login.username is not None])
            desktop = PageDesktop(generation=generation, client=client, profile=profile, recording=recording)
            try:
                yield desktop
            finally:
                await desktop.close()
                await asyncio.to_thread(generation.processes.refresh)

    async def self_check(self, *, launch: bool = True) -> SelfCheck:
        """Checks the browser of now; see the port."""
        generation = self._current
        if generation is None and (launch or self._launching is not None):
            generation = await self._usable()
        if generation is None:
            raise ProberFailed.because(Reason.DRIVER_ERROR, "no browser runs that could be checked")
        with self._in_use(generation):
            return await generation.self_check()

    @contextmanager
    def _in_use(self, generation: Generation) -> Iterator[None]:
        generation.open += 1
        try:
            yield
        finally:
            generation.open -= 1
            self._tidy()

    async def _usable(self) -> Generation:
        if self._stopped:
            raise ProberFailed.because(Reason.DRIVER_ERROR, "the browser was stopped")
        current = self._current
        if current is not None and await self._serves(current) and self._current is current:
            return current
        if self._launching is None:
            self._current = None
            self._tidy()
            self._launching = asyncio.create_task(self._replace(), name="browser-launch")
        # A run that is cancelled meanwhile leaves the launch to the next one.
        return await asyncio.shield(self._launching)

    async def _replace(self) -> Generation:
        try:
            generation = await Generation.launch(self._launch, on_hang=self._abandon)
        except ProbeError:
            self._on_launch(Outcome.ERROR.value)
            raise
        finally:
            self._launching = None
        self._on_launch(Outcome.SUCCESS.value)
        self._generations.add(generation)
        self._current = generation
        return generation

    async def _serves(self, generation: Generation) -> bool:
        age = asyncio.get_running_loop().time() - generation.born_s
        worn = generation.served >= self._desktops_per_browser or age >= self._browser_age_s
        return not worn and await generation.is_alive()

    def _tidy(self) -> None:
        """Ends the browsers that newcomers no longer get, as soon as their last desktop is closed."""
        for generation in list(self._generations):
            if generation is not self._current and generation.open == 0:
                self._end(generation)

    def _abandon(self, generation: Generation) -> None:
        """Ends a browser that hangs, whoever still uses it."""
        if self._current is generation:
            self._current = None
        if generation in self._generations:
            self._end(generation)

    def _end(self, generation: Generation) -> None:
        self._generations.discard(generation)
        task = asyncio.create_task(generation.end(), name="browser-end")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
