"""The buttons that stand between a user and the picture.

They are there in some runs and not in others, so nothing waits for them: whatever is visible at the moment is clicked,
while the picture may come all the same. A button that stays is clicked again, as an impatient user does.
"""

import asyncio
from collections.abc import Sequence

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Frame, Page
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from prober.adapters.browser.faults import is_leaving, translated

_AGAIN_S = 1.0
"""Distance of two clicks on the same button, in seconds: less than that no page needs to react."""

_CLICK_MS = 500
"""How long a visible button may resist a click: one that is covered or moves is tried again later."""


class Buttons:
    """The client's buttons in one page.

    Attributes:
        clicked: Selectors of those that were clicked, in the order in which that first happened.
    """

    def __init__(self, selectors: Sequence[str]) -> None:
        self.clicked: tuple[str, ...] = ()
        self._selectors = selectors
        self._tried_at: dict[str, float] = {}

    async def press(self, page: Page) -> None:
        """Clicks those that are visible, in whichever frame.

        Raises:
            ProberFailed: `browser_crashed`, or `driver_error`, also for a selector that is none.
        """
        for selector in self._selectors:
            now = asyncio.get_running_loop().time()
            if now - self._tried_at.get(selector, -_AGAIN_S) < _AGAIN_S:
                continue
            for frame in page.frames:
                if await self._press(frame, selector):
                    break

    async def _press(self, frame: Frame, selector: str) -> bool:
        """Tells whether there is one to click, which is clicked if it can be."""
        button = frame.locator(f"css={selector}").locator("visible=true").first
        with translated("looking for a button"):
            try:
                if not await button.is_visible():
                    return False
                self._tried_at[selector] = asyncio.get_running_loop().time()
                await button.click(timeout=_CLICK_MS)
            except PlaywrightTimeoutError:
                return True
            except PlaywrightError as error:
                if is_leaving(error):
                    return False
                raise
        if selector not in self.clicked:
            self.clicked = (*self.clicked, selector)
        return True
