"""What a window of samples comes to.

Counters are cumulative, so a window is judged by their deltas; looks at pixels are rare, so by the longest stretch in
which one look after the other said the same. What the browser did not say stays absent.
"""

from collections.abc import Sequence
from itertools import pairwise

from prober.domain.absent import count_delta, delta, either, mean, ratio, scaled, share, total, worst
from prober.domain.stream import StreamSample, StreamSummary

_LASTING_FREEZE_S = 1.0
"""A gap that still lasts counts as a freeze from here on; shorter ones are ordinary pacing."""


def summarise(samples: Sequence[StreamSample], *, settle_s: float, blank_luma: float) -> StreamSummary:
    """Reduces a window of samples to deltas and means.

    Args:
        samples: The window's samples in order.
        settle_s: How much of its beginning is left out, in seconds: encoders ramp up.
        blank_luma: Mean luma at or below which a picture is blank.

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
        blank_s=_blank_s(settled, blank_luma),
        changed=either(sample.changed for sample in later),
        unchanged_s=_unchanged_s(settled),
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


def _unchanged_s(samples: Sequence[StreamSample]) -> float | None:
    """Returns the longest time between two looks with no change at any look between them."""
    looks = [sample for sample in samples if sample.changed is not None]
    longest, since = None, None
    for earlier, look in pairwise(looks):
        since = None if look.changed else (earlier.at_s if since is None else since)
        longest = max(longest or 0.0, 0.0 if since is None else look.at_s - since)
    return longest


def _blank_s(samples: Sequence[StreamSample], blank_luma: float) -> float | None:
    """Returns the longest time between two looks at a blank picture with no other picture between them."""
    looks = [(sample.at_s, sample.luma) for sample in samples if sample.luma is not None]
    longest, since = None, None
    for at_s, luma in looks:
        since = (at_s if since is None else since) if luma <= blank_luma else None
        longest = max(longest or 0.0, 0.0 if since is None else at_s - since)
    return longest
