"""Is a picture really arriving, and is it good?

It is given what an observation window came to, the limits of the target, and whether a stimulus kept the desktop
busy. It never waits, reads a clock, or raises: a bad stream is an answer. What the browser did not say breaks no
rule; only a picture that is no longer there does.
"""

from collections.abc import Callable
from dataclasses import replace

from prober.domain.finding import Finding, Rule, Verdict, over
from prober.domain.reasons import Reason
from prober.domain.stream import StreamSummary
from prober.domain.thresholds import Limit, Thresholds

_DISCONNECTIONS = Limit(warn=0, fail=1)
"""One loss of ICE in a window may be an accident of the network; a second one is a pattern."""

_LEAST_LOOKS = 3
"""So few looks may all have met the picture in the same state, although it moved between them."""


def judge(summary: StreamSummary, thresholds: Thresholds, *, stimulated: bool) -> Verdict:
    """Judges a stream by its window; the rules stand in order of blame.

    Args:
        summary: What the window came to.
        thresholds: The target's limits.
        stimulated: Whether something kept the desktop busy. Without that an idle desktop rightly sends almost
            nothing, so frame rate and freezes are not judged.
    """
    # A lost path explains a picture that is gone: pages take it away then.
    rules: list[Callable[[StreamSummary, Thresholds], Finding | None]] = [_playback_blocked, _flapping, _gone]
    if stimulated:
        rules += [_no_frame, _unchanged]
    # The network explains freezes, freezes explain a low rate; not the other way round.
    rules += [_blank, _loss, _round_trip]
    if stimulated:
        rules += [_freezes, _frame_rate]
    rules += [_jitter, _jitter_buffer]
    found = [finding for rule in rules if (finding := rule(summary, thresholds)) is not None]
    still = next((finding for finding in found if finding.bad and finding.reason is Reason.FROZEN), None)
    return Verdict(findings=tuple(_blamed(finding, still) if still else finding for finding in found))


def _blamed(finding: Finding, still: Finding) -> Finding:
    """Lets a loss of ICE, even a single one, decide over the standstill that it explains."""
    if finding.rule is not Rule.ICE_FLAPPING:
        return finding
    return replace(finding, bad=True, fact=f"{finding.fact}; {still.fact}")


def _gone(summary: StreamSummary, _: Thresholds) -> Finding | None:
    """Finds a picture that was there in the step before and is no longer, or began anew: a page that reloads does."""
    there = summary.frames_rendered is not None or summary.uncounted
    if there and not summary.anew:
        return None
    fact = "the picture went away, or began anew, during the window"
    return Finding(rule=Rule.GONE, bad=True, fact=fact, window_s=summary.window_s)


def _playback_blocked(summary: StreamSummary, _: Thresholds) -> Finding | None:
    if not summary.paused or not summary.frames_decoded:
        return None
    fact = f"{summary.frames_decoded} frames were decoded while the video element is paused"
    value = float(summary.frames_decoded)
    return Finding(rule=Rule.PLAYBACK_BLOCKED, bad=True, fact=fact, value=value, limit=0.0, window_s=summary.window_s)


def _flapping(summary: StreamSummary, _: Thresholds) -> Finding | None:
    words = "disconnections of ICE during the window: {:.0f}"
    return over(Rule.ICE_FLAPPING, summary.disconnections, _DISCONNECTIONS, words=words, window_s=summary.window_s)


def _no_frame(summary: StreamSummary, thresholds: Thresholds) -> Finding | None:
    limit = thresholds.no_frame_s
    gap = max((g for g in (summary.longest_gap_s, summary.last_frame_age_s) if g is not None), default=0.0)
    if gap >= limit:
        fact = f"no rendered frame for {gap:.1f} s under a stimulus (limit {limit:g} s)"
    elif summary.frames_rendered == 0 and summary.window_s > 0:
        gap = summary.window_s
        fact = f"no rendered frame in {gap:.1f} s under a stimulus"
    else:
        return None
    return Finding(rule=Rule.NO_FRAME, bad=True, fact=fact, value=gap, limit=limit, window_s=summary.window_s)


def _unchanged(summary: StreamSummary, thresholds: Thresholds) -> Finding | None:
    if _blank(summary, thresholds) is not None or (summary.looks or 0) < _LEAST_LOOKS:
        return None
    # A window shorter than the limit is judged as a whole.
    limit = min(thresholds.no_frame_s, summary.window_s)
    stretch = max(summary.unchanged_s or 0.0, summary.window_s if summary.changed is False else 0.0)
    if stretch < limit or stretch <= 0:
        return None
    fact = f"no pixel changed in {stretch:.1f} s under a stimulus (limit {limit:g} s)"
    return Finding(rule=Rule.UNCHANGED, bad=True, fact=fact, value=stretch, limit=limit, window_s=summary.window_s)


def _blank(summary: StreamSummary, thresholds: Thresholds) -> Finding | None:
    luma, stretch = summary.luma, summary.blank_s or 0.0
    if luma is not None and luma <= thresholds.blank_luma:
        rule, value, limit = Rule.BLANK_PICTURE, luma, thresholds.blank_luma
        fact = f"the picture's mean luma is at most {luma:.0f} (blank at {limit:g})"
    elif stretch >= thresholds.no_frame_s:
        rule, value, limit = Rule.BLANK_STRETCH, stretch, thresholds.no_frame_s
        fact = f"the picture was blank for {stretch:.1f} s (limit {limit:g} s)"
    else:
        return None
    return Finding(rule=rule, bad=True, fact=fact, value=value, limit=limit, window_s=summary.window_s)


def _frame_rate(summary: StreamSummary, thresholds: Thresholds) -> Finding | None:
    rate, edges = summary.frames_per_second, thresholds.frames_per_second
    if rate is None or rate >= edges.warn:
        return None
    bad = rate < edges.fail
    limit = edges.fail if bad else edges.warn
    fact = f"{rate:.1f} frames per second (limit {limit:g})"
    return Finding(rule=Rule.FRAME_RATE, bad=bad, fact=fact, value=rate, limit=limit, window_s=summary.window_s)


def _freezes(summary: StreamSummary, thresholds: Thresholds) -> Finding | None:
    share, gap = summary.freeze_ratio or 0.0, summary.longest_gap_s or 0.0
    most, longest = thresholds.freeze_fail_ratio, thresholds.freeze_warn_s
    window = summary.window_s
    if share > most:
        fact = f"frozen for {share:.0%} of the window (limit {most:.0%})"
        return Finding(rule=Rule.FREEZE_RATIO, bad=True, fact=fact, value=share, limit=most, window_s=window)
    if gap > longest:
        fact = f"a freeze of {gap:.1f} s (limit {longest:g} s)"
        return Finding(rule=Rule.LONGEST_FREEZE, bad=False, fact=fact, value=gap, limit=longest, window_s=window)
    return None


def _loss(summary: StreamSummary, thresholds: Thresholds) -> Finding | None:
    value, limit = summary.packet_loss_ratio, thresholds.loss_ratio
    return over(Rule.PACKET_LOSS, value, limit, words="packet loss {:.1%}", window_s=summary.window_s)


def _round_trip(summary: StreamSummary, thresholds: Thresholds) -> Finding | None:
    value, limit = summary.round_trip_s, thresholds.round_trip_s
    return over(Rule.ROUND_TRIP_TIME, value, limit, words="round-trip time {:.3f} s", window_s=summary.window_s)


def _jitter(summary: StreamSummary, thresholds: Thresholds) -> Finding | None:
    value, limit = summary.jitter_s, thresholds.jitter_s
    return over(Rule.JITTER, value, limit, words="jitter {:.3f} s", window_s=summary.window_s)


def _jitter_buffer(summary: StreamSummary, thresholds: Thresholds) -> Finding | None:
    value, limit = summary.jitter_buffer_s, thresholds.jitter_buffer_s
    return over(Rule.JITTER_BUFFER_DELAY, value, limit, words="jitter buffer {:.3f} s", window_s=summary.window_s)
