"""Is a picture really arriving, and is it good?

It is given samples of what the browser counted and drew during an observation window, the limits of the target, and
whether a stimulus kept the desktop busy. It never waits, reads a clock, or raises: a bad stream is an answer.
Counters are cumulative, as W3C webrtc-stats has them; `None` means that the browser did not say, which is never the
same as 0. Rendered frames are the user's truth, decoded ones are not: a paused video element decodes and shows
nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

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
        key_frames: `keyFramesDecoded`.
        decode_s: `totalDecodeTime`, summed over frames.
        processing_s: `totalProcessingDelay`, from the first packet received to the frame decoded, summed over frames.
        jitter_buffer_target_s: `jitterBufferTargetDelay`, summed over frames.
        jitter_buffer_minimum_s: `jitterBufferMinimumDelay`, summed over frames.
        inter_frame_s: `totalInterFrameDelay`, summed over frames.
        inter_frame_squared_s2: `totalSquaredInterFrameDelay`, summed over frames.
        freezes: `freezeCount`; grows as `freezes_s` does.
        pauses: `pauseCount`.
        pauses_s: `totalPausesDuration`.
        nacks: `nackCount`.
        plis: `pliCount`.
        firs: `firCount`.
        packets_retransmitted: `retransmittedPacketsReceived`.
        quantizer_sum: `qpSum`; its scale is the codec's.
        header_bytes: `headerBytesReceived`.
        corruption_sum: `totalCorruptionProbability`.
        corruption_measurements: `corruptionMeasurements`.
        round_trips_s: `totalRoundTripTime` of the selected candidate pair, summed over responses.
        round_trip_responses: `responsesReceived` of the selected candidate pair.
        available_incoming_bits_per_s: `availableIncomingBitrate`.
        available_outgoing_bits_per_s: `availableOutgoingBitrate`.
        pair_changes: `selectedCandidatePairChanges`; 1 for a connection that never changed its path.
        disconnections: How often ICE was connected and then no more, over all peer connections of the page.
        audio_samples: `totalSamplesReceived` of the audio.
        audio_concealed: `concealedSamples`.
        audio_concealments: `concealmentEvents`.
        audio_energy: `totalAudioEnergy`; does not grow in silence.
        audio_level: `audioLevel`, 0 to 1.
        audio_bytes: Audio payload bytes received.
        audio_playout_s: `estimatedPlayoutTimestamp` of the audio less that of the video.
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
    key_frames: int | None = None
    decode_s: float | None = None
    processing_s: float | None = None
    jitter_buffer_target_s: float | None = None
    jitter_buffer_minimum_s: float | None = None
    inter_frame_s: float | None = None
    inter_frame_squared_s2: float | None = None
    freezes: int | None = None
    pauses: int | None = None
    pauses_s: float | None = None
    nacks: int | None = None
    plis: int | None = None
    firs: int | None = None
    packets_retransmitted: int | None = None
    quantizer_sum: float | None = None
    header_bytes: int | None = None
    corruption_sum: float | None = None
    corruption_measurements: int | None = None
    round_trips_s: float | None = None
    round_trip_responses: int | None = None
    available_incoming_bits_per_s: float | None = None
    available_outgoing_bits_per_s: float | None = None
    pair_changes: int | None = None
    disconnections: int | None = None
    audio_samples: int | None = None
    audio_concealed: int | None = None
    audio_concealments: int | None = None
    audio_energy: float | None = None
    audio_level: float | None = None
    audio_bytes: int | None = None
    audio_playout_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSummary:
    """What a window of samples comes to; `None` where the browser did not say.

    Ratios lie between 0 and 1, times are seconds, rates are per second. `luma` is that of the brightest look, `changed`
    whether any look saw a change; `blank_s` and `unchanged_s` are the longest stretches of looks that did not.
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
    blank_s: float | None = None
    changed: bool | None = None
    unchanged_s: float | None = None
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
    rules: list[Callable[[StreamSummary, Thresholds], Finding | None]] = [_gone, _playback_blocked]
    if stimulated:
        rules += [_no_frame, _unchanged]
    rules += [_blank]
    if stimulated:
        rules += [_frame_rate, _freezes]
    rules += [_loss, _round_trip, _jitter, _jitter_buffer]
    found = (rule(summary, thresholds) for rule in rules)
    return Verdict(findings=tuple(finding for finding in found if finding is not None))


def _gone(summary: StreamSummary, _: Thresholds) -> Finding | None:
    """Finds a picture that was there in the step before and is no longer, or began anew: a page that reloads does."""
    if summary.frames_rendered is not None:
        return None
    return Finding(reason=Reason.FROZEN, bad=True, fact="the picture went away, or began anew, during the window")


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
    if _is_blank(summary, thresholds):
        return None
    stretch = summary.window_s if summary.changed is False else summary.unchanged_s
    if stretch is None or (stretch < thresholds.no_frame_s and summary.changed is not False):
        return None
    return Finding(reason=Reason.FROZEN, bad=True, fact=f"no pixel changed in {stretch:.1f} s under a stimulus")


def _is_blank(summary: StreamSummary, thresholds: Thresholds) -> bool:
    return _always_blank(summary, thresholds) or (summary.blank_s or 0.0) >= thresholds.no_frame_s


def _always_blank(summary: StreamSummary, thresholds: Thresholds) -> bool:
    return summary.luma is not None and summary.luma <= thresholds.blank_luma


def _blank(summary: StreamSummary, thresholds: Thresholds) -> Finding | None:
    if not _is_blank(summary, thresholds):
        return None
    fact = f"the picture was blank for {summary.blank_s or 0.0:.1f} s (limit {thresholds.no_frame_s:g} s)"
    if _always_blank(summary, thresholds):
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
