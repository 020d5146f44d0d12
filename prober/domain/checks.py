"""What a target may ask for beyond the stream's quality; each is a sub-result of the `stream` step."""

from dataclasses import dataclass
from enum import StrEnum

from prober.domain.errors import Fault
from prober.domain.reasons import Reason
from prober.domain.stream import StreamSummary

_LEAST_ENERGY = 1e-8
"""Energy of a second of sound at -80 dB of full scale: a decoder's rounding of silence stays below."""

REMEMBER_S = 3.0
"""How long the desktop may be looked at before it is interrupted, in seconds: what moves by itself shows meanwhile."""


class Interruption(StrEnum):
    """How the page's connection to the desktop is broken on purpose."""

    RELOAD = "reload"
    """The page is loaded anew, as a user presses F5."""
    NETWORK = "network"
    """The page's network is gone for a while, as a laptop loses its Wi-Fi."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconnectPlan:
    """How reconnecting is checked; times in seconds.

    Attributes:
        by: How the connection is broken.
        within_s: How soon the same desktop must show again, counted from the end of the interruption.
        outage_s: How long the network is gone; no matter for a reload. Chromium calls ICE disconnected after some 7 s:
            a shorter outage passes by clients that cannot reconnect.
    """

    by: Interruption = Interruption.RELOAD
    within_s: float = 15.0
    outage_s: float = 10.0

    def longest_s(self) -> float:
        """Returns how long the interruption and the wait for the desktop may take, in seconds."""
        return self.within_s + (self.outage_s if self.by is Interruption.NETWORK else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPlan:
    """The optional checks of one target.

    Attributes:
        audio: Whether sound must arrive during the window: an audio track whose energy grows.
        least_width: Pixels that the picture must have at least; `None` takes any.
        least_height: As `least_width`.
        reconnect: Whether the desktop must come back after an interruption, and how soon.
    """

    audio: bool = False
    least_width: int | None = None
    least_height: int | None = None
    reconnect: ReconnectPlan | None = None

    @property
    def needs_outages(self) -> bool:
        """Whether the page's network will be taken away, which its browser must know before it opens the page."""
        return self.reconnect is not None and self.reconnect.by is Interruption.NETWORK

    def longest_s(self) -> float:
        """Returns how long the checks may take beyond the window, in seconds."""
        return 0.0 if self.reconnect is None else REMEMBER_S + self.reconnect.longest_s()


class CheckName(StrEnum):
    """The optional checks."""

    AUDIO = "audio"
    RESOLUTION = "resolution"
    RECONNECT = "reconnect"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What became of one optional check.

    Attributes:
        name: Which check.
        fact: What was seen, in words.
        fault: Why it was not passed; `None` for a pass.
        duration_s: Seconds from the interruption's begin to the desktop's return, or to the end of the wait for it;
            `None` for one that interrupts nothing.
    """

    name: CheckName
    fact: str
    fault: Fault | None = None
    duration_s: float | None = None

    @property
    def passed(self) -> bool:
        """Whether the desktop did what was asked for."""
        return self.fault is None


def judge_audio(summary: StreamSummary) -> CheckResult:
    """Judges whether sound arrived during the window; a browser that does not tell its energy is believed.

    Nor is audio missing that began, or began anew, during the window: how much of it came cannot be told.
    """
    energy = summary.audio_energy_per_second
    if summary.audio_bytes is None and summary.audio_told:
        return CheckResult(name=CheckName.AUDIO, fact="audio began anew during the window, and was not measured")
    if not summary.audio_bytes:
        return _audio_missing("no audio arrived")
    if energy is not None and energy < _LEAST_ENERGY:
        return _audio_missing("audio arrived, and it is silence")
    concealed = summary.audio_concealed_ratio
    sound = "audio arrives, the browser does not tell how loud" if energy is None else "sound arrives"
    share = "" if concealed is None else f", {concealed:.1%} of it made up to fill gaps"
    return CheckResult(name=CheckName.AUDIO, fact=sound + share)


def _audio_missing(fact: str) -> CheckResult:
    return CheckResult(name=CheckName.AUDIO, fact=fact, fault=Fault(reason=Reason.AUDIO_MISSING, summary=fact))


def judge_resolution(summary: StreamSummary, plan: CheckPlan) -> CheckResult:
    """Judges whether the picture has the pixels asked for; a side that is not asked for is not judged."""
    width, height = summary.width, summary.height
    size = "of unknown size" if width is None or height is None else f"{width}x{height}"
    fact = f"the picture is {size}"
    if _reaches(width, plan.least_width) and _reaches(height, plan.least_height):
        return CheckResult(name=CheckName.RESOLUTION, fact=fact)
    sides = {"wide": plan.least_width, "high": plan.least_height}
    asked = " and ".join(f"{least} pixels {side}" for side, least in sides.items() if least is not None)
    fault = Fault(reason=Reason.LOW_RESOLUTION, summary=f"{fact}, not at least {asked}")
    return CheckResult(name=CheckName.RESOLUTION, fact=fact, fault=fault)


def _reaches(pixels: int | None, least: int | None) -> bool:
    return least is None or (pixels is not None and pixels >= least)


def reconnected(*, duration_s: float, not_compared: str | None = None) -> CheckResult:
    """Returns the pass of a desktop that came back, so many seconds after it was interrupted.

    Args:
        duration_s: How many.
        not_compared: Why nobody can tell whether it is the same one; `None` where it is.
    """
    fact = f"the same desktop showed again after {duration_s:.1f} s"
    if not_compared is not None:
        fact = f"a desktop showed again after {duration_s:.1f} s, whether the same one was not told: {not_compared}"
    return CheckResult(name=CheckName.RECONNECT, fact=fact, duration_s=duration_s)


def not_reconnected(fault: Fault, *, duration_s: float) -> CheckResult:
    """Returns the failure of a desktop that did not come back, for that reason, within so many seconds."""
    fact = f"the desktop was not back after {duration_s:.1f} s"
    return CheckResult(name=CheckName.RECONNECT, fact=fact, fault=fault, duration_s=duration_s)
