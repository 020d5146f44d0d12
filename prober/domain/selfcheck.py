"""Whether this browser can do WebRTC at all, and whose fault it is when it cannot: always ours.

The check connects two peers within one page, so that no target, no server and no network beyond the machine takes
part. What it cannot do there, no target could have made it do.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from prober.domain.codecs import lack_of, lacking, never_asked_for
from prober.domain.errors import Fault
from prober.domain.opened import Opened
from prober.domain.reasons import Reason


class SelfCheckStage(StrEnum):
    """What the check was at when it ended, in the order in which it goes on; `text` says what that means."""

    text: str

    def __new__(cls, value: str, text: str = "") -> Self:
        """Makes a member that is its own name as a string, with its text beside it."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.text = text
        return member

    API = "api", "it has no RTCPeerConnection"
    """The browser has no peer connections."""
    CODECS = "codecs", "it can receive no video codec"
    """It has peer connections and no codec for video."""
    NEGOTIATION = "negotiation", "its two peers could not agree on a session"
    """No offer could be made, or not be accepted."""
    CANDIDATES = "candidates", "it gathered no host candidate"
    """The network stack offered no address."""
    ICE = "ice", "its two peers found no way to one another"
    """No pair of addresses worked, on the machine itself."""
    DTLS = "dtls", "the DTLS handshake between its two peers did not end"
    """A pair of addresses worked and the handshake did not."""
    DECODING = "decoding", "its two peers were connected and no frame was decoded"
    """No frame was decoded."""
    RENDERING = "rendering", "frames were decoded and none was rendered"
    """No frame reached the video element."""
    PICTURE = "picture", "frames were rendered and their pixels are not those that were sent"
    """The wrong pixels were shown: black ones, mostly."""
    PASSED = "passed", "it decodes and renders what its own peer sent"
    """All of it worked."""


_INCAPABLE = frozenset({SelfCheckStage.API, SelfCheckStage.CODECS})
"""Where the browser was built, or is configured, without what the prober is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfCheck:
    """What one check of the browser came to.

    Attributes:
        stage: What it was at when it ended.
        took_s: How long it took, in seconds.
        codecs: The video codecs that the browser says it can receive ("VP8", "H264").
        detail: What the browser said of it, if it said anything.
    """

    stage: SelfCheckStage
    took_s: float
    codecs: tuple[str, ...] = ()
    detail: str = ""

    @property
    def passed(self) -> bool:
        """Whether the browser can do WebRTC."""
        return self.stage is SelfCheckStage.PASSED


def fault_of(check: SelfCheck) -> Fault | None:
    """Blames a check that did not pass; `None` for one that did.

    A browser without WebRTC, or without any video codec, is as good as none: `browser_missing`. One that has all of it
    and comes to no picture does not do what it is told: `driver_error`. That a browser died is no result of a check;
    whoever makes it raises `browser_crashed`.
    """
    if check.passed:
        return None
    return Fault(
        reason=Reason.BROWSER_MISSING if check.stage in _INCAPABLE else Reason.DRIVER_ERROR,
        summary=f"this browser cannot do WebRTC with itself: {check.stage.text}",
        facts=(
            f"the self-check ended at the stage {check.stage} after {check.took_s:.1f} s",
            *((f"the browser said: {check.detail}",) if check.detail else ()),
            f"video codecs that it can receive: {', '.join(check.codecs) or 'none'}",
        ),
        considered=("no target: the check connects two peers within one page of this browser",),
    )


def codec_fault_of(check: SelfCheck, *, opened: Opened | None) -> Fault | None:
    """Blames a browser that lacks the codec for which a desktop and a page came to no video; `None` for another one.

    The page's own words may tell it already, where the page was asked and said it. Where a desktop refuses what a page
    asks for, its refusal does not tell what it would have taken up; a page in our browser that could not ask for what
    every user's browser asks for proves nothing then.

    Args:
        check: A check that passed.
        opened: What the page opened.
    """
    if opened is None:
        return None
    lack = lacking(opened.offered_codecs or (), check.codecs)
    if lack:
        return _lacks(check, lack_of(lack))
    unasked = never_asked_for(check.codecs) if opened.video_denied else ()
    if unasked:
        could = f"the prober's own browser cannot decode {', '.join(unasked)}, so no page in it asks for what users' do"
        return _lacks(check, could)
    return None


def _lacks(check: SelfCheck, summary: str) -> Fault:
    codecs = f"video codecs that it can receive: {', '.join(check.codecs)}"
    return Fault(reason=Reason.BROWSER_MISSING, summary=summary, facts=(codecs,))
