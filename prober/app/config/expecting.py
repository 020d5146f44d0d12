"""What is expected and promised of a target, from the file's models to values."""

from prober.app.config.models.expect import ExpectModel
from prober.app.config.models.objectives import ObjectivesModel
from prober.domain.objectives import Objectives, StartTime
from prober.domain.steps import StepName
from prober.domain.thresholds import Limit, Thresholds


def expected_of(model: ExpectModel) -> dict[StepName, float]:
    """Returns the step durations above which a run is degraded, in seconds."""
    durations = {step: getattr(model, step.value) for step in StepName}
    return {step: duration for step, duration in durations.items() if duration is not None}


def objectives_of(model: ObjectivesModel) -> Objectives:
    """Returns what a target promises its users."""
    start = model.start_time
    return Objectives(
        availability=model.availability,
        start_time=None if start is None else StartTime(ratio=start.ratio, within_s=start.within),
    )


def thresholds_of(model: ExpectModel) -> Thresholds:
    """Returns the limits of stream and input."""
    return Thresholds(
        round_trip_s=Limit(warn=model.round_trip.warn, fail=model.round_trip.fail),
        loss_ratio=Limit(warn=model.loss.warn, fail=model.loss.fail),
        jitter_s=Limit(warn=model.jitter.warn, fail=model.jitter.fail),
        jitter_buffer_s=Limit(warn=model.jitter_buffer.warn, fail=model.jitter_buffer.fail),
        freeze_warn_s=model.freeze.longest,
        freeze_fail_ratio=model.freeze.share,
        frames_per_second=Limit(warn=model.frames_per_second.warn, fail=model.frames_per_second.fail),
        no_frame_s=model.no_frame,
        input_s=Limit(warn=model.input_latency.warn, fail=model.input_latency.fail),
        blank_luma=model.blank_luma,
    )
