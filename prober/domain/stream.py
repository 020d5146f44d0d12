"""Is a picture really arriving, and is it good?

It is given samples of what the browser counted and drew during an observation window, the limits of the target, and
whether a stimulus kept the desktop busy. It never waits, reads a clock, or raises: a bad stream is an answer.
Counters are cumulative, as W3C webrtc-stats has them; `None` means that the browser did not say, which is never the
same as 0. Rendered frames are the user's truth, decoded ones are not: a paused video element decodes and shows
nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from prober.domain.absent import count_delta, delta, either, mean, ratio, scaled, share, total, worst
from prober.domain.reasons import Reason
from prober.domain.thresholds import Limit, Thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSample:
    """One look at the stream; counters since the connection began, times in seconds.

    Attributes:
        at_s: When, in the page's time.
        paused: Whether the video element is paused.
        frames_rendered: Frames presented to the compositor (requestVideoFrameCallback's `presentedFrames`).
        frames_decoded: Frames decoded.
        frames_dropped: Frames dropped.
        frames_received: Frames received whole.
        last_frame_age_s: Time since the last rendered frame.
        longest_gap_s: Longest time between two rendered frames since the previous sample, the one that lasts included.
        freezes_s: `totalFreezesDuration`; grows only when a frame is rendered after a freeze.
        packets_received: RTP packets received.
        packets_lost: RTP packets lost; may fall.
        bytes_received: RTP payload bytes received.
        jitter_s: RTP jitter now.
        jitter_buffer_s: `jitterBufferDelay`, summed over frames.
        jitter_buffer_frames: `jitterBufferEmittedCount`.
        round_trip_s: `currentRoundTripTime` of the selected candidate pair.
        width: Width of the picture in pixels.
        height: Height of the picture in pixels.
        luma: Mean luma (Rec. 709) of the picture, 0 to 255.
        changed: Whether the picture differs from that of the sample before.
    """

    at_s: float
    paused: bool | None = None
    frames_rendered: int | None = None
    frames_decoded: int | None = None
    frames_dropped: int | None = None
    frames_received: int | None = None
    last_frame_age_s: float | None = None
    longest_gap_s: float | None = None
    freezes_s: float | None = None
    packets_received: int | None = None
    packets_lost: int | None = None
    bytes_received: int | None = None
    jitter_s: float | None = None
    jitter_buffer_s: float | None = None
    jitter_buffer_frames: int | None = None
    round_trip_s: float | None = None
    width: int | None = None
    height: int | None = None
    luma: float | None = None
    changed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSummary:
    """What a window of samples comes to; `None` where the browser did not say.

    Ratios lie between 0 and 1, times are seconds, rates are per second.
    """

    window_s: float
    frames_rendered: int | None = None
    frames_decoded: int | None = None
    frames_per_second: float | None = None
    frames_dropped_ratio: float | None = None
    packet_loss_ratio: float | None = None
    bitrate_bits_per_second: float | None = None
    jitter_s: float | None = None
    jitter_buffer_s: float | None = None
    round_trip_s: float | None = None
    freeze_ratio: float | None = None
    longest_gap_s: float | None = None
    last_frame_age_s: float | None = None
    luma: float | None = None
    changed: bool | None = None
    paused: bool | None = None
    width: int | None = None
    height: int | None = None


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
        reason: The rule's reason.
        bad: Whether the failing edge was passed, not only the warning one.
        fact: The value beside its limit, in words.
    """

    reason: Reason
    bad: bool
    fact: str


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
        """The reasons that only degrade."""
        return tuple(finding.reason.value for finding in self.findings if not finding.bad)


def judge(summary: StreamSummary, thresholds: Thresholds, *, stimulated: bool) -> Verdict:
    """Judges a stream by its window; the rules stand in order of blame.

    Args:
        summary: What the window came to.
        thresholds: The target's limits.
        stimulated: Whether something kept the desktop busy. Without that an idle desktop rightly sends almost
            nothing, so frame rate and freezes are not judged.
    """
    rules: list[Callable[[StreamSummary, Thresholds], Finding | None]] = [_playback_blocked]
    if stimulated:
        rules += [_no_frame, _unchanged]
    rules += [_blank]
    if stimulated:
        rules += [_frame_rate, _freezes]
    rules += [_loss, _round_trip, _jitter, _jitter_buffer]
    found = (rule(summary, thresholds) for rule in rules)
    return Verdict(findings=tuple(finding for finding in found if finding is not None))


def summarise(samples: Sequence[StreamSample], *, settle_s: float) -> StreamSummary:
    """Reduces a window of samples to deltas and means, its first `settle_s` seconds left out.

    Source of the formulas: W3C webrtc-stats; loss is lost / (lost + received), the jitter buffer's mean is its delay
    per emitted frame.
    """
    settled = _settled(samples, settle_s)
    if not settled:
        return StreamSummary(window_s=0.0)
    first, last = settled[0], settled[-1]
    window = last.at_s - first.at_s
    frames = count_delta(first.frames_rendered, last.frames_rendered)
    lost = _lost(first.packets_lost, last.packets_lost)
    dropped = count_delta(first.frames_dropped, last.frames_dropped)
    later = settled[1:]
    received = count_delta(first.packets_received, last.packets_received)
    bytes_per_s = ratio(count_delta(first.bytes_received, last.bytes_received), window)
    return StreamSummary(
        window_s=window,
        frames_rendered=frames,
        frames_decoded=count_delta(first.frames_decoded, last.frames_decoded),
        frames_per_second=ratio(frames, window),
        frames_dropped_ratio=share(dropped, count_delta(first.frames_received, last.frames_received)),
        packet_loss_ratio=ratio(lost, total(lost, received)),
        bitrate_bits_per_second=scaled(bytes_per_s, 8.0),
        jitter_s=worst(sample.jitter_s for sample in settled),
        jitter_buffer_s=ratio(
            delta(first.jitter_buffer_s, last.jitter_buffer_s),
            count_delta(first.jitter_buffer_frames, last.jitter_buffer_frames),
        ),
        round_trip_s=mean([sample.round_trip_s for sample in settled]),
        freeze_ratio=_freeze_ratio(first, last, window),
        longest_gap_s=worst(sample.longest_gap_s for sample in later),
        last_frame_age_s=last.last_frame_age_s,
        luma=worst(sample.luma for sample in settled),
        changed=either(sample.changed for sample in later),
        paused=last.paused,
        width=last.width,
        height=last.height,
    )


def _settled(samples: Sequence[StreamSample], settle_s: float) -> list[StreamSample]:
    if not samples:
        return []
    begin = samples[0].at_s + settle_s
    return [sample for sample in samples if sample.at_s >= begin]


def _lost(first: int | None, last: int | None) -> int | None:
    """Counts late packets, which make `packetsLost` fall, as not lost."""
    return None if first is None or last is None else max(last - first, 0)


def _freeze_ratio(first: StreamSample, last: StreamSample, window: float) -> float | None:
    """Adds the freeze that still lasts to the counter, which knows of ended ones only."""
    ended = delta(first.freezes_s, last.freezes_s)
    lasting = last.last_frame_age_s
    if ended is None or lasting is None or window <= 0:
        return None
    return min(1.0, (ended + (lasting if lasting > _LASTING_FREEZE_S else 0.0)) / window)


_LASTING_FREEZE_S = 1.0
"""A gap that still lasts counts as a freeze from here on; shorter ones are ordinary pacing."""


def _playback_blocked(summary: StreamSummary, _: Thresholds) -> Finding | None:
    if not summary.paused or not summary.frames_decoded:
        return None
    fact = f"{summary.frames_decoded} frames were decoded while the video element is paused"
    return Finding(reason=Reason.PLAYBACK_BLOCKED, bad=True, fact=fact)


def _no_frame(summary: StreamSummary, thresholds: Thresholds) -> Finding | None:
    gap = max((g for g in (summary.longest_gap_s, summary.last_frame_age_s) if g is not None), default=0.0)
    if gap >= thresholds.no_frame_s:
        fact = f"no rendered frame for {gap:.1f} s under a stimulus (limit {thresholds.no_frame_s:g} s)"
        return Finding(reason=Reason.FROZEN, bad=True, fact=fact)
    if summary.frames_rendered == 0 and summary.window_s > 0:
        fact = f"no rendered frame in {summary.window_s:.1f} s under a stimulus"
        return Finding(reason=Reason.FROZEN, bad=True, fact=fact)
    return None


def _unchanged(summary: StreamSummary, thresholds: Thresholds) -> Finding | None:
    if summary.changed is not False or _is_blank(summary, thresholds):
        return None
    fact = f"no pixel changed in {summary.window_s:.1f} s under a stimulus"
    return Finding(reason=Reason.FROZEN, bad=True, fact=fact)


def _is_blank(summary: StreamSummary, thresholds: Thresholds) -> bool:
    return summary.luma is not None and summary.luma <= thresholds.blank_luma


def _blank(summary: StreamSummary, thresholds: Thresholds) -> Finding | None:
    if not _is_blank(summary, thresholds):
        return None
    fact = f"the picture's mean luma is at most {summary.luma:.0f} (blank at {thresholds.blank_luma:g})"
    return Finding(reason=Reason.BLACK_FRAMES, bad=True, fact=fact)


def _frame_rate(summary: StreamSummary, thresholds: Thresholds) -> Finding | None:
    rate, limit = summary.frames_per_second, thresholds.frames_per_second
    if rate is None or rate >= limit.warn:
        return None
    bad = rate < limit.fail
    fact = f"{rate:.1f} frames per second (limit {limit.fail if bad else limit.warn:g})"
    return Finding(reason=Reason.LOW_FPS, bad=bad, fact=fact)


def _freezes(summary: StreamSummary, thresholds: Thresholds) -> Finding | None:
    share = summary.freeze_ratio or 0.0
    gap = summary.longest_gap_s or 0.0
    if share > thresholds.freeze_fail_ratio:
        fact = f"frozen for {share:.0%} of the window (limit {thresholds.freeze_fail_ratio:.0%})"
        return Finding(reason=Reason.FROZEN, bad=True, fact=fact)
    if gap > thresholds.freeze_warn_s:
        fact = f"a freeze of {gap:.1f} s (limit {thresholds.freeze_warn_s:g} s)"
        return Finding(reason=Reason.FROZEN, bad=False, fact=fact)
    return None


def _loss(summary: StreamSummary, thresholds: Thresholds) -> Finding | None:
    return over(Reason.HIGH_LOSS, summary.packet_loss_ratio, thresholds.loss_ratio, "packet loss {:.1%}")


def _round_trip(summary: StreamSummary, thresholds: Thresholds) -> Finding | None:
    return over(Reason.HIGH_RTT, summary.round_trip_s, thresholds.round_trip_s, "round-trip time {:.3f} s")


def _jitter(summary: StreamSummary, thresholds: Thresholds) -> Finding | None:
    return over(Reason.HIGH_JITTER, summary.jitter_s, thresholds.jitter_s, "jitter {:.3f} s")


def _jitter_buffer(summary: StreamSummary, thresholds: Thresholds) -> Finding | None:
    return over(
        Reason.HIGH_JITTER,
        summary.jitter_buffer_s,
        thresholds.jitter_buffer_s,
        "jitter buffer {:.3f} s",
    )


def over(reason: Reason, value: float | None, limit: Limit, words: str) -> Finding | None:
    """Holds a value against a limit where more is worse; an absent value breaks no rule."""
    if value is None or value <= limit.warn:
        return None
    bad = value > limit.fail
    edge = words.split("{", 1)[1]
    fact = f"{words.format(value)} (limit {('{' + edge).format(limit.fail if bad else limit.warn)})"
    return Finding(reason=reason, bad=bad, fact=fact)
