"""What a judgement says: the rules that were broken, each with its value beside its limit.

A rule has a stable name for machines, one reason for the metrics, and one unit. The findings of a verdict stand in
order of blame: the first bad one decided.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from prober.domain.reasons import Reason
from prober.domain.thresholds import Limit


class Rule(StrEnum):
    """The rules of the stream and of the input; `reason` and `unit` belong to each."""

    reason: Reason
    unit: str

    def __new__(cls, value: str, reason: Reason, unit: str = "") -> Self:
        """Makes a member that is its own name as a string, with its reason and unit beside it."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.reason = reason
        member.unit = unit
        return member

    GONE = "gone", Reason.FROZEN
    """The picture of the step before is no longer there, or began anew."""
    PLAYBACK_BLOCKED = "playback_blocked", Reason.PLAYBACK_BLOCKED, "frames"
    """So many frames were decoded while the video element is paused."""
    ICE_FLAPPING = "ice_flapping", Reason.ICE_FAILED, "disconnections"
    """ICE was connected and lost again, so many times."""
    NO_FRAME = "no_frame", Reason.FROZEN, "seconds"
    """No frame was rendered for so long under a stimulus."""
    UNCHANGED = "unchanged", Reason.FROZEN, "seconds"
    """No pixel changed for so long under a stimulus."""
    BLANK_PICTURE = "blank_picture", Reason.BLACK_FRAMES, "luma"
    """The brightest look had so little mean luma (0 to 255); less is worse."""
    BLANK_STRETCH = "blank_stretch", Reason.BLACK_FRAMES, "seconds"
    """The picture was blank for so long."""
    FRAME_RATE = "frame_rate", Reason.LOW_FPS, "frames_per_second"
    """So few frames were rendered a second under a stimulus; less is worse."""
    FREEZE_RATIO = "freeze_ratio", Reason.FROZEN, "ratio"
    """The picture was frozen for such a share of the window under a stimulus."""
    LONGEST_FREEZE = "longest_freeze", Reason.FROZEN, "seconds"
    """One freeze lasted so long under a stimulus."""
    PACKET_LOSS = "packet_loss", Reason.HIGH_LOSS, "ratio"
    """Such a share of the packets was lost."""
    ROUND_TRIP_TIME = "round_trip_time", Reason.HIGH_RTT, "seconds"
    """A round trip took so long on the mean."""
    JITTER = "jitter", Reason.HIGH_JITTER, "seconds"
    """Packets came so unevenly at the worst sample."""
    JITTER_BUFFER_DELAY = "jitter_buffer_delay", Reason.HIGH_JITTER, "seconds"
    """Frames waited so long in the jitter buffer on the mean."""
    INPUT_MISSES = "input_misses", Reason.INPUT_DEAD, "ratio"
    """Such a share of the inputs changed no pixel."""
    INPUT_LATENCY = "input_latency", Reason.INPUT_SLOW, "seconds"
    """From input to changed pixel it took so long at the median."""


class Grade(StrEnum):
    """How good a stream is."""

    GOOD = "good"
    """Within every limit."""
    DEGRADED = "degraded"
    """Usable, with a limit's warning edge passed."""
    BAD = "bad"
    """Not what a user can work with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule that a stream or an input broke.

    Attributes:
        rule: Which rule.
        bad: Whether the failing edge was passed, not only the warning one.
        fact: The value beside its limit, in words.
        value: What was measured, in the rule's unit; `None` where the rule has no measure.
        limit: The edge that was passed, in the rule's unit; `None` as for `value`.
        window_s: The time over which it was measured, in seconds; `None` where it was not a time but a count.
    """

    rule: Rule
    bad: bool
    fact: str
    value: float | None = None
    limit: float | None = None
    window_s: float | None = None

    @property
    def reason(self) -> Reason:
        """The reason that the rule stands for."""
        return self.rule.reason

    @property
    def unit(self) -> str:
        """The unit of value and limit; empty where there is none."""
        return self.rule.unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judgement: the findings in order of blame."""

    findings: tuple[Finding, ...] = ()

    @property
    def grade(self) -> Grade:
        """The worst of the findings."""
        if self.deciding is not None:
            return Grade.BAD
        return Grade.DEGRADED if self.findings else Grade.GOOD

    @property
    def deciding(self) -> Finding | None:
        """The first finding that makes the stream bad: the rule that decided."""
        return next((finding for finding in self.findings if finding.bad), None)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The reasons that only degrade, each once."""
        return tuple(dict.fromkeys(finding.reason.value for finding in self.findings if not finding.bad))


def over(rule: Rule, value: float | None, limit: Limit, *, words: str, window_s: float | None) -> Finding | None:
    """Holds a value against a limit where more is worse; an absent value breaks no rule.

    Args:
        rule: Which rule.
        value: What was measured, in the rule's unit.
        limit: Its edges, in the same unit.
        words: The fact with one replacement field, whose format shows the limit too: "jitter {:.3f} s".
        window_s: The time over which it was measured, in seconds.
    """
    if value is None or value <= limit.warn:
        return None
    bad = value > limit.fail
    edge = limit.fail if bad else limit.warn
    fact = f"{words.format(value)} (limit {('{' + words.split('{', 1)[1]).format(edge)})"
    return Finding(rule=rule, bad=bad, fact=fact, value=value, limit=edge, window_s=window_s)
