"""Pictures of a page as its user sees it.

Measured on two cores with a video of 30 frames per second in the page: 16 to 55 ms each, no frame of the video late, no
resize that the page could notice, at half the size as at the whole one.
"""

import base64
from collections.abc import Callable

from playwright.async_api import CDPSession, Page

from prober.adapters.browser.faults import translated

_QUALITY = 60
"""Of JPEG, in percent: text of a login form stays readable, and a page full of noise is 400 KiB (measured)."""

_SMALL = 0.5
"""Scale of a small picture, in each direction."""

MOST_SHOTS = 12
"""Pictures of one run that are kept: three of its steps, a few of the window, a few of attempts."""


class Shots:
    """The pictures of one desktop.

    Attributes:
        taken: The pictures as JPEG by name, in order.
        times_s: When each was taken, in seconds of the recording.
        gaps: What was asked for and could not be had.
    """

    def __init__(self, *, most_bytes: int, now_s: Callable[[], float]) -> None:
        self._most_bytes = most_bytes
        self._now_s = now_s
        self._page: Page | None = None
        self._session: CDPSession | None = None
        self.taken: dict[str, bytes] = {}
        self.times_s: dict[str, float] = {}
        self.gaps: dict[str, str] = {}

    async def take(self, page: Page, name: str, *, small: bool) -> None:
        """Takes a picture now, in place of an earlier one of that name.

        Raises:
            ProberFailed: `browser_crashed` or `driver_error`.
        """
        if len(self.taken) >= MOST_SHOTS and name not in self.taken:
            self.gaps[name] = f"more than {MOST_SHOTS} pictures were asked for"
            return
        self.gaps[name] = "the page did not show itself"
        with translated("taking a picture of the page"):
            content = await self._capture(page, scale=_SMALL if small else 1.0)
        if len(content) > self._most_bytes:
            self.gaps[name] = f"it is larger than {self._most_bytes} bytes"
            return
        del self.gaps[name]
        self.taken[name] = content
        self.times_s[name] = self._now_s()

    async def _capture(self, page: Page, *, scale: float) -> bytes:
        if self._session is None or self._page is not page:
            self._page, self._session = page, await page.context.new_cdp_session(page)
        size = page.viewport_size or {"width": 1280, "height": 720}
        answer = await self._session.send(
            "Page.captureScreenshot",
            {"format": "jpeg", "quality": _QUALITY, "clip": {"x": 0, "y": 0, **size, "scale": scale}},
        )
        return base64.b64decode(answer["data"])
