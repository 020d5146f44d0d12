"""What a browser saw of one desktop, kept in memory until somebody asks for it.

browser.json           what there is, how much was left out, what could not be had
console.jsonl          console messages and errors that nobody caught
failed_requests.jsonl  requests that failed or were answered by an error
network.har            all requests (HAR 1.2), without bodies, query strings and most headers
peers.json             each peer connection: states, candidates' kinds, session descriptions
stats.jsonl            what each sample of the stream was read from: picture and webrtc-stats
window.png             a few coarse frames of the observation window
trace.zip              the same for Playwright's trace viewer, see `viewing`
NAME.jpeg              pictures
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from playwright.async_api import Page

from prober.adapters.browser.collector import Answer, ask_origin
from prober.adapters.browser.console import Console
from prober.adapters.browser.doings import Doing, Doings
from prober.adapters.browser.film import MOST_FRAMES, Still, read_film, strip_of
from prober.adapters.browser.kept import Ends
from prober.adapters.browser.rendering import document_of, har_of, lines_of, list_of
from prober.adapters.browser.scrubbing import Scrubber
from prober.adapters.browser.shots import Shots
from prober.adapters.browser.stories import read_stories
from prober.adapters.browser.traffic import Traffic
from prober.adapters.browser.viewing import TRACE_NAME, Frame, trace_of
from prober.domain.artefacts import Artefact
from prober.domain.errors import ProberFailed
from prober.domain.masking import Mask
from prober.flow.ports.desktop import ARTEFACT_BYTES, ARTEFACTS_BYTES

FILM_NAME = "window.png"

_ASK_S = 2.0
"""How long the page may take to tell what it kept, in seconds: milliseconds are usual; one that hangs never will."""

_FIRST_SAMPLES = 60
_LAST_SAMPLES = 240
"""Half a minute of samples and the last two minutes of a long vigil, at two a second."""


@dataclass(slots=True, kw_only=True)
class _Told:
    """What pages said of themselves, in order, and what could not be had of them."""

    pages: list[dict[str, Any]] = field(default_factory=list)
    peers: list[dict[str, Any]] = field(default_factory=list)
    stills: list[Still] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)

    def __add__(self, other: "_Told") -> "_Told":
        return _Told(
            pages=self.pages + other.pages,
            peers=self.peers + other.peers,
            stills=self.stills + other.stills,
            gaps=self.gaps + other.gaps,
        )


class Recording:
    """The recorder of one desktop; pages come and go in it."""

    def __init__(self, *, mask: Mask = str, login: str = "") -> None:
        """Begins without a page.

        Args:
            mask: Returns a text without the secrets that are known.
            login: What is to be said of how one logs in.
        """
        self._login = login
        self._scrubber = Scrubber(mask)
        self._began: float | None = None
        self._console = Console(scrubber=self._scrubber, now_s=self._now_s)
        self._traffic = Traffic(scrubber=self._scrubber, now_s=self._now_s)
        self._samples: Ends[dict[str, Any]] = Ends(first=_FIRST_SAMPLES, last=_LAST_SAMPLES)
        self._doings = Doings(now_s=self._now_s)
        self._shots = Shots(most_bytes=ARTEFACT_BYTES, now_s=self._now_s)
        self._told = _Told()
        self._unmarked = 0
        self._unmarked_why = ""

    def listen(self, page: Page) -> None:
        """Begins to record a page, before anything is opened in it."""
        if self._began is None:
            self._began = time.time()
        self._console.listen(page.context)
        self._traffic.listen(page)
        page.on("crash", lambda _: self._console.note("crash", "the page's process died"))

    def doing(self, title: str) -> AbstractContextManager[None]:
        """Notes what the block does, for people; whatever it raises is raised on."""
        return self._doings.note(title)

    def keep_sample(self, answers: Sequence[Answer]) -> None:
        """Keeps what a sample of the stream is read from."""
        for answer in answers:
            if answer.value["picture"] or answer.value["statistics"]:
                self._samples.add({"at_s": answer.seconds(answer.value["at"]), "shown": answer.shown, **answer.value})

    def miss_mark(self, why: str) -> None:
        """Counts a request that went without the headers that it should have had; the latest cause is kept."""
        self._unmarked += 1
        self._unmarked_why = why

    async def turn(self, page: Page) -> None:
        """Keeps what a page is about to forget by being loaded anew; raises nothing."""
        self._told += await self._ask(page)

    async def snapshot(self, page: Page, name: str, *, small: bool) -> None:
        """Takes a picture now.

        Raises:
            ProberFailed: `browser_crashed` or `driver_error`.
        """
        await self._shots.take(page, name, small=small)

    async def artefacts(self, page: Page | None) -> Sequence[Artefact]:
        """Returns everything that is kept, with what the page knows by itself where there is one; see the port."""
        if self._began is None:
            return ()
        told = self._told + await self._ask(page)
        found = [
            lines_of("console.jsonl", self._clean(self._console.entries())),
            lines_of("failed_requests.jsonl", self._clean(self._traffic.failures())),
            har_of("network.har", self._clean(self._traffic.entries())),
            list_of("peers.json", self._clean(told.peers), member="peers"),
            lines_of("stats.jsonl", self._clean(self._samples.items())),
            *await self._film(told.stills),
        ]
        found.append(await self._trace(told.stills))
        pictures, left_out = self._pictures(ARTEFACTS_BYTES - ARTEFACT_BYTES - sum(len(one.content) for one in found))
        shots = (f"{name}.jpeg: {why}" for name, why in self._shots.gaps.items())
        unmarked = [f"unmarked requests: {self._unmarked} ({self._unmarked_why})"] if self._unmarked else []
        gaps = [*told.gaps, *shots, *left_out, *unmarked]
        return [self._about(told, gaps=gaps), *found, *pictures]

    async def _film(self, stills: Sequence[Still]) -> list[Artefact]:
        if not stills:
            return []
        # In a thread: half a megabyte of pixels, and other runs' latencies are measured by this loop.
        content = await asyncio.to_thread(strip_of, stills[-MOST_FRAMES:])
        return [Artefact(name=FILM_NAME, media_type="image/png", content=content)]

    async def _trace(self, stills: Sequence[Still]) -> Artefact:
        shots = [
            Frame(at_s=self._shots.times_s[name], name=f"{name}.jpeg", content=content)
            for name, content in reversed(self._shots.taken.items())
        ]
        doings = [
            Doing(title=one.title, at_s=one.at_s, ended_s=one.ended_s, error=self._scrubber.plain(one.error))
            for one in self._doings.noted()
        ]
        console, requests = self._clean(self._console.entries()), self._clean(self._traffic.entries())

        def packed() -> bytes:
            film = [
                Frame(at_s=still.recorded_s, name=f"window-{number:02}.png", content=strip_of([still], columns=1))
                for number, still in enumerate(stills[-MOST_FRAMES:], start=1)
            ]
            return trace_of(
                began_at=datetime.fromtimestamp(self._began or 0.0, UTC),
                doings=doings,
                console=console,
                requests=requests,
                frames=[*film, *shots],
            )

        # In a thread: packing takes tens of milliseconds, and other runs' latencies are measured by this loop.
        content = await asyncio.to_thread(packed)
        return Artefact(name=TRACE_NAME, media_type="application/zip", content=content)

    def _now_s(self) -> float:
        return 0.0 if self._began is None else round(time.time() - self._began, 3)

    async def _ask(self, page: Page | None) -> _Told:
        """Returns what a page says of itself."""
        number = len(self._told.pages) + 1
        if page is None:
            return _Told(gaps=["peers.json: the page was closed before it was asked"])
        try:
            async with asyncio.timeout(_ASK_S):
                origin_ms = await ask_origin(page.main_frame)
                stories = await read_stories(page)
                stills = await read_film(page)
        except TimeoutError:
            return _Told(gaps=[f"peers.json: page {number} does not answer within {_ASK_S:g} s"])
        except ProberFailed as error:
            return _Told(gaps=[f"peers.json: {error.fault.summary}"])
        began_s = None if origin_ms is None else round(origin_ms / 1000 - (self._began or 0.0), 3)
        about = {"page": number, "began_s": began_s, "url": self._scrubber.url(page.url)}
        recorded = [replace(still, recorded_s=(began_s or 0.0) + still.at_s) for still in stills]
        return _Told(pages=[about], peers=[{"page": number, **story} for story in stories], stills=recorded)

    def _about(self, told: _Told, *, gaps: Sequence[str]) -> Artefact:
        about = {
            "began_at": datetime.fromtimestamp(self._began or 0.0, UTC).isoformat(timespec="milliseconds"),
            "times": "peers.json, stats.jsonl and window_s: seconds since their page began; all else: since began_at",
            "login": self._login,
            "pages": told.pages,
            "window_s": [still.at_s for still in told.stills[-MOST_FRAMES:]],
            "console": {
                "heard": self._console.heard,
                "left_out": self._console.left_out,
                "given_up": self._console.deaf,
            },
            "requests": {
                "heard": self._traffic.heard,
                "left_out": self._traffic.left_out,
                "given_up": self._traffic.deaf,
            },
            "samples": {"left_out": self._samples.left_out},
            "gaps": gaps,
        }
        return document_of("browser.json", self._scrubber.plain(about))

    def _clean(self, items: Sequence[dict[str, Any]]) -> Sequence[Any]:
        return [self._scrubber.plain(item) for item in items]

    def _pictures(self, most_bytes: int) -> tuple[list[Artefact], list[str]]:
        """Returns the pictures, and what is said of those for which there is no room: the first of a series goes."""
        pictures = [
            Artefact(name=f"{name}.jpeg", media_type="image/jpeg", content=content)
            for name, content in self._shots.taken.items()
        ]
        left_out = []
        while sum(len(picture.content) for picture in pictures) > most_bytes:
            left_out.append(f"{pictures.pop(len(pictures) // 2).name}: there was no room for it")
        return pictures, left_out
