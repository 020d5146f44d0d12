"""What the scripts in the page saw and what webrtc-stats counts, as the domain's samples.

The largest visible picture counts, with the statistics of its video, else of the busiest one. What a browser does not
report stays absent.
"""

from collections.abc import Sequence
from dataclasses import replace

from prober.adapters.browser.collector import Answer
from prober.adapters.browser.pictures import parse_first, parse_picture
from prober.adapters.browser.raw import RawReport
from prober.adapters.browser.statistics import Statistics, busiest, loudest
from prober.domain.picture import FirstFrame
from prober.domain.stream import StreamSample


def parse_first_frame(answers: Sequence[Answer]) -> FirstFrame:
    """Joins the frames' first looks: the largest visible picture counts, and the statistics of its video."""
    decoded = busiest([answer.value["statistics"] for answer in answers]).video.get("framesDecoded")
    return parse_first(answers, decoded=decoded)


def parse_sample(answers: Sequence[Answer]) -> StreamSample:
    """Joins the frames' samples: the largest visible picture, the statistics of its video."""
    peers = [answer.value["statistics"] for answer in answers]
    statistics = busiest(peers)
    sample = replace(parse_picture(answers), disconnections=_disconnections(answers))
    sample = _with_video(sample, statistics)
    sample = _with_pair(sample, statistics)
    return _with_audio(sample, statistics if statistics.audio else loudest(peers), video=statistics.video)


def _with_video(sample: StreamSample, statistics: Statistics) -> StreamSample:
    video = statistics.video
    return replace(
        sample,
        source=statistics.source(video),
        codec_parameters=statistics.codec_parameters,
        decoder=video.get("decoderImplementation"),
        decoder_efficient=video.get("powerEfficientDecoder"),
        frames_decoded=video.get("framesDecoded"),
        frames_dropped=video.get("framesDropped"),
        frames_received=video.get("framesReceived"),
        key_frames=video.get("keyFramesDecoded"),
        decode_s=video.get("totalDecodeTime"),
        processing_s=video.get("totalProcessingDelay"),
        inter_frame_s=video.get("totalInterFrameDelay"),
        inter_frame_squared_s2=video.get("totalSquaredInterFrameDelay"),
        freezes=video.get("freezeCount"),
        freezes_s=video.get("totalFreezesDuration"),
        pauses=video.get("pauseCount"),
        pauses_s=video.get("totalPausesDuration"),
        packets_received=video.get("packetsReceived"),
        packets_lost=video.get("packetsLost"),
        packets_retransmitted=video.get("retransmittedPacketsReceived"),
        bytes_received=video.get("bytesReceived"),
        jitter_s=video.get("jitter"),
        jitter_buffer_s=video.get("jitterBufferDelay"),
        jitter_buffer_target_s=video.get("jitterBufferTargetDelay"),
        jitter_buffer_minimum_s=video.get("jitterBufferMinimumDelay"),
        jitter_buffer_frames=video.get("jitterBufferEmittedCount"),
        nacks=video.get("nackCount"),
        plis=video.get("pliCount"),
        firs=video.get("firCount"),
        quantizer_sum=video.get("qpSum"),
        corruption_sum=video.get("totalCorruptionProbability"),
        corruption_measurements=video.get("corruptionMeasurements"),
    )


def _with_pair(sample: StreamSample, statistics: Statistics) -> StreamSample:
    pair = statistics.pair
    return replace(
        sample,
        round_trip_s=pair.get("currentRoundTripTime"),
        round_trips_s=pair.get("totalRoundTripTime"),
        round_trip_responses=pair.get("responsesReceived"),
        available_incoming_bits_per_s=pair.get("availableIncomingBitrate"),
        available_outgoing_bits_per_s=pair.get("availableOutgoingBitrate"),
        pair_changes=statistics.transport.get("selectedCandidatePairChanges"),
    )


def _with_audio(sample: StreamSample, statistics: Statistics, *, video: RawReport) -> StreamSample:
    audio = statistics.audio
    heard, shown = audio.get("estimatedPlayoutTimestamp"), video.get("estimatedPlayoutTimestamp")
    return replace(
        sample,
        audio_source=statistics.source(audio),
        audio_samples=audio.get("totalSamplesReceived"),
        audio_concealed=audio.get("concealedSamples"),
        audio_concealments=audio.get("concealmentEvents"),
        audio_synthesized_s=statistics.playout.get("synthesizedSamplesDuration"),
        audio_energy=audio.get("totalAudioEnergy"),
        audio_level=audio.get("audioLevel"),
        audio_bytes=audio.get("bytesReceived"),
        audio_playout_s=None if heard is None or shown is None else _seconds(heard - shown),
    )


def _disconnections(answers: Sequence[Answer]) -> int | None:
    counts = [answer.value["disconnections"] for answer in answers]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
