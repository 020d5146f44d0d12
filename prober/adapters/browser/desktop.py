"""One page that shows one session's desktop.

Every navigation begins in a tab of its own. How long things may take is the flow's business, which cancels.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from playwright.async_api import Page

from prober.adapters.browser.buttons import Buttons
from prober.adapters.browser.collector import ask, ask_frames, ask_pictures, find_picture
from prober.adapters.browser.connections import read_connections
from prober.adapters.browser.generation import Generation
from prober.adapters.browser.hands import Hands
from prober.adapters.browser.marking import mark_requests
from prober.adapters.browser.navigation import navigate, reload
from prober.adapters.browser.outage import Outage
from prober.adapters.browser.reactions import Reactions
from prober.adapters.browser.recognition import identify
from prober.adapters.browser.recording import Recording
from prober.adapters.browser.statistics import busiest
from prober.adapters.browser.stats import parse_first_frame, parse_sample
from prober.adapters.browser.stimulation import Stimulation
from prober.adapters.browser.tab import Profile, Tab
from prober.domain.artefacts import Artefact
from prober.domain.checks import Interruption
from prober.domain.client import Client, Stimulus
from prober.domain.connection import Connections
from prober.domain.errors import ProberFailed
from prober.domain.input import InputTry
from prober.domain.picture import FirstFrame, Look
from prober.domain.reasons import Reason
from prober.domain.report import NetworkPath
from prober.domain.selfcheck import SelfCheck
from prober.domain.stream import StreamSample
from prober.flow.ports.desktop import STIMULUS_S, Desktop, PageIdentity

_CUT_S = 0.5
"""How long packets that were under way may still arrive after the network is gone."""

_LET_GO_S = 1.0
"""How long ending a stimulus may take before the tab is closed, in seconds; a page that hangs lets nobody end it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _User:
    """Who uses a document, and what of it they know; another one for each document."""

    stimulation: Stimulation
    reactions: Reactions
    buttons: Buttons

    @classmethod
    def of(cls, page: Page, client: Client) -> "_User":
        hands = Hands(page)
        return cls(
            stimulation=Stimulation(hands=hands, client=client),
            reactions=Reactions(page, hands=hands, client=client),
            buttons=Buttons(client.click),
        )


class PageDesktop(Desktop):
    """A desktop in a page of a running browser."""

    def __init__(
        self, *, generation: Generation, client: Client, profile: Profile, recording: Recording | None = None
    ) -> None:
        self._generation = generation
        self._client = client
        self._profile = profile
        self._recording = recording or Recording()
        self._tab: Tab | None = None
        self._page: Page | None = None
        self._user: _User | None = None
        self._outage: Outage | None = None
        self._closed = False

    async def open(self, url: str) -> int:
        """Makes a fresh tab, then navigates in it; see the port."""
        if self._closed:
            raise ProberFailed.because(Reason.DRIVER_ERROR, "the page is closed")
        await self._close_tab()
        self._tab = self._generation.new_tab(self._profile, url=url)
        page = self._page = await self._tab.page()
        self._recording.listen(page)
        self._user = _User.of(page, self._client)
        if self._profile.outages:
            self._outage = await self._generation.finish(Outage.prepare(page), name="outage-preparing")
        if self._profile.headers:
            headers, unmarked = self._profile.headers, self._recording.miss_mark
            marking = mark_requests(page, url=url, headers=headers, on_unmarked=unmarked)
            await self._generation.finish(marking, name="request-marking")
        with self._recording.doing("open the session's URL"):
            return await navigate(page, url)

    async def load_timings(self) -> dict[str, float]:
        """Reads the page's Navigation Timing entry."""
        entry = await ask(self._opened().main_frame, "loading") or {}
        return {name: milliseconds / 1000 for name, milliseconds in entry.items() if milliseconds}

    async def connections(self) -> Connections:
        """Reads what the scripts in the page kept."""
        if self._page is None:
            return Connections()
        with self._recording.doing("look at the connections"):
            return await read_connections(self._page)

    async def press_buttons(self) -> None:
        """Clicks the buttons that are there."""
        if self._page is not None:
            await self._acting().buttons.press(self._page)

    async def first_frame(self) -> FirstFrame:
        """Clicks the buttons that are there, then reads what was presented."""
        if self._page is None:
            return FirstFrame()
        buttons = self._acting().buttons
        with self._recording.doing("look for a picture"):
            await buttons.press(self._page)
            seen = parse_first_frame(await ask_pictures(self._page, "firstFrame"))
        return replace(seen, clicked=buttons.clicked)

    async def sample(self) -> StreamSample:
        """Reads the counters of now, with a look at the pixels once a second."""
        with self._recording.doing("watch the stream"):
            answers = await ask_pictures(self._opened(), "sample")
        self._recording.keep_sample(answers)
        return parse_sample(answers)

    async def describe_path(self) -> tuple[NetworkPath | None, str | None]:
        """Reads the selected candidate pair and the codec."""
        answers = await ask_frames(self._opened(), "statistics")
        statistics = busiest([answer.value for answer in answers])
        return statistics.path, statistics.codec

    async def identity(self) -> PageIdentity:
        """Looks for what the client is recognised by, in all frames."""
        with self._recording.doing("look for the client"):
            return await identify(self._opened(), self._client.recognise)

    async def look(self) -> Look | None:
        """Ends what a stimulus left open, which is no part of the desktop, then reads the picture coarsely."""
        await self._acting().stimulation.rest()
        frame = await find_picture(self._opened())
        seen = None if frame is None else await ask(frame, "look")
        return None if seen is None else Look(columns=seen["columns"], rows=seen["rows"], cells=tuple(seen["cells"]))

    async def interrupt(self, by: Interruption, *, outage_s: float) -> None:
        """Reloads the page, or takes its network away for a while; see the port."""
        page = self._opened()
        # What the page forgets by a reload stays open on the desktop.
        await self._acting().stimulation.rest()
        if by is Interruption.NETWORK:
            with self._recording.doing("take the network away"):
                await self._lose_network(outage_s)
            return
        self._user = _User.of(page, self._client)
        await self._recording.turn(page)
        with self._recording.doing("load the page anew"):
            await reload(page)

    async def stimulate(self, stimulus: Stimulus, *, for_s: float = STIMULUS_S) -> None:
        """Moves the pointer in a small circle, types, or does what the client has for it."""
        with self._recording.doing("watch the stream"):
            await self._acting().stimulation.keep(stimulus, for_s=for_s)

    async def try_input(self, *, timeout_s: float) -> InputTry:
        """Does the client's input, and times the first change."""
        user = self._acting()
        await user.stimulation.rest()
        with self._recording.doing("try input"):
            return await user.reactions.try_input(timeout_s=timeout_s)

    async def snapshot(self, name: str, *, small: bool = False) -> None:
        """Takes a picture of the page as its user sees it."""
        await self._recording.snapshot(self._opened(), name, small=small)

    async def artefacts(self) -> Sequence[Artefact]:
        """Joins what was recorded to what the scripts in the page kept."""
        return await self._recording.artefacts(self._page)

    async def self_check(self) -> SelfCheck:
        """Checks the browser that this page is in, whatever newcomers get by now."""
        return await self._generation.self_check()

    async def close(self) -> None:
        """Ends what a stimulus left open, then closes the tab; see the port."""
        self._closed = True
        try:
            await self._let_go()
        finally:
            await self._close_tab()

    def _opened(self) -> Page:
        if self._page is None:
            raise ProberFailed.because(Reason.DRIVER_ERROR, "no page is open")
        return self._page

    def _acting(self) -> _User:
        if self._user is None:
            raise ProberFailed.because(Reason.DRIVER_ERROR, "no page is open")
        return self._user

    async def _let_go(self) -> None:
        if self._user is None:
            return
        # What cannot be ended goes with the session, and whether the browser lives is the tab's business.
        with suppress(ProberFailed, TimeoutError):
            async with asyncio.timeout(_LET_GO_S):
                await self._user.stimulation.rest()

    async def _lose_network(self, outage_s: float) -> None:
        outage = self._outage
        if outage is None:
            raise ProberFailed.because(Reason.DRIVER_ERROR, "the page was opened as one whose network stays")
        try:
            await outage.begin()
            cut_s = min(_CUT_S, outage_s / 2)
            await asyncio.sleep(cut_s)
            before = (await self.sample()).bytes_received
            await asyncio.sleep(outage_s - cut_s)
            after = (await self.sample()).bytes_received
        finally:
            await self._generation.finish(outage.end(), name="network-return")
        if before is not None and after is not None and after > before:
            raise ProberFailed.because(Reason.DRIVER_ERROR, "the browser got video while its network was taken away")

    async def _close_tab(self) -> None:
        tab, self._tab, self._page, self._user, self._outage = self._tab, None, None, None, None
        if tab is not None:
            await tab.close()
