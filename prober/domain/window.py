"""What a window of samples comes to.

Counters are cumulative, so a window is judged by their deltas; looks at pixels are rare, so by the longest stretch in
which one look after the other said the same. What the browser did not say stays absent. Source of the formulas: W3C
webrtc-stats.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from prober.domain.absent import either, mean, ratio, scaled, share, total, worst
from prober.domain.growth import Growth
from prober.domain.stream import StreamSample, StreamSummary
from prober.domain.stretches import blank_s, unchanged_s

_LASTING_FREEZE_S = 1.0
"""A gap that still lasts counts as a freeze from here on; shorter ones are ordinary pacing."""

_RECENT_S = 2.0
"""Pixels are looked at about once a second; a picture seen so shortly before the end was there at the end."""


def summarise(samples: Sequence[StreamSample], *, settle_s: float, blank_luma: float) -> StreamSummary:
    """Reduces a window of samples to deltas and means.

    Args:
        samples: The window's samples in order.
        settle_s: How much of its beginning is left out, in seconds: encoders ramp up.
        blank_luma: Mean luma at or below which a picture is blank.
    """
    settled = _settled(samples, settle_s)
    if not settled:
        return StreamSummary(window_s=0.0)
    anew = _anew(samples)
    summary = StreamSummary(
        window_s=_length_s(settled, anew=anew),
        anew=anew,
        disconnections=Growth(samples).count("disconnections"),
    )
    for part in (_picture, _frames, _network, _decoding, _audio):
        summary = part(summary, settled)
    return replace(summary, blank_s=blank_s(settled, blank_luma), unchanged_s=unchanged_s(settled))


def _settled(samples: Sequence[StreamSample], settle_s: float) -> list[StreamSample]:
    if not samples:
        return []
    begin = samples[0].moment_s + settle_s
    return [sample for sample in samples if sample.moment_s >= begin]


def _anew(samples: Sequence[StreamSample]) -> bool:
    """Tells whether the page began anew: its time fell. A page that did not say has the time 0, which tells nothing."""
    told = [sample.at_s for sample in samples if sample.at_s > 0]
    return any(later < earlier for earlier, later in pairwise(told))


def _length_s(settled: Sequence[StreamSample], *, anew: bool) -> float:
    """Returns the time that passed, by the page's clock where it ran through: counters were read at its moments."""
    first, last = settled[0], settled[-1]
    if not anew and first.at_s > 0 and last.at_s > 0:
        return last.at_s - first.at_s
    return last.moment_s - first.moment_s


def _picture(summary: StreamSummary, samples: Sequence[StreamSample]) -> StreamSummary:
    last = samples[-1]
    return replace(
        summary,
        uncounted=_uncounted(samples),
        luma=worst(sample.luma for sample in samples),
        looks=sum(sample.changed is not None for sample in samples[1:]),
        changed=either(sample.changed for sample in samples[1:]),
        paused=last.paused,
        width=last.width,
        height=last.height,
    )


def _uncounted(samples: Sequence[StreamSample]) -> bool:
    if any(sample.frames_rendered is not None for sample in samples) or samples[-1].width is None:
        return False
    recent = samples[-1].moment_s - _RECENT_S
    return any(sample.luma is not None and sample.moment_s >= recent for sample in samples)


def _frames(summary: StreamSummary, samples: Sequence[StreamSample]) -> StreamSummary:
    grown, last = Growth(samples), samples[-1]
    frames = grown.count("frames_rendered")
    return replace(
        summary,
        frames_rendered=frames,
        frames_decoded=grown.count("frames_decoded"),
        frames_per_second=ratio(frames, summary.window_s),
        frames_dropped_ratio=share(grown.count("frames_dropped"), grown.count("frames_received")),
        freeze_ratio=_freeze_ratio(samples, last.last_frame_age_s, summary.window_s),
        freezes=grown.count("freezes"),
        pauses=grown.count("pauses"),
        pauses_s=grown.of("pauses_s"),
        longest_gap_s=worst(_inside(sample.longest_gap_s, sample, samples) for sample in samples[1:]),
        last_frame_age_s=_inside(last.last_frame_age_s, last, samples),
        inter_frame_stdev_s=_inter_frame_stdev_s(grown),
    )


def _inside(stretch_s: float | None, sample: StreamSample, samples: Sequence[StreamSample]) -> float | None:
    """Returns what of a stretch up to a sample lies inside the window: what was before it is not judged."""
    return None if stretch_s is None else min(stretch_s, sample.moment_s - samples[0].moment_s)


def _freeze_ratio(samples: Sequence[StreamSample], lasting_s: float | None, window_s: float) -> float | None:
    """Adds up the freezes that ended, the longer ones, which browsers count as pauses, and the one that lasts.

    A freeze counts as a whole where it ends, so that one which began before the window can make more of it than there
    was: up to no moment can more have been frozen than there was of the window by then.
    """
    grown = Growth(samples)
    if grown.of("freezes_s") is None or lasting_s is None or window_s <= 0:
        return None
    grown_s = grown.steps("freezes_s")
    if grown.of("pauses_s") is not None:
        grown_s = [freezes_s + pauses_s for freezes_s, pauses_s in zip(grown_s, grown.steps("pauses_s"), strict=True)]
    frozen_s = 0.0
    for sample, more_s in zip(samples[1:], grown_s, strict=True):
        frozen_s = min(sample.moment_s - samples[0].moment_s, frozen_s + more_s)
    frozen_s += lasting_s if lasting_s > _LASTING_FREEZE_S else 0.0
    return min(1.0, frozen_s / window_s)


def _inter_frame_stdev_s(grown: Growth) -> float | None:
    """Returns sqrt((sum of squares - sum^2 / n) / n).

    n is taken from the decoded frames: both sums grow where a frame leaves the decoder for the renderer, whether an
    element shows it or not, and frames shown are counted elsewhere, by the compositor.
    """
    frames, summed, squared = grown.of("frames_decoded"), grown.of("inter_frame_s"), grown.of("inter_frame_squared_s2")
    if not frames or summed is None or squared is None:
        return None
    return math.sqrt(max(0.0, (squared - summed**2 / frames) / frames))


def _network(summary: StreamSummary, samples: Sequence[StreamSample]) -> StreamSummary:
    grown, window_s = Growth(samples), summary.window_s
    lost, received = grown.lost("packets_lost"), grown.count("packets_received")
    again = grown.count("packets_retransmitted")
    changes = grown.count("pair_changes")
    return replace(
        summary,
        packet_loss_ratio=_loss_ratio(lost, received=received, again=again),
        retransmitted_ratio=share(again, received),
        bitrate_bits_per_second=scaled(ratio(grown.count("bytes_received"), window_s), 8.0),
        jitter_s=worst(sample.jitter_s for sample in samples),
        round_trip_s=_round_trip_s(samples, same_path=not changes),
        nacks_per_second=ratio(grown.count("nacks"), window_s),
        plis_per_second=ratio(grown.count("plis"), window_s),
        firs_per_second=ratio(grown.count("firs"), window_s),
        path_changes=changes,
        available_incoming_bits_per_second=mean([sample.available_incoming_bits_per_s for sample in samples]),
        available_outgoing_bits_per_second=mean([sample.available_outgoing_bits_per_s for sample in samples]),
    )


def _loss_ratio(lost: int | None, *, received: int | None, again: int | None) -> float | None:
    """Returns the share of the packets sent that did not come at their first try.

    Chromium counts a lost packet as lost even when it is sent again, and what is sent again as received.
    """
    first_tries = None if received is None else max(0, received - (again or 0))
    return ratio(lost, total(lost, first_tries))


def _round_trip_s(samples: Sequence[StreamSample], *, same_path: bool) -> float | None:
    """Returns the mean of all round trips; of two candidate pairs the sums cannot be subtracted."""
    grown = Growth(samples)
    summed = ratio(grown.of("round_trips_s"), grown.count("round_trip_responses")) if same_path else None
    return mean([sample.round_trip_s for sample in samples]) if summed is None else summed


def _decoding(summary: StreamSummary, samples: Sequence[StreamSample]) -> StreamSummary:
    grown, last = Growth(samples), samples[-1]
    decoded, emitted = grown.count("frames_decoded"), grown.count("jitter_buffer_frames")
    pixels = None if last.width is None or last.height is None else last.width * last.height
    bits = scaled(grown.count("bytes_received"), 8.0)
    return replace(
        summary,
        jitter_buffer_s=ratio(grown.of("jitter_buffer_s"), emitted),
        jitter_buffer_target_s=ratio(grown.of("jitter_buffer_target_s"), emitted),
        jitter_buffer_minimum_s=ratio(grown.of("jitter_buffer_minimum_s"), emitted),
        codec_parameters=last.codec_parameters,
        decoder=last.decoder,
        decoder_efficient=last.decoder_efficient,
        decode_s=ratio(grown.of("decode_s"), decoded),
        processing_s=ratio(grown.of("processing_s"), decoded),
        key_frames=grown.count("key_frames"),
        quantizer=ratio(grown.of("quantizer_sum"), decoded),
        bits_per_pixel=ratio(ratio(bits, decoded), pixels),
        corruption_ratio=share(grown.of("corruption_sum"), grown.count("corruption_measurements")),
    )


def _audio(summary: StreamSummary, samples: Sequence[StreamSample]) -> StreamSummary:
    grown, window_s = Growth(samples), summary.window_s
    received = grown.count("audio_bytes")
    return replace(
        summary,
        audio_told=samples[-1].audio_bytes is not None,
        audio_bytes=received,
        audio_bitrate_bits_per_second=scaled(ratio(received, window_s), 8.0),
        audio_concealed_ratio=share(grown.count("audio_concealed"), grown.count("audio_samples")),
        audio_concealments=grown.count("audio_concealments"),
        audio_synthesized_s=grown.of("audio_synthesized_s"),
        audio_energy_per_second=ratio(grown.of("audio_energy"), window_s),
        audio_level=worst(sample.audio_level for sample in samples),
        audio_offset_s=mean([sample.audio_playout_s for sample in samples]),
    )
