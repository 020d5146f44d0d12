"""The hands of a user on one page: what they do is trusted input, as the page sees it.

Each press is one call to the driver, which releases what it pressed whether or not anybody still waits: a call that is
given up leaves no key and no button down.
"""

import asyncio
from collections.abc import Sequence

from playwright.async_api import FloatRect, Page

from prober.adapters.browser.collector import ask, find_picture
from prober.adapters.browser.faults import translated
from prober.adapters.browser.paths import middle, on_circle, on_sweep
from prober.adapters.browser.places import Place, picture_box
from prober.domain.client import Gesture, GestureKind

_MOVES = 5
"""Movements of a gesture that is done once; each waits for the page's next frame: together a tenth of a second."""


class Hands:
    """Mouse and keyboard of one page.

    Attributes:
        place: Where the pointer is; `None` before it was moved.
    """

    def __init__(self, page: Page) -> None:
        self.place: Place | None = None
        self._page = page

    async def perform(self, gestures: Sequence[Gesture]) -> None:
        """Does one gesture after the other.

        Raises:
            ProberFailed: `browser_crashed`, or `driver_error`, also for a key that the driver does not know.
        """
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

    async def press(self, key: str) -> None:
        """Presses and releases a key, or a chord, wherever the keyboard is.

        Raises:
            ProberFailed: `browser_crashed`, or `driver_error`, also for a key that the driver does not know.
        """
        with translated("pressing a key"):
            await self._page.keyboard.press(key)

    async def focus(self) -> None:
        """Brings the keyboard to the desktop.

        Raises:
            ProberFailed: `browser_crashed` or `driver_error`.
        """
        frame = await find_picture(self._page)
        if frame is not None:
            await ask(frame, "focus")

    async def settle(self) -> Place:
        """Returns where the pointer is, which is the picture's middle where it never was anywhere.

        Raises:
            ProberFailed: `browser_crashed` or `driver_error`.
        """
        if self.place is None:
            box = await self.box()
            self.place = middle(box["x"], box["y"], width=box["width"], height=box["height"])
        return self.place

    async def box(self) -> FloatRect:
        """Returns where the picture is.

        Raises:
            ProberFailed: `browser_crashed` or `driver_error`.
        """
        return await picture_box(self._page)

    async def _perform(self, gesture: Gesture) -> None:
        match gesture.kind:
            case GestureKind.CIRCLE:
                await self._circle()
            case GestureKind.SWEEP:
                await self._sweep()
            case GestureKind.CLICK:
                await self._click("left")
            case GestureKind.RIGHT_CLICK:
                await self._click("right")
            case GestureKind.KEY:
                await self.focus()
                await self.press(gesture.text)
            case GestureKind.TYPE:
                await self.focus()
                with translated("typing"):
                    await self._page.keyboard.type(gesture.text)

    async def _circle(self) -> None:
        box = await self.box()
        for _ in range(_MOVES):
            await self.move(circling(box))

    async def _sweep(self) -> None:
        corner = await self.settle()
        for step in range(_MOVES):
            await self.move(on_sweep(corner, step=step))
        await self.move(corner)

    async def _click(self, button: str) -> None:
        place = await self.settle()
        with translated("clicking"):
            await self._page.mouse.click(*place, button="right" if button == "right" else "left")


def circling(box: FloatRect) -> Place:
    """Returns where a pointer that never stops circling about the picture's middle is now."""
    now = asyncio.get_running_loop().time()
    return on_circle(box["x"], box["y"], width=box["width"], height=box["height"], at_s=now)
