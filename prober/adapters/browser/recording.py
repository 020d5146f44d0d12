"""What a browser saw of one desktop, kept in memory until somebody asks for it.

    browser.json           what there is, how much was left out, what could not be had
    console.jsonl          console messages and errors that nobody caught
    failed_requests.jsonl  requests that failed or were answered by an error
    network.har            all requests (HAR 1.2), without bodies, query strings and most headers
    peers.json             each peer connection: states, candidates' kinds, session descriptions
    stats.jsonl            what each sample of the stream was read from: picture and webrtc-stats
    NAME.jpeg              pictures

The driver's own trace is not among them: its snapshots of the document hold what was typed, and its network log the
headers, each in files of a format of its own.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from playwright.async_api import Page

from prober.adapters.browser.collector import Answer, ask_origin
from prober.adapters.browser.console import Console
from prober.adapters.browser.kept import Ends
from prober.adapters.browser.rendering import document_of, har_of, lines_of, list_of
from prober.adapters.browser.scrubbing import Scrubber
from prober.adapters.browser.shots import Shots
from prober.adapters.browser.stories import read_stories
from prober.adapters.browser.traffic import Traffic
from prober.domain.artefacts import Artefact
from prober.domain.errors import ProberFailed
from prober.domain.masking import Mask
from prober.flow.ports.desktop import ARTEFACT_BYTES, ARTEFACTS_BYTES

_ASK_S = 2.0
"""How long the page may take to tell what it kept, in seconds: milliseconds are usual; one that hangs never will."""

_FIRST_SAMPLES = 60
_LAST_SAMPLES = 240
"""Half a minute of samples and the last two minutes of a long vigil, at two a second."""


class Recording:
    """The recorder of one desktop; pages come and go in it."""

    def __init__(self, *, mask: Mask = str) -> None:
        """Begins without a page.

        Args:
            mask: Returns a text without the secrets that are known.
        """
        self._scrubber = Scrubber(mask)
        self._began: float | None = None
        self._console = Console(scrubber=self._scrubber, now_s=self._now_s)
        self._traffic = Traffic(scrubber=self._scrubber, now_s=self._now_s)
        self._samples: Ends[dict[str, Any]] = Ends(first=_FIRST_SAMPLES, last=_LAST_SAMPLES)
        self._shots = Shots(most_bytes=ARTEFACT_BYTES)
        self._pages: list[dict[str, Any]] = []
        self._peers: list[dict[str, Any]] = []
        self._gaps: list[str] = []

    def listen(self, page: Page) -> None:
        """Begins to record a page, before anything is opened in it."""
        if self._began is None:
            self._began = time.time()
        self._console.listen(page.context)
        self._traffic.listen(page)
        page.on("crash", lambda _: self._console.note("crash", "the page's process died"))

    def keep_sample(self, answers: Sequence[Answer]) -> None:
        """Keeps what a sample of the stream is read from."""
        for answer in answers:
            if answer.value["picture"] or answer.value["statistics"]:
                self._samples.add({"at_s": answer.seconds(answer.value["at"]), "shown": answer.shown, **answer.value})

    async def turn(self, page: Page) -> None:
        """Keeps what a page is about to forget by being loaded anew; raises nothing."""
        pages, peers, gaps = await self._ask(page)
        self._pages += pages
        self._peers += peers
        self._gaps += gaps

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
        pages, peers, gaps = await self._ask(page)
        found = [
            lines_of("console.jsonl", self._clean(self._console.entries())),
            lines_of("failed_requests.jsonl", self._clean(self._traffic.failures())),
            har_of("network.har", self._clean(self._traffic.entries())),
            list_of("peers.json", self._clean([*self._peers, *peers]), member="peers"),
            lines_of("stats.jsonl", self._clean(self._samples.items())),
        ]
        pictures, left_out = self._pictures(ARTEFACTS_BYTES - ARTEFACT_BYTES - sum(len(one.content) for one in found))
        gaps = [*self._gaps, *gaps, *(f"{name}.jpeg: {why}" for name, why in self._shots.gaps.items()), *left_out]
        return [self._about([*self._pages, *pages], gaps=gaps), *found, *pictures]

    def _now_s(self) -> float:
        return 0.0 if self._began is None else round(time.time() - self._began, 3)

    async def _ask(self, page: Page | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
        """Returns the page, its peer connections, and what could not be had of them."""
        number = len(self._pages) + 1
        if page is None:
            return [], [], ["peers.json: the page was closed before it was asked"]
        try:
            async with asyncio.timeout(_ASK_S):
                origin_ms = await ask_origin(page.main_frame)
                stories = await read_stories(page)
        except TimeoutError:
            return [], [], [f"peers.json: page {number} does not answer within {_ASK_S:g} s"]
        except ProberFailed as error:
            return [], [], [f"peers.json: {error.fault.summary}"]
        began_s = None if origin_ms is None else round(origin_ms / 1000 - (self._began or 0.0), 3)
        about = {"page": number, "began_s": began_s, "url": self._scrubber.url(page.url)}
        return [about], [{"page": number, **story} for story in stories], []

    def _about(self, pages: Sequence[dict[str, Any]], *, gaps: Sequence[str]) -> Artefact:
        about = {
            "began_at": datetime.fromtimestamp(self._began or 0.0, UTC).isoformat(timespec="milliseconds"),
            "times": "peers.json and stats.jsonl: seconds since their page began; all else: since began_at",
            "pages": pages,
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
