"""Headers of our own on what a page asks its own origin for.

Chromium holds each request to that origin until it is told to go on, with the headers; requests to other origins pass
without stopping, so no stranger sees the headers. Neither does one that a request is redirected to: what was put onto a
request holds for one hop. WebSockets and what other pages of the context ask for are not stopped, and are not marked.
Each marked request costs a round trip to us: 1 to 4 ms on a busy machine (measured). What Chromium refuses to mark goes
on without, since a page that waits for it would be blamed on the desktop.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import CDPSession, Page
from playwright.async_api import Error as PlaywrightError

from prober.adapters.browser.faults import brief, translated

_DEFAULT_PORTS = {"http": 80, "https": 443}
_SPEAKERS = ("referer", "origin")


def origin_of(url: str) -> str:
    """Returns a URL's origin as browsers write it, without the usual port."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    name = f"[{host}]" if ":" in host else host
    usual = parts.port is None or parts.port == _DEFAULT_PORTS.get(parts.scheme)
    return f"{parts.scheme}://{name}" if usual else f"{parts.scheme}://{name}:{parts.port}"


async def mark_requests(
    page: Page, *, url: str, headers: Mapping[str, str], on_unmarked: Callable[[str], None]
) -> None:
    """Has everything marked that an empty page will ask the URL's origin for, for as long as there is the page.

    Args:
        page: Which.
        url: What it will open.
        headers: The marks.
        on_unmarked: Told why, for each request that went on without them.

    Raises:
        ProberFailed: `browser_crashed` or `driver_error`.
    """
    origin = origin_of(url)
    with translated("marking the page's requests"):
        session = await page.context.new_cdp_session(page)
        marking = _Marking(session, origin=origin, headers=headers, on_unmarked=on_unmarked)
        session.on("Fetch.requestPaused", marking.begin)
        await session.send("Fetch.enable", {"patterns": [{"urlPattern": f"{origin}/*", "requestStage": "Request"}]})


class _Marking:
    """Marks what one page asks one origin for."""

    def __init__(
        self, session: CDPSession, *, origin: str, headers: Mapping[str, str], on_unmarked: Callable[[str], None]
    ) -> None:
        self._session = session
        self._origin = origin
        self._on_unmarked = on_unmarked
        self._added = [{"name": name, "value": value} for name, value in headers.items()]
        self._names = {name.lower() for name in headers}
        self._going: set[asyncio.Task[None]] = set()

    def begin(self, paused: Mapping[str, Any]) -> None:
        task = asyncio.create_task(self._let_go(paused), name="marked request")
        self._going.add(task)
        task.add_done_callback(self._going.discard)

    async def _let_go(self, paused: Mapping[str, Any]) -> None:
        plain: dict[str, Any] = {"requestId": paused["requestId"]}
        how = plain
        if self._may_mark(paused):
            headers = paused["request"]["headers"]
            kept = [{"name": name, "value": headers[name]} for name in headers if name.lower() not in self._names]
            how = {**plain, "headers": [*kept, *self._added]}
        try:
            await self._session.send("Fetch.continueRequest", how)
        except PlaywrightError as error:
            # A page that is being closed takes its requests with it.
            with suppress(PlaywrightError):
                await self._session.send("Fetch.continueRequest", plain)
                self._on_unmarked(brief(error))

    def _may_mark(self, paused: Mapping[str, Any]) -> bool:
        """Leaves out what a stranger's frame asks our origin for: browsers would ask that origin for leave first."""
        if paused.get("resourceType") == "Document":
            return True
        headers: Mapping[str, str] = paused["request"]["headers"]
        speakers = [value for name, value in headers.items() if name.lower() in _SPEAKERS]
        return all(value == self._origin or value.startswith(f"{self._origin}/") for value in speakers)
