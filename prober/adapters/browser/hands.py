"""The hands of a user on one page: what they do is trusted input, as the page sees it.

Each press is one call to the driver, which releases what it pressed whether or not anybody still waits: a call that is
given up leaves no key and no button down.
"""

import math
from collections.abc import Iterator, Sequence

from playwright.async_api import Page

from prober.adapters.browser.collector import ask, find_picture
from prober.adapters.browser.faults import translated
from prober.adapters.browser.places import Place, picture_box
from prober.domain.client import Gesture, GestureKind

_CIRCLE_STEPS = 5
"""Each step waits for the page's next frame: together they take a tenth of a second."""

_CIRCLE_SHARE = 0.06
"""Radius of the circle, as a share of the picture's smaller side."""

_LETTER = "x"
_ERASER = "Backspace"


class Hands:
    """Mouse and keyboard of one page.

    Attributes:
        place: Where the pointer is; `None` before it was moved.
    """

    def __init__(self, page: Page) -> None:
        self.place: Place | None = None
        self._page = page
        self._letter_left = False

    async def perform(self, gestures: Sequence[Gesture]) -> None:
        """Does one gesture after the other.

        Raises:
            ProberFailed: `browser_crashed`, or `driver_error`, also for a key that the driver does not know.
        """
        await self.erase()
        for gesture in gestures:
            await self._perform(gesture)

    async def move(self, place: Place) -> None:
        """Brings the pointer to a place.

        Raises:
            ProberFailed: `browser_crashed` or `driver_error`.
        """
        self.place = place
        with translated("moving the pointer"):
            await self._page.mouse.move(*place)

    async def stroke(self) -> None:
        """Types a letter, or removes the one of the stroke before.

        Raises:
            ProberFailed: `browser_crashed` or `driver_error`.
        """
        key = _ERASER if self._letter_left else _LETTER
        # Before the wait, which may be given up: the driver does what it was told all the same.
        self._letter_left = not self._letter_left
        await self._press(key)

    async def erase(self) -> None:
        """Removes what strokes have left.

        Raises:
            ProberFailed: `browser_crashed` or `driver_error`.
        """
        if self._letter_left:
            await self.stroke()

    async def _perform(self, gesture: Gesture) -> None:
        match gesture.kind:
            case GestureKind.CIRCLE:
                await self._circle()
            case GestureKind.CLICK:
                await self._click("left")
            case GestureKind.RIGHT_CLICK:
                await self._click("right")
            case GestureKind.KEY:
                await self._press(gesture.text)
            case GestureKind.TYPE:
                await self._type(gesture.text)

    async def _circle(self) -> None:
        box = await picture_box(self._page)
        radius = _CIRCLE_SHARE * min(box["width"], box["height"])
        for place in _circle(*_middle(box["x"], box["y"], box["width"], box["height"]), radius=radius):
            await self.move(place)

    async def _click(self, button: str) -> None:
        if self.place is None:
            box = await picture_box(self._page)
            self.place = _middle(box["x"], box["y"], box["width"], box["height"])
        with translated("clicking"):
            await self._page.mouse.click(*self.place, button="right" if button == "right" else "left")

    async def _press(self, key: str) -> None:
        await self._focus()
        with translated("pressing a key"):
            await self._page.keyboard.press(key)

    async def _type(self, text: str) -> None:
        await self._focus()
        with translated("typing"):
            await self._page.keyboard.type(text)

    async def _focus(self) -> None:
        frame = await find_picture(self._page)
        if frame is not None:
            await ask(frame, "focus")


def _middle(left: float, top: float, width: float, height: float) -> Place:
    return left + width / 2, top + height / 2


def _circle(x: float, y: float, *, radius: float) -> Iterator[Place]:
    for step in range(_CIRCLE_STEPS + 1):
        angle = 2 * math.pi * step / _CIRCLE_STEPS
        yield x + radius * math.cos(angle), y + radius * math.sin(angle)
