"""One page in a browser context of its own, from its making to its end.

A context is like a private window: nothing of one session is seen by another. It knows the credentials for the URL's
own origin only. Playwright's deadlines are off: budgets are the flow's, which cancels.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from playwright.async_api import Browser as PlaywrightBrowser
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import HttpCredentials, Page

from prober.adapters.browser.calls import Calls
from prober.adapters.browser.faults import translated
from prober.flow.ports.desktop import Login

_VIEWPORT_WIDTH = 1280
_VIEWPORT_HEIGHT = 720


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a context is made with.

    Attributes:
        login: The credentials that it knows.
        verify_tls: Whether it refuses untrusted certificates.
        script: Injected into every frame.
        outages: Whether its page's network may be taken away.
        headers: Sent with what its page asks its own origin for.
    """

    login: Login
    verify_tls: bool
    script: str
    outages: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    def credentials(self, url: str) -> HttpCredentials | None:
        """Returns the credentials for the URL's origin, or `None` without any."""
        if self.login.username is None or self.login.password is None:
            return None
        parts = urlsplit(url)
        return {
            "username": self.login.username,
            "password": self.login.password.reveal(),
            "origin": f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
        }


class Tab:
    """A page that is being made, is there, or is closed; made by `begin`."""

    def __init__(self, *, making: asyncio.Task[Page], calls: Calls) -> None:
        self._making = making
        self._calls = calls

    @classmethod
    def begin(cls, browser: PlaywrightBrowser, *, calls: Calls, profile: Profile, url: str) -> Self:
        """Begins to make a page that is fit to open the URL."""
        return cls(making=calls.begin(_make(browser, profile, url), name="browser-context"), calls=calls)

    async def page(self) -> Page:
        """Returns the page, once it is made.

        Raises:
            ProberFailed: `browser_crashed` or `driver_error`, the latter for a browser that hangs too.
        """
        with translated("making a page"):
            return await self._calls.outcome(self._making)

    async def close(self) -> None:
        """Closes the context with its page, which is made first where it is still in the making.

        A dead browser is no fault.

        Raises:
            ProberFailed: `driver_error` for a browser that hangs.
        """
        with suppress(PlaywrightError):
            page = await self._calls.outcome(self._making)
            await self._calls.outcome(self._calls.begin(page.context.close(), name="browser-context-end"))


async def _make(browser: PlaywrightBrowser, profile: Profile, url: str) -> Page:
    context = await browser.new_context(
        viewport={"width": _VIEWPORT_WIDTH, "height": _VIEWPORT_HEIGHT},
        locale="en-US",
        ignore_https_errors=not profile.verify_tls,
        http_credentials=profile.credentials(url),
        accept_downloads=False,
    )
    context.set_default_timeout(0)
    context.set_default_navigation_timeout(0)
    await context.add_init_script(profile.script)
    return await context.new_page()
