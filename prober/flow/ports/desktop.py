"""The ports for the browser and the desktop page in it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from prober.domain.artefacts import Artefact
from prober.domain.checks import Interruption
from prober.domain.client import Client, Stimulus
from prober.domain.connection import Connections
from prober.domain.input import InputTry
from prober.domain.picture import FirstFrame, Look
from prober.domain.report import NetworkPath
from prober.domain.selfcheck import SelfCheck
from prober.domain.stream import StreamSample
from prober.domain.transport import NetworkPolicy
from prober.flow.ports.secrets import Secret

STIMULUS_S = 0.2
"""How long a desktop is kept busy unless somebody says otherwise, in seconds."""

ARTEFACT_BYTES = 1024**2
"""The most that one artefact of a page holds: a picture of nothing but noise is two fifths of it (measured)."""

ARTEFACTS_BYTES = 8 * ARTEFACT_BYTES
"""The most that all artefacts of a page hold: a few hundred failed runs fit into a small volume."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What a desktop page asks for before it shows anything; without credentials it asks for nothing."""

    username: str | None = None
    password: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageIdentity:
    """What a loaded page is.

    Attributes:
        recognised: Whether it is a page of the client's; always so for a client that takes every page.
        title: The document's title, shortened.
    """

    recognised: bool
    title: str = ""


class Desktop(Protocol):
    """The place of one page that shows one session's desktop; the page itself is made by `open`.

    All methods raise `ProberFailed`: with `browser_crashed` when the page's process or the browser died, with
    `driver_error` when the driver failed. Only `open` and `close` notice by themselves that the browser hangs, where
    they make and end the page; that is a `driver_error` too, after seconds. How long everything else takes, a
    navigation included, is the caller's business.
    """

    async def open(self, url: str) -> int:
        """Makes a page in a fresh browser context, opens the URL in it, and returns the document's HTTP status.

        The document is loaded by then. An earlier page of this desktop is closed first.

        Raises:
            ProberFailed: Also `driver_error` when the browser makes no page in time.
            TargetFailed: The reason of what the browser met instead of an answer (`dns`, `tcp_refused`, `tls`,
            `false_running`).
        """

    async def load_timings(self) -> dict[str, float]:
        """Returns what loading the page took, in seconds since its navigation began.

        `first_byte` of its document's answer, `loaded` at the end of its load event; what the browser does not say is
        absent. Source: W3C Navigation Timing.
        """

    async def identity(self) -> PageIdentity:
        """Tells whether the loaded page is one of the client's.

        A page may build itself after it was loaded, so a page that is not recognised may be so a moment later.
        """

    async def connections(self) -> Connections:
        """Returns what the page's peer connections and sockets went through so far, over all frames of the page."""

    async def press_buttons(self) -> None:
        """Clicks those of the client's buttons that are visible; does nothing before `open`."""

    async def first_frame(self) -> FirstFrame:
        """Returns what is known of the first frames so far; clicks those of the client's buttons that are visible."""

    async def sample(self) -> StreamSample:
        """Takes one sample of the stream."""

    async def describe_path(self) -> tuple[NetworkPath | None, str | None]:
        """Returns the selected candidate pair and the video codec ("H264"), `None` where the browser is silent."""

    async def stimulate(self, stimulus: Stimulus, *, for_s: float = STIMULUS_S) -> None:
        """Keeps the desktop busy, as a person would, and goes on where the last call stopped.

        What it leaves open at its end, a menu or a text, is closed before any other input, a `look`, an interruption,
        and the page's end. Does nothing, and takes no time, for `NONE`.

        Args:
            stimulus: How.
            for_s: How long, in seconds.
        """

    async def try_input(self, *, timeout_s: float) -> InputTry:
        """Does the client's harmless input once and undoes it.

        Returns:
            Seconds from the trusted input event in the page to the display of the first frame whose region changed,
            or `None` when nothing changed in time, or why neither could be told.
        """

    async def look(self) -> Look | None:
        """Takes a coarse look at the picture as it is now; `None` where there is none, or none that may be read."""

    async def interrupt(self, by: Interruption, *, outage_s: float) -> None:
        """Breaks the page's connection to its desktop, and returns when the page could connect again.

        After a reload the page's time and all that was counted in it begin anew.

        Args:
            by: How.
            outage_s: How long the network is gone, in seconds; no matter for a reload.

        Raises:
            ProberFailed: Also `driver_error` when the network was to go and did not, or is not one that may.
            TargetFailed: The reason of what a reload met instead of the page, HTTP errors included.
        """

    async def snapshot(self, name: str, *, small: bool = False) -> None:
        """Takes a picture of the page as its user sees it now, to be kept as an artefact of that name.

        A second one of a name replaces the first. The real one takes some 16 to 55 ms and is not seen by the page or
        its stream (measured), but for the CPU that it costs: it is taken between steps, not within what is measured.

        Args:
            name: Lower-case letters, digits, dashes and underscores: the file's name without its ending.
            small: Whether half the size will do, as for one of a series.
        """

    async def artefacts(self) -> Sequence[Artefact]:
        """Returns what the browser saw of the page so far; nothing before `open`.

        At most `ARTEFACT_BYTES` each and `ARTEFACTS_BYTES` together: of what is more, the beginning and the end are
        kept. No credential, address or query string is in them, as far as texts go. Ask before `close`: what only the
        page knows is gone with it. What cannot be had is stated in `browser.json`, and raises nothing; a page that
        does not answer is given up after 2 seconds. The real one takes some 25 ms, on a busy machine up to ten
        times that (measured), most of it in a thread.
        """

    async def self_check(self) -> SelfCheck:
        """Checks whether the browser that shows this desktop can do WebRTC with itself, in a page of its own.

        That browser and no other: newcomers may get another one already. Takes a fraction of a second, and five seconds
        at most; whoever stops waiting leaves no page open.
        """

    async def close(self) -> None:
        """Closes the page with its context, as a user closes a tab; does nothing before `open`.

        A second call does nothing; a dead browser is no fault. One that hangs is, and is ended with all that it shows.
        """


class Browser(Protocol):
    """A real browser that is kept warm."""

    def desktop(
        self,
        *,
        client: Client,
        login: Login,
        verify_tls: bool,
        blank_luma: float,
        network: NetworkPolicy,
        outages: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> AbstractAsyncContextManager[Desktop]:
        """Finds a browser that answers, and holds it for one desktop; leaving the block closes that desktop.

        No context and no page is made yet: that is `Desktop.open`'s, which knows the URL.

        Args:
            client: How the desktop's client is operated.
            login: What the page will be given.
            verify_tls: Whether the page refuses untrusted certificates.
            blank_luma: Mean luma (Rec. 709, 0 to 255) at or below which a frame shows nothing yet.
            network: Which candidates the page's peer connections may gather.
            outages: Whether `interrupt` may take the page's network away, which must be prepared before the page is
                opened and costs the stream a little.
            headers: Sent with each HTTP request of the page to the origin of the URL that it opens, and to no other.

        Raises:
            ProberFailed: `browser_missing` when no browser can be launched, `browser_crashed` when it died,
            `driver_error` when its driver failed or it hangs; the next desktop gets another browser then.
        """

    async def self_check(self, *, launch: bool = True) -> SelfCheck:
        """Checks whether the browser that newcomers get can do WebRTC with itself, in a page of its own.

        Takes a fraction of a second, and five seconds at most once there is a browser; whoever stops waiting leaves no
        page open. A browser that died is not replaced before it is checked: its death is the answer.

        Args:
            launch: Whether one is launched where none was; otherwise one that is being launched is waited for.

        Raises:
            ProberFailed: `browser_missing` when no browser can be launched, `browser_crashed` when it died,
            `driver_error` when its driver failed, it hangs, or there is none that could be checked.
        """
