"""What a page asked the network for, and what came of it.

Made from the driver's events and not by its own recorder: that one writes headers, cookies and bodies to disk first,
where they would have to be found again to be removed. Here what is not named is never read: no bodies, no query
strings, and of the headers those few that tell something and are no credential.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from playwright.async_api import BrowserContext, Page, Request, ResourceTiming, Response, WebSocket

from prober.adapters.browser.kept import Ends
from prober.adapters.browser.scrubbing import Scrubber

_FIRST = 150
_LAST = 250

_MOST_HEARD = 3000
"""Requests after which nobody listens any more, as to the console: a page may poll for as long as it lives."""

_HEADERS = frozenset(
    {
        "age",
        "alt-svc",
        "cache-control",
        "content-encoding",
        "content-length",
        "content-type",
        "date",
        "retry-after",
        "server",
        "upgrade",
        "via",
        "x-cache",
        "x-content-type-options",
        "x-frame-options",
    }
)
"""The headers that are kept: who answered, what kind, how long it may be kept."""

_NEVER = -1
"""What HAR and Navigation Timing say of a time that does not apply."""


class Traffic:
    """Listens to all pages of a context.

    Attributes:
        heard: How many requests there were.
        deaf: Whether there may have been more, which nobody heard.
    """

    def __init__(self, *, scrubber: Scrubber, now_s: Callable[[], float]) -> None:
        self._scrubber = scrubber
        self._now_s = now_s
        self._entries: Ends[dict[str, Any]] = Ends(first=_FIRST, last=_LAST)
        self._failures: Ends[dict[str, Any]] = Ends(first=_FIRST, last=_LAST)
        self._under_way: dict[Request, dict[str, Any]] = {}
        self.heard = 0
        self.deaf = False

    @property
    def left_out(self) -> int:
        """How many of what was heard are not kept."""
        return self._entries.left_out

    def listen(self, page: Page) -> None:
        """Begins to listen to a page, and to what else its context makes."""
        context = page.context

        def on_request(request: Request) -> None:
            if self.heard < _MOST_HEARD:
                self._begin(request)
            elif not self.deaf:
                self.deaf = True
                self._leave(context, on_request)

        context.on("request", on_request)
        context.on("response", self._answer)
        context.on("requestfinished", self._finish)
        context.on("requestfailed", self._fail)
        page.on("websocket", self._socket)

    def entries(self) -> list[dict[str, Any]]:
        """Returns what is kept, in order, as the entries of a HAR (1.2)."""
        return self._entries.items()

    def failures(self) -> list[dict[str, Any]]:
        """Returns what failed or was answered by an error, in order: when (seconds of the recording), what, how."""
        return self._failures.items()

    def _leave(self, context: BrowserContext, on_request: Callable[[Request], None]) -> None:
        context.remove_listener("request", on_request)
        context.remove_listener("response", self._answer)
        context.remove_listener("requestfinished", self._finish)
        context.remove_listener("requestfailed", self._fail)
        self._under_way.clear()

    def _begin(self, request: Request) -> None:
        self.heard += 1
        entry = {
            "startedDateTime": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "time": _NEVER,
            "request": {
                "method": request.method,
                "url": self._scrubber.url(request.url),
                **_blank(request.headers),
                "queryString": [],
            },
            "response": {"status": 0, "statusText": "", **_blank({}), "content": {"size": _NEVER, "mimeType": ""}}
            | {"redirectURL": ""},
            "cache": {},
            "timings": {"send": 0, "wait": _NEVER, "receive": _NEVER},
            "_at_s": self._now_s(),
            "_resourceType": request.resource_type,
        }
        self._under_way[request] = entry
        self._entries.add(entry)

    def _answer(self, response: Response) -> None:
        entry = self._under_way.get(response.request)
        if entry is None:
            return
        entry["response"] |= {
            "status": response.status,
            "statusText": self._scrubber.text(response.status_text),
            **_blank(response.headers),
            "content": {"size": _NEVER, "mimeType": response.headers.get("content-type", "")},
        }
        entry["timings"] = _timings(response.request.timing)
        if response.status >= HTTPStatus.BAD_REQUEST:
            self._failures.add(self._told(entry, status=response.status))

    def _finish(self, request: Request) -> None:
        entry = self._under_way.pop(request, None)
        if entry is not None:
            entry["timings"] = _timings(request.timing)
            entry["time"] = max(request.timing["responseEnd"], 0)

    def _fail(self, request: Request) -> None:
        entry = self._under_way.pop(request, None)
        if entry is not None:
            entry["_failure"] = self._scrubber.text(request.failure or "failed")
            self._failures.add(self._told(entry, failure=entry["_failure"]))

    def _socket(self, socket: WebSocket) -> None:
        what = {"method": "GET", "url": self._scrubber.url(socket.url), "resource": "websocket"}
        began_s = self._now_s()

        def on_error(error: str) -> None:
            at = {"at_s": began_s, "ended_s": self._now_s()}
            self._failures.add({**at, **what, "failure": self._scrubber.text(error)})

        socket.on("socketerror", on_error)

    def _told(self, entry: Mapping[str, Any], **how: object) -> dict[str, Any]:
        request = entry["request"]
        at = {"at_s": entry["_at_s"], "ended_s": self._now_s()}
        return {**at, "method": request["method"], "url": request["url"], "resource": entry["_resourceType"], **how}


def _blank(headers: Mapping[str, str]) -> dict[str, Any]:
    shown = [{"name": name, "value": value} for name, value in headers.items() if name.lower() in _HEADERS]
    sizes = {"headersSize": _NEVER, "bodySize": _NEVER}
    return {"httpVersion": "", "cookies": [], "headers": shown, **sizes}


def _timings(timing: ResourceTiming) -> dict[str, float]:
    """Turns Resource Timing's moments, in milliseconds since the request's start, into HAR's stretches."""

    def stretch(begin: float, end: float) -> float:
        return round(max(end - begin, 0), 3) if begin >= 0 and end >= 0 else _NEVER

    return {
        "dns": stretch(timing["domainLookupStart"], timing["domainLookupEnd"]),
        "connect": stretch(timing["connectStart"], timing["connectEnd"]),
        "ssl": stretch(timing["secureConnectionStart"], timing["connectEnd"]),
        "send": 0,
        "wait": stretch(timing["requestStart"], timing["responseStart"]),
        "receive": stretch(timing["responseStart"], timing["responseEnd"]),
    }
