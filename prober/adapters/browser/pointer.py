"""The pointer over the desktop: as a stimulus, and as the input whose effect is timed.

An input is a right click at a quiet spot of the picture, undone by a key. The spot is searched once: the pointer rests
there, and nothing changes. A spot where a click showed nothing is left for another one, since a desktop is not dead
because one window ignores clicks.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from playwright.async_api import FloatRect, Frame, Page

from prober.adapters.browser.collector import ask, find_picture, picture_element
from prober.adapters.browser.faults import translated

_CHANGED_SHARE = 0.05
"""Share of a quiet spot's cells that must differ to be a reaction: a menu changes far more, noise less."""

_NOISE_FACTOR = 2.0
"""At a spot that is never quiet a reaction must exceed its own changes so many times."""

_ARRIVED_MS = 400
"""Quiet time after the pointer came to a spot: the remote pointer arrives late on slow desktops."""

_QUIET_MS = 150
"""Quiet time before an input where the pointer was already."""

_SEARCH_MS = 700
"""How long a spot is given to become quiet."""

_RESTORE_MS = 1000
"""How long the undo may take to show."""

_CIRCLE_STEPS = 5
"""Each step waits for the page's next frame: together they take a tenth of a second."""

_CIRCLE_SHARE = 0.06
"""Radius of the stimulus' circle, as a share of the picture's smaller side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place of the picture, in CSS pixels of its frame's viewport.

    Attributes:
        x: From the left.
        y: From the top.
        share: Share of its cells that must differ to be a reaction, 0 to 1.
    """

    x: float
    y: float
    share: float = _CHANGED_SHARE

    @property
    def place(self) -> dict[str, float]:
        """The place alone, as the scripts take it."""
        return {"x": self.x, "y": self.y}


class Pointer:
    """The pointer of one page."""

    def __init__(self, page: Page, *, undo_key: str) -> None:
        self._page = page
        self._undo_key = undo_key
        self._spot: Spot | None = None
        self._rests = False
        self._dead_spots = 0

    async def circle(self) -> None:
        """Moves in a small circle about the picture's middle; without a picture, about the page's."""
        box = await self._box()
        radius = _CIRCLE_SHARE * min(box["width"], box["height"])
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self._rests = False
        with translated("moving the pointer"):
            for x, y in _circle(*middle, radius=radius):
                await self._page.mouse.move(x, y)

    async def try_input(self, *, timeout_s: float) -> float | None:
        """Clicks once and undoes it; see the port."""
        frame = await find_picture(self._page)
        if frame is None:
            return None
        spot = await self._settle(frame)
        if spot is None:
            return None
        latency_ms = await self._click(frame, spot, timeout_ms=timeout_s * 1000)
        await self._undo(frame)
        if latency_ms is None:
            self._dead_spots += 1
            self._spot = None
            return None
        return latency_ms / 1000

    async def _click(self, frame: Frame, spot: Spot, *, timeout_ms: float) -> float | None:
        if not await ask(frame, "arm", {"spot": spot.place, "share": spot.share}):
            return None
        with translated("clicking"):
            await self._page.mouse.down(button="right")
            await self._page.mouse.up(button="right")
        latency: float | None = await ask(frame, "reaction", {"limit": timeout_ms})
        return latency

    async def _undo(self, frame: Frame) -> None:
        with translated("pressing the undo key"):
            await self._page.keyboard.press(self._undo_key)
        await ask(frame, "restored", {"limit": _RESTORE_MS})

    async def _settle(self, frame: Frame) -> Spot | None:
        """Returns the spot to click, with the pointer resting there."""
        if self._spot is None:
            self._spot = await self._search(frame)
        else:
            await self._rest(frame, self._spot, quiet_ms=_QUIET_MS if self._rests else _ARRIVED_MS)
        self._rests = True
        return self._spot

    async def _search(self, frame: Frame) -> Spot | None:
        """Returns the first quiet spot, or the quietest where none is."""
        places = await ask(frame, "spots") or []
        first = self._dead_spots % max(1, len(places))
        least: tuple[float, Spot] | None = None
        for place in places[first:] + places[:first]:
            spot = Spot(x=place["x"], y=place["y"])
            noise = await self._rest(frame, spot, quiet_ms=_ARRIVED_MS)
            if noise == 0:
                return spot
            if least is None or noise < least[0]:
                least = noise, spot
        if least is None:
            return None
        noise, spot = least
        await self._rest(frame, spot, quiet_ms=_ARRIVED_MS)
        return Spot(x=spot.x, y=spot.y, share=_CHANGED_SHARE + _NOISE_FACTOR * noise)

    async def _rest(self, frame: Frame, spot: Spot, *, quiet_ms: float) -> float:
        """Brings the pointer to the spot until it is quiet there; returns the share that kept changing."""
        left, top = await self._offset(frame)
        with translated("moving the pointer"):
            await self._page.mouse.move(left + spot.x, top + spot.y)
        question = {"spot": spot.place, "quiet": quiet_ms, "limit": _SEARCH_MS, "share": spot.share}
        return await ask(frame, "rest", question) or 0.0

    async def _offset(self, frame: Frame) -> tuple[float, float]:
        """Returns where the frame's viewport begins in the page's, in CSS pixels."""
        if frame == self._page.main_frame:
            return 0.0, 0.0
        async with picture_element(frame) as element:
            if element is None:
                return 0.0, 0.0
            in_page = await element.bounding_box()
            in_frame = await element.evaluate("element => element.getBoundingClientRect().toJSON()")
        return (0.0, 0.0) if in_page is None else (in_page["x"] - in_frame["x"], in_page["y"] - in_frame["y"])

    async def _box(self) -> FloatRect:
        """Returns where the picture is in the page, in CSS pixels."""
        frame = await find_picture(self._page)
        if frame is not None:
            async with picture_element(frame) as element:
                box = None if element is None else await element.bounding_box()
            if box is not None:
                return box
        size = self._page.viewport_size or {"width": 0, "height": 0}
        return {"x": 0.0, "y": 0.0, "width": size["width"], "height": size["height"]}


def _circle(x: float, y: float, *, radius: float) -> Iterator[tuple[float, float]]:
    for step in range(_CIRCLE_STEPS + 1):
        angle = 2 * math.pi * step / _CIRCLE_STEPS
        yield x + radius * math.cos(angle), y + radius * math.sin(angle)
