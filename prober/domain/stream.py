"""What was counted and drew itself during an observation window.

Samples are what the browser said at one moment, a summary is what a window of them comes to. Counters are cumulative,
as W3C webrtc-stats has them; `None` means that the browser did not say, which is never the same as 0. Rendered frames
are the user's truth, decoded ones are not: a paused video element decodes and shows nothing.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSample:
    """One look at the stream; counters since the connection began, times in seconds.

    Attributes:
        at_s: When, in the page's time, which begins anew with each document; 0 where the page did not say.
        taken_s: When, by the prober's clock, which goes on whatever becomes of the page; `None` where only the page's
            time is known.
        source: Of which connection's video the statistics are; two samples of different ones cannot be subtracted.
        codec_parameters: `sdpFmtpLine` of the video's codec.
        decoder: `decoderImplementation`.
        decoder_efficient: `powerEfficientDecoder`: whether it spares power, as those in hardware do.
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
        corruption_sum: `totalCorruptionProbability`.
        corruption_measurements: `corruptionMeasurements`.
        round_trips_s: `totalRoundTripTime` of the selected candidate pair, summed over responses.
        round_trip_responses: `responsesReceived` of the selected candidate pair.
        available_incoming_bits_per_s: `availableIncomingBitrate`.
        available_outgoing_bits_per_s: `availableOutgoingBitrate`.
        pair_changes: `selectedCandidatePairChanges`; 1 for a connection that never changed its path.
        disconnections: How often ICE was connected and then no more, over all peer connections of the page.
        audio_source: Of which connection's audio the audio's statistics are, as `source`.
        audio_samples: `totalSamplesReceived` of the audio.
        audio_concealed: `concealedSamples`.
        audio_concealments: `concealmentEvents`.
        audio_synthesized_s: `synthesizedSamplesDuration`: sound that was made up because none was there to be played.
        audio_energy: `totalAudioEnergy`; does not grow in silence.
        audio_level: `audioLevel`, 0 to 1.
        audio_bytes: Audio payload bytes received.
        audio_playout_s: `estimatedPlayoutTimestamp` of the audio less that of the video.
    """

    at_s: float
    taken_s: float | None = None
    source: str | None = None
    codec_parameters: str | None = None
    decoder: str | None = None
    decoder_efficient: bool | None = None
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
    corruption_sum: float | None = None
    corruption_measurements: int | None = None
    round_trips_s: float | None = None
    round_trip_responses: int | None = None
    available_incoming_bits_per_s: float | None = None
    available_outgoing_bits_per_s: float | None = None
    pair_changes: int | None = None
    disconnections: int | None = None
    audio_source: str | None = None
    audio_samples: int | None = None
    audio_concealed: int | None = None
    audio_concealments: int | None = None
    audio_synthesized_s: float | None = None
    audio_energy: float | None = None
    audio_level: float | None = None
    audio_bytes: int | None = None
    audio_playout_s: float | None = None

    @property
    def moment_s(self) -> float:
        """When, by the prober's clock where it is known, else in the page's time."""
        return self.at_s if self.taken_s is None else self.taken_s


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSummary:
    """What a window of samples comes to; `None` where the browser did not say.

    Ratios lie between 0 and 1, times are seconds, rates are per second.

    Attributes:
        window_s: The time between the first and the last settled sample.
        anew: Whether the page began anew, as a reload makes it.
        frames_rendered: Frames rendered in the window; `None` where they began anew too.
        uncounted: Whether a picture was there all the time whose frames nobody counts, such as a canvas that a worker
            draws; its pixels alone are judged.
        frames_decoded: Frames decoded in the window.
        frames_per_second: Rendered frames.
        frames_dropped_ratio: Frames dropped of those received.
        packet_loss_ratio: Packets lost of those sent.
        bitrate_bits_per_second: RTP payload of the video.
        jitter_s: RTP jitter, the worst sample.
        jitter_buffer_s: Time of a frame in the jitter buffer, mean.
        jitter_buffer_target_s: Time that the jitter buffer aimed at, mean.
        jitter_buffer_minimum_s: Time that the network alone would have made the jitter buffer aim at, mean.
        round_trip_s: Round trips of the window, mean; that of the samples where the browser sums up none.
        freeze_ratio: Share of the window spent frozen, pauses and the freeze that lasts included.
        freezes: Freezes that ended in the window.
        pauses: Pauses, freezes over 5 s, that ended in the window.
        pauses_s: What they lasted together.
        longest_gap_s: Longest time between two rendered frames, the gap that lasts included; what of it lies in the
            window.
        last_frame_age_s: Time since the last rendered frame, at the window's end; the whole window at most.
        inter_frame_stdev_s: Standard deviation of the time between two frames.
        luma: Mean luma of the brightest look.
        blank_s: Longest stretch of blank looks.
        looks: How many looks at the picture were compared with the one before.
        changed: Whether any look saw a change.
        unchanged_s: Longest stretch of looks that saw none.
        paused: Whether the video element was paused at the window's end.
        width: Width of the picture in pixels, at the window's end.
        height: Height of the picture in pixels, at the window's end.
        codec_parameters: The video codec's negotiated parameters, at the window's end.
        decoder: The decoder's name, at the window's end.
        decoder_efficient: Whether it spares power, as those in hardware do.
        decode_s: Time to decode a frame, mean.
        processing_s: Time from a frame's first packet to the frame decoded, mean.
        key_frames: Key frames decoded in the window.
        nacks_per_second: Packets asked for again.
        plis_per_second: Key frames asked for because a picture was lost.
        firs_per_second: Key frames asked for outright.
        retransmitted_ratio: Packets that came as a retransmission, of those received.
        quantizer: Quantizer of a frame, mean; its scale is the codec's.
        bits_per_pixel: Payload bits for each pixel of a decoded frame.
        corruption_ratio: Probability that a frame is corrupt, mean.
        path_changes: How often the selected candidate pair changed.
        disconnections: How often ICE was lost, over the whole observation: it needs no time to settle.
        available_incoming_bits_per_second: What the browser believes the network can bring, mean.
        available_outgoing_bits_per_second: What it believes the network can take, mean.
        audio_told: Whether the browser counted audio at the window's end.
        audio_bytes: Audio payload bytes received in the window; `None` where they began anew too.
        audio_bitrate_bits_per_second: RTP payload of the audio.
        audio_concealed_ratio: Audio samples that were made up, of those played.
        audio_concealments: How often samples were made up.
        audio_synthesized_s: Sound made up in the window because none was there to be played.
        audio_energy_per_second: Growth of the audio's energy; 0 in silence.
        audio_level: The loudest sample, 0 to 1.
        audio_offset_s: How far the audio plays ahead of the video, mean.
    """

    window_s: float
    anew: bool = False
    frames_rendered: int | None = None
    uncounted: bool = False
    frames_decoded: int | None = None
    frames_per_second: float | None = None
    frames_dropped_ratio: float | None = None
    packet_loss_ratio: float | None = None
    bitrate_bits_per_second: float | None = None
    jitter_s: float | None = None
    jitter_buffer_s: float | None = None
    jitter_buffer_target_s: float | None = None
    jitter_buffer_minimum_s: float | None = None
    round_trip_s: float | None = None
    freeze_ratio: float | None = None
    freezes: int | None = None
    pauses: int | None = None
    pauses_s: float | None = None
    longest_gap_s: float | None = None
    last_frame_age_s: float | None = None
    inter_frame_stdev_s: float | None = None
    luma: float | None = None
    blank_s: float | None = None
    looks: int | None = None
    changed: bool | None = None
    unchanged_s: float | None = None
    paused: bool | None = None
    width: int | None = None
    height: int | None = None
    codec_parameters: str | None = None
    decoder: str | None = None
    decoder_efficient: bool | None = None
    decode_s: float | None = None
    processing_s: float | None = None
    key_frames: int | None = None
    nacks_per_second: float | None = None
    plis_per_second: float | None = None
    firs_per_second: float | None = None
    retransmitted_ratio: float | None = None
    quantizer: float | None = None
    bits_per_pixel: float | None = None
    corruption_ratio: float | None = None
    path_changes: int | None = None
    disconnections: int | None = None
    available_incoming_bits_per_second: float | None = None
    available_outgoing_bits_per_second: float | None = None
    audio_told: bool = False
    audio_bytes: int | None = None
    audio_bitrate_bits_per_second: float | None = None
    audio_concealed_ratio: float | None = None
    audio_concealments: int | None = None
    audio_synthesized_s: float | None = None
    audio_energy_per_second: float | None = None
    audio_level: float | None = None
    audio_offset_s: float | None = None
