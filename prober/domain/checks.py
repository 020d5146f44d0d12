"""What a target may ask for beyond the stream's quality; each is a sub-result of the `stream` step."""

from dataclasses import dataclass
from enum import StrEnum

from prober.domain.errors import Fault


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
        outage_s: How long the network is gone; no matter for a reload.
    """

    by: Interruption = Interruption.RELOAD
    within_s: float = 15.0
    outage_s: float = 5.0


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

    def longest_s(self) -> float:
        """Returns how long the checks may take beyond the window, in seconds."""
        plan = self.reconnect
        if plan is None:
            return 0.0
        return plan.within_s + (plan.outage_s if plan.by is Interruption.NETWORK else 0.0)


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
        duration_s: How long it took beyond the window, in seconds; `None` for one that took no time of its own.
    """

    name: CheckName
    fact: str
    fault: Fault | None = None
    duration_s: float | None = None

    @property
    def passed(self) -> bool:
        """Whether the desktop did what was asked for."""
        return self.fault is None
