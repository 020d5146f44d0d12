"""How the stream is observed, with the checks beyond its quality, as a person writes it."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from prober.app.config.models.base import Model
from prober.app.config.models.fields import Matches, PositiveSeconds, Seconds
from prober.domain.checks import ReconnectPlan
from prober.domain.target import InputPlan, StreamPlan

_STREAM = StreamPlan()
_RECONNECT = ReconnectPlan()

_StimulusWord = Literal["pointer", "typing", "client", "none"]
_Way = Literal["reload", "network"]


def _stimulus(value: Any) -> Any:
    return {True: None, False: "none"}[value] if isinstance(value, bool) else value


def _unless_off(value: Any) -> Any:
    return {True: {}, False: None}[value] if isinstance(value, bool) else value


def _reconnect(value: Any) -> Any:
    return {"by": value} if isinstance(value, str) else _unless_off(value)


class StreamModel(Model):
    """How the stream is observed."""

    window: PositiveSeconds = _STREAM.window_s
    """Length of the observation window."""
    sample_every: PositiveSeconds = _STREAM.sample_every_s
    """Distance of the samples."""
    settle: Seconds = _STREAM.settle_s
    """The beginning of the window that is not judged."""
    stimulus: Annotated[
        _StimulusWord | None,
        BeforeValidator(_stimulus, json_schema_input_type=Literal["pointer", "typing", "client", "none", True, False]),
    ] = None
    """What keeps the desktop busy during the window: the pointer, letters that are typed and removed, the client's own
    way, or nothing, and then frame rate and freezes are not judged. By default the client's own way; where that
    presses something and input is forbidden, nothing."""


class ReconnectModel(Model):
    """How reconnecting is checked."""

    by: _Way = Field(default=_RECONNECT.by.value)
    """What breaks the connection: the page is loaded anew, or its network is gone for a while."""
    within: PositiveSeconds = _RECONNECT.within_s
    """How soon the same desktop must show again, from the end of the interruption."""
    outage: PositiveSeconds = _RECONNECT.outage_s
    """How long the network is gone; no matter for a reload. After less than some 7 s no client has to reconnect."""


class ChecksModel(Model):
    """What else is asked of the stream; none of it by default."""

    audio: bool = False
    """Whether sound must arrive during the window."""
    resolution: (
        Annotated[
            str,
            Matches(
                pattern="[1-9][0-9]{1,4}x[1-9][0-9]{1,4}", problem="is no resolution", mend="write it like 1280x720"
            ),
        ]
        | None
    ) = Field(default=None, examples=["1280x720"])
    """The picture must have at least this width and height, in pixels."""
    reconnect: Annotated[
        ReconnectModel | None, BeforeValidator(_reconnect, json_schema_input_type=_Way | bool | ReconnectModel)
    ] = None
    """The desktop must come back after an interruption, `reload` or `network`; it runs last in step `stream`."""


class InputModel(Model):
    """How input is tried."""

    repetitions: int = Field(default=InputPlan().repetitions, ge=1, le=100)
    """How often."""


InputChoice = Annotated[InputModel | None, BeforeValidator(_unless_off, json_schema_input_type=bool | InputModel)]
"""How input is tried, or whether at all."""
