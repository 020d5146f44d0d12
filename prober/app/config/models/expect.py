"""What a target is expected to do: step durations, with the limits of stream and input."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from prober.app.config.durations import format_duration
from prober.app.config.models.base import Model, refusal
from prober.app.config.models.fields import PositiveSeconds, Ratio
from prober.domain.thresholds import Thresholds

_DEFAULTS = Thresholds()


class _Limit(Model):
    """Two edges: past `warn` a run is degraded, past `fail` it is a failure."""

    larger_is_worse: ClassVar[bool] = True

    warn: float
    fail: float

    @model_validator(mode="after")
    def _warns_before_it_fails(self) -> Self:
        early, late = (self.warn, self.fail) if self.larger_is_worse else (self.fail, self.warn)
        if early >= late:
            where = "below" if self.larger_is_worse else "above"
            problem = f"warn ({self._spell('warn')}) must be {where} fail ({self._spell('fail')})"
            raise refusal(problem, mend="move one of them")
        return self

    def _spell(self, edge: str) -> str:
        value = self._format(getattr(self, edge))
        return value if edge in self.model_fields_set else f"{value} by default"

    def _format(self, value: float) -> str:
        return f"{value:g}"


class _DurationLimit(_Limit):
    def _format(self, value: float) -> str:
        return format_duration(value)


class RoundTripModel(_DurationLimit):
    """Round-trip time of the media path, mean over the window."""

    warn: PositiveSeconds = _DEFAULTS.round_trip_s.warn
    fail: PositiveSeconds = _DEFAULTS.round_trip_s.fail


class JitterModel(_DurationLimit):
    """RTP jitter, the worst sample."""

    warn: PositiveSeconds = _DEFAULTS.jitter_s.warn
    fail: PositiveSeconds = _DEFAULTS.jitter_s.fail


class JitterBufferModel(_DurationLimit):
    """Time a frame waits in the jitter buffer, mean."""

    warn: PositiveSeconds = _DEFAULTS.jitter_buffer_s.warn
    fail: PositiveSeconds = _DEFAULTS.jitter_buffer_s.fail


class InputLatencyModel(_DurationLimit):
    """Input event to changed pixel, the median."""

    warn: PositiveSeconds = _DEFAULTS.input_s.warn
    fail: PositiveSeconds = _DEFAULTS.input_s.fail


class LossModel(_Limit):
    """Packets lost of packets sent, as `1%` or `0.01`."""

    warn: Ratio = _DEFAULTS.loss_ratio.warn
    fail: Ratio = _DEFAULTS.loss_ratio.fail

    def _format(self, value: float) -> str:
        return f"{value * 100:g}%"


class FrameRateModel(_Limit):
    """Rendered frames per second under a stimulus; less is worse."""

    larger_is_worse: ClassVar[bool] = False

    warn: float = Field(default=_DEFAULTS.frames_per_second.warn, ge=0, le=1000, allow_inf_nan=False)
    fail: float = Field(default=_DEFAULTS.frames_per_second.fail, ge=0, le=1000, allow_inf_nan=False)


class FreezeModel(Model):
    """How long the picture may stand still under a stimulus."""

    longest: PositiveSeconds = _DEFAULTS.freeze_warn_s
    """One freeze longer than this degrades the run."""
    share: Ratio = _DEFAULTS.freeze_fail_ratio
    """A larger share of the window spent frozen fails it."""


class ExpectModel(Model):
    """Step durations above which a run is degraded; edges of the stream's and the input's quality."""

    create: PositiveSeconds | None = None
    """Longest expected duration of step `create`."""
    running: PositiveSeconds | None = None
    """Longest expected duration of step `running`."""
    url: PositiveSeconds | None = None
    """Longest expected duration of step `url`."""
    login: PositiveSeconds | None = None
    """Longest expected duration of step `login`."""
    connect: PositiveSeconds | None = None
    """Longest expected duration of step `connect`."""
    first_frame: PositiveSeconds | None = None
    """Longest expected duration of step `first_frame`."""
    stream: PositiveSeconds | None = None
    """Longest expected duration of step `stream`, its window included."""
    input: PositiveSeconds | None = None
    """Longest expected duration of step `input`."""
    terminate: PositiveSeconds | None = None
    """Longest expected duration of step `terminate`."""
    cleanup: PositiveSeconds | None = None
    """Longest expected duration of step `cleanup`."""

    transport: Literal["webrtc_video", "webrtc_data_channel", "websocket"] = "webrtc_video"
    """How the picture must come; one that comes otherwise is a failure, whatever the screen shows."""
    frames_per_second: FrameRateModel = FrameRateModel()
    round_trip: RoundTripModel = RoundTripModel()
    loss: LossModel = LossModel()
    jitter: JitterModel = JitterModel()
    jitter_buffer: JitterBufferModel = JitterBufferModel()
    freeze: FreezeModel = FreezeModel()
    input_latency: InputLatencyModel = InputLatencyModel()
    no_frame: PositiveSeconds = _DEFAULTS.no_frame_s
    """No rendered frame for this long under a stimulus fails the run; at most the window less `settle`."""
    blank_luma: float = Field(default=_DEFAULTS.blank_luma, ge=0, le=255, allow_inf_nan=False)
    """Mean luma (0 to 255) at or below which a picture counts as blank."""
