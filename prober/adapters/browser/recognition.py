"""Telling what page was loaded."""

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Frame, Page

from prober.adapters.browser.faults import is_leaving, translated
from prober.domain.masking import message
from prober.flow.ports.desktop import PageIdentity

_LONGEST_TITLE = 80
"""Characters of a title that are kept: more is text of the page's."""


async def identify(page: Page, selector: str | None) -> PageIdentity:
    """Tells whether a frame of the page has what the selector asks for; without one, any page will do.

    Raises:
        ProberFailed: `browser_crashed`, or `driver_error`, also for a selector that is none.
    """
    return PageIdentity(recognised=selector is None or await _has(page, selector), title=await _title(page))


async def _has(page: Page, selector: str) -> bool:
    for frame in page.frames:
        if await _frame_has(frame, selector):
            return True
    return False


async def _frame_has(frame: Frame, selector: str) -> bool:
    with translated("recognising the page"):
        try:
            return await frame.locator(f"css={selector}").count() > 0
        except PlaywrightError as error:
            if is_leaving(error):
                return False
            raise


async def _title(page: Page) -> str:
    with translated("reading the page's title"):
        try:
            return message(await page.title(), most=_LONGEST_TITLE)
        except PlaywrightError as error:
            if is_leaving(error):
                return ""
            raise
