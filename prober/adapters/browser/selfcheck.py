"""The browser's check of itself: two peers of one blank page, which no target has a part in.

The page is one of its own, in a context of its own, and none of the watching scripts is in it: what they might break
would be found in a run, while here it would be taken for the browser's doing.
"""

import asyncio

from playwright.async_api import Page

from prober.adapters.browser.collector import source
from prober.adapters.browser.faults import translated
from prober.adapters.browser.raw import RawSelfCheck
from prober.domain.selfcheck import SelfCheck, SelfCheckStage

BLANK_URL = "about:blank"
"""The page that every browser has."""

WITHIN_S = 2.0
"""How long the two peers may take to show a picture, in seconds: 0.1 are usual."""


async def check_page(page: Page) -> SelfCheck:
    """Checks whether the page's browser can do WebRTC; leaves the page with its peers closed.

    Raises:
        ProberFailed: `browser_crashed` or `driver_error`.
    """
    script = await asyncio.to_thread(source, "selfcheck")
    with translated("checking the browser itself"):
        raw: RawSelfCheck = await page.evaluate(f"(\n{script}\n)", {"withinMs": WITHIN_S * 1000})
    return SelfCheck(
        stage=SelfCheckStage(raw["stage"]),
        took_s=raw["took"] / 1000,
        codecs=tuple(raw["codecs"]),
        detail=raw["detail"],
    )
