"""Whether this browser can do WebRTC at all, and whose fault it is when it cannot: always ours.

The check connects two peers within one page, so that no target, no server and no network beyond the machine takes
part. What it cannot do there, no target could have made it do.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from prober.domain.errors import Fault
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
