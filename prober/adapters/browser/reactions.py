"""Input whose effect in the picture is timed.

What the client calls harmless is done and undone. Where its effect shows at the pointer, a quiet spot of the picture is
searched once: the pointer rests there, and nothing changes. A spot where an input showed nothing is left for another
one, since a desktop is not dead because one window ignores clicks. Where its effect shows elsewhere, the whole picture
is watched, and what moves there by itself is no reaction. Where nothing is quiet enough for a reaction to stand out,
that is said instead of a guess.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from playwright.async_api import Frame, Page

from prober.adapters.browser.collector import ask, find_picture
from prober.adapters.browser.hands import Hands
from prober.adapters.browser.places import frame_corner
from prober.domain.client import Client, Gesture, GestureKind, Region
from prober.domain.input import RESTLESS, InputTry

_SPOT_SHARE = 0.05
"""Share of a quiet spot's cells that must differ to be a reaction: a menu changes far more, noise less."""

_PICTURE_SHARE = 0.002
"""The same of the whole picture: five of its cells, a patch of 45 times 45 pixels of a 720p desktop. A blinking cursor
or a clock changes less; so does one letter, which is no input for this region."""

_NOISE_FACTOR = 2.0
"""Where it is never quiet a reaction must exceed the region's own changes so many times."""

_MOST_SHARE = 0.8
"""Where a reaction must exceed more than this share of its region, none could: a sound desktop would seem dead."""

_ARRIVED_MS = 400
"""Quiet time after the pointer came to a spot: the remote pointer arrives late on slow desktops."""

_QUIET_MS = 150
"""Quiet time before an input where the pointer was already."""

_SEARCH_MS = 700
"""How long a spot is given to become quiet."""

_LEARN_MS = 700
"""How long the whole picture is watched to learn what moves by itself."""

_NOISE_MS = 300
"""How long it is watched before each input for what moves all the same."""

_RESTORE_MS = 1000
"""How long the undo may take to show."""


Spot: TypeAlias = dict[str, float]
"""A place in its frame's viewport: `x` and `y` in CSS pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is watched for a reaction.

    Attributes:
        spot: The middle of a square, in CSS pixels of its frame's viewport; `None` for the whole picture.
        share: Share of its cells that must differ to be a reaction, 0 to 1.
    """

    spot: Spot | None
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """The event in the page from which a reaction is timed.

    Attributes:
        event: Its type.
        skip: How many of this type come before it: a chord's modifiers, which do nothing by themselves.
    """

    event: str
    skip: int = 0


class Reactions:
    """The timed inputs of one page."""

    def __init__(self, page: Page, *, hands: Hands, client: Client) -> None:
        self._page = page
        self._hands = hands
        self._client = client
        self._press = timed_press(client.input)
        self._watched: Watched | None = None
        self._dead: list[Spot] = []
        self._noisy: list[Watched] = []

    async def try_input(self, *, timeout_s: float) -> InputTry:
        """Does the client's input once and undoes it; see the port."""
        frame = await find_picture(self._page)
        if frame is None:
            return None
        watched = self._watched = await self._settle(frame)
        if watched is None:
            return None
        if watched.share > _MOST_SHARE:
            return RESTLESS
        latency_ms = await self._time(frame, watched, timeout_ms=timeout_s * 1000)
        await self._hands.perform(self._client.undo)
        await ask(frame, "restored", {"limit": _RESTORE_MS})
        if latency_ms is None:
            if watched.spot is not None:
                self._dead.append(watched.spot)
            self._watched = None
            return None
        return latency_ms / 1000

    async def _time(self, frame: Frame, watched: Watched, *, timeout_ms: float) -> float | None:
        question = {"spot": watched.spot, "share": watched.share, "event": self._press.event, "skip": self._press.skip}
        if not await ask(frame, "arm", question):
            return None
        await self._hands.perform(self._client.input)
        latency: float | None = await ask(frame, "reaction", {"limit": timeout_ms})
        return latency

    async def _settle(self, frame: Frame) -> Watched | None:
        """Returns what to watch, with the pointer where it shall be and what can be quiet quiet."""
        if self._client.region is Region.PICTURE:
            return await self._study(frame)
        known = self._watched
        if known is None:
            return await self._search(frame)
        if known.spot is not None and known.share > _MOST_SHARE:
            return await self._measure(frame, known.spot)
        await self._rest(frame, known)
        return known

    async def _study(self, frame: Frame) -> Watched | None:
        """Learns what moves in the whole picture by itself, all of it at first and what is new later."""
        first = self._watched is None
        if first:
            places = await ask(frame, "spots") or []
            if not places:
                return None
            await self._rest(frame, Watched(spot=places[0], share=_SPOT_SHARE))
        noise = await ask(frame, "study", {"learn": _LEARN_MS if first else 0, "limit": _NOISE_MS})
        return None if noise is None else Watched(spot=None, share=_PICTURE_SHARE + _NOISE_FACTOR * noise)

    async def _search(self, frame: Frame) -> Watched | None:
        """Returns the first quiet spot, or the quietest where none is, of those that were not tried in vain."""
        places = await ask(frame, "spots") or []
        if all(place in self._dead for place in places):
            self._dead.clear()
            self._noisy.clear()
        # A look at all of them takes longer than several inputs: what was found noisy is remembered.
        known = [*self._dead, *(watched.spot for watched in self._noisy)]
        for place in (place for place in places if place not in known):
            found = await self._measure(frame, place)
            if found.share == _SPOT_SHARE:
                return found
            self._noisy.append(found)
        if not self._noisy:
            return None
        quietest = min(self._noisy, key=lambda watched: watched.share)
        self._noisy.remove(quietest)
        await self._rest(frame, quietest)
        return quietest

    async def _measure(self, frame: Frame, place: Spot) -> Watched:
        """Brings the pointer to a place, and returns it with the share that a reaction must exceed there."""
        noise = await self._rest(frame, Watched(spot=place, share=_SPOT_SHARE))
        return Watched(spot=place, share=_SPOT_SHARE + _NOISE_FACTOR * noise)

    async def _rest(self, frame: Frame, watched: Watched) -> float:
        """Brings the pointer to the spot until it is quiet there; returns the share that kept changing."""
        if watched.spot is None:
            return 0.0
        left, top = await frame_corner(self._page, frame)
        place = left + watched.spot["x"], top + watched.spot["y"]
        quiet_ms = _QUIET_MS if self._hands.place == place else _ARRIVED_MS
        await self._hands.move(place)
        question = {"spot": watched.spot, "quiet": quiet_ms, "limit": _SEARCH_MS, "share": watched.share}
        return await ask(frame, "rest", question) or 0.0


def timed_press(gestures: Sequence[Gesture]) -> Press:
    """Returns which event a reaction to these gestures is timed from: the first that presses anything."""
    for gesture in gestures:
        match gesture.kind:
            case GestureKind.CLICK | GestureKind.RIGHT_CLICK:
                return Press(event="pointerdown")
            case GestureKind.KEY:
                return Press(event="keydown", skip=_modifiers(gesture.text))
            case GestureKind.TYPE:
                return Press(event="keydown")
    return Press(event="pointermove")


def _modifiers(chord: str) -> int:
    # The last key may be the plus itself.
    return sum(key != "" for key in chord[:-1].split("+")[:-1]) if "+" in chord[:-1] else 0
