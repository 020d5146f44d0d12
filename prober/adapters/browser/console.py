"""What a page wrote to its console, with the errors that nobody caught."""

from collections.abc import Callable
from typing import Any

from playwright.async_api import BrowserContext, ConsoleMessage, WebError

from prober.adapters.browser.kept import Ends
from prober.adapters.browser.scrubbing import Scrubber

_FIRST = 100
_LAST = 300

_MOST_HEARD = 3000
"""Messages after which nobody listens any more: each costs the prober a tenth of a millisecond of CPU, a long one ten
times that (measured), and a page may write thousands a second for as long as it lives."""


class Console:
    """Listens to all pages of a context, workers included.

    Attributes:
        heard: How many messages and errors there were.
        deaf: Whether there may have been more, which nobody heard.
    """

    def __init__(self, *, scrubber: Scrubber, now_s: Callable[[], float]) -> None:
        self._scrubber = scrubber
        self._now_s = now_s
        self._entries: Ends[dict[str, Any]] = Ends(first=_FIRST, last=_LAST)
        self.heard = 0
        self.deaf = False

    @property
    def left_out(self) -> int:
        """How many of what was heard are not kept."""
        return self._entries.left_out

    def listen(self, context: BrowserContext) -> None:
        """Begins to listen."""

        def on_message(message: ConsoleMessage) -> None:
            place = message.location
            self._add(message.type, message.text, url=place.get("url", ""), line=place.get("lineNumber"))
            if self.heard >= _MOST_HEARD and not self.deaf:
                self.deaf = True
                context.remove_listener("console", on_message)
                context.remove_listener("weberror", on_error)

        def on_error(web_error: WebError) -> None:
            error = web_error.error
            self._add("uncaught", str(getattr(error, "stack", None) or error))

        context.on("console", on_message)
        context.on("weberror", on_error)

    def note(self, kind: str, text: str) -> None:
        """Adds what happened to the page itself."""
        self._add(kind, text)

    def entries(self) -> list[dict[str, Any]]:
        """Returns what is kept, in order: when (seconds of the recording), what kind, the text, where in the page."""
        return self._entries.items()

    def _add(self, kind: str, text: str, *, url: str = "", line: int | None = None) -> None:
        self.heard += 1
        entry: dict[str, Any] = {"at_s": self._now_s(), "kind": kind, "text": self._scrubber.text(text)}
        if url:
            entry |= {"url": self._scrubber.url(url), "line": line}
        self._entries.add(entry)
