"""Where good ends and bad begins.

Each limit has two edges: past `warn` a run is degraded and still a success, past `fail` it is a failure with the
rule's reason. The defaults are the contract's, taken from what WebRTC services publish; a target may move each of
them.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Two edges of one measurement; for most a larger value is worse, for frame rates a smaller one."""

    warn: float
    fail: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """All limits of a target's stream and input.

    Attributes:
        round_trip_s: Round-trip time of the selected candidate pair, mean over the window.
        loss_ratio: Packets lost of packets sent, 0 to 1.
        jitter_s: RTP jitter, the worst sample.
        jitter_buffer_s: Time a frame waits in the jitter buffer, mean.
        freeze_warn_s: One freeze longer than this degrades.
        freeze_fail_ratio: A larger share of the window spent frozen fails, 0 to 1.
        frames_per_second: Rendered frames under a stimulus; less is worse.
        no_frame_s: No rendered frame for this long under a stimulus is `frozen`.
        input_s: Input event to changed pixel, median of the hits.
        blank_luma: Mean luma (Rec. 709, 0 to 255) at or below which a picture is blank.
    """

    round_trip_s: Limit = field(default_factory=lambda: Limit(warn=0.100, fail=0.250))
    loss_ratio: Limit = field(default_factory=lambda: Limit(warn=0.01, fail=0.05))
    jitter_s: Limit = field(default_factory=lambda: Limit(warn=0.030, fail=0.200))
    jitter_buffer_s: Limit = field(default_factory=lambda: Limit(warn=0.100, fail=0.500))
    freeze_warn_s: float = 1.0
    freeze_fail_ratio: float = 0.30
    frames_per_second: Limit = field(default_factory=lambda: Limit(warn=24.0, fail=10.0))
    no_frame_s: float = 5.0
    input_s: Limit = field(default_factory=lambda: Limit(warn=0.150, fail=0.300))
    blank_luma: float = 20.0
