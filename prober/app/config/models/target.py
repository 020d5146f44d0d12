"""One target, as a person writes it."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from prober.app.config.models.access import AccessModel
from prober.app.config.models.base import Model, refusal
from prober.app.config.models.evidence import EvidenceModel
from prober.app.config.models.expect import ExpectModel
from prober.app.config.models.fields import DnsLabel, Matches, PositiveSeconds, Seconds, Text
from prober.app.config.models.platform import Kind
from prober.app.config.models.schedule import ScheduleModel
from prober.app.config.models.session import SessionModel
from prober.app.config.spelling import nearest
from prober.domain.client import CLIENTS
from prober.domain.steps import Budgets
from prober.domain.target import InputPlan, StreamPlan

SESSION_CAP = 5
"""The default of `session_cap`."""

_BUDGETS = Budgets()
_STREAM = StreamPlan()


def _preset(name: str) -> str:
    if name in CLIENTS:
        return name
    close = nearest(name, among=CLIENTS)
    raise refusal("is no client preset", mend=f"write {close}" if close else f"write one of {', '.join(CLIENTS)}")


Preset = Annotated[str, AfterValidator(_preset), WithJsonSchema({"enum": list(CLIENTS)})]


def _client(value: Any) -> Any:
    return {"preset": _preset(value)} if isinstance(value, str) else value


def _input(value: Any) -> Any:
    return {True: {}, False: None}[value] if isinstance(value, bool) else value


def _path(value: Any) -> Any:
    if value in {"relay", "direct"}:
        raise refusal(f"{value} is not supported yet", mend="write any")
    return value


class ClientModel(Model):
    """How the desktop page is driven."""

    preset: Preset = "generic"
    """The preset that the rest changes."""
    play_button: Text | None = None
    """CSS selector of a button that starts playback; clicked only while it is visible."""


class UrlModel(Model):
    """Which URLs a session may send our browser, with its credentials, to."""

    schemes: tuple[Literal["https", "http"], ...] = Field(default=("https",), min_length=1, strict=False)
    """Allowed schemes."""
    hosts: tuple[
        Annotated[
            str,
            Matches(
                pattern=r"(\*\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?",
                problem="is no host name",
                mend="write desktop.example.com or *.example.com, without scheme, port or path",
            ),
        ],
        ...,
    ] = Field(default=(), strict=False)
    """Allowed hosts, `*.example.com` for any below; empty allows all."""
    verify_tls: bool = True
    """Whether certificates must be trusted."""


class BudgetsModel(Model):
    """Time allowed for each step."""

    create: PositiveSeconds = _BUDGETS.create
    """Until the API server accepted the session."""
    running: PositiveSeconds = _BUDGETS.running
    """Until the session's phase is Running."""
    url: PositiveSeconds = _BUDGETS.url
    """Until the URL answers."""
    login: PositiveSeconds = _BUDGETS.login
    """Until the page is loaded and the login succeeded."""
    connect: PositiveSeconds = _BUDGETS.connect
    """Until the peer connection is connected."""
    first_frame: PositiveSeconds = _BUDGETS.first_frame
    """Until the first frame that is not blank."""
    stream: PositiveSeconds = _BUDGETS.stream
    """On top of the observation window."""
    input: PositiveSeconds = _BUDGETS.input
    """Until all input events were seen in the picture."""
    terminate: PositiveSeconds = _BUDGETS.terminate
    """Until the session is gone."""
    cleanup: PositiveSeconds = _BUDGETS.cleanup
    """Until everything that belonged to it is gone."""


class StreamModel(Model):
    """How the stream is observed."""

    window: PositiveSeconds = _STREAM.window_s
    """Length of the observation window."""
    sample_every: PositiveSeconds = _STREAM.sample_every_s
    """Distance of the samples."""
    settle: Seconds = _STREAM.settle_s
    """The beginning of the window that is not judged."""
    stimulus: bool = _STREAM.stimulated
    """Whether the pointer moves during the window."""


class InputModel(Model):
    """How input is tried."""

    repetitions: int = Field(default=InputPlan().repetitions, ge=1, le=100)
    """How often."""


class NetworkModel(Model):
    """Which network path the media takes."""

    path: Annotated[Literal["any"], BeforeValidator(_path, json_schema_input_type=Literal["any"])] = "any"
    """`any`: whichever path ICE finds."""


class TargetModel(Model):
    """One target."""

    name: DnsLabel = Field(examples=["ubuntu-desktop"])
    """Its name, unique; a metric label."""
    schedule: ScheduleModel = Field(examples=[{"every": "5m"}])
    """When it is probed."""
    session: SessionModel
    """What is created."""
    client: Annotated[ClientModel, BeforeValidator(_client, json_schema_input_type=Preset | ClientModel)] = (
        ClientModel()
    )
    """How the page is driven: a preset's name, or a preset with changes."""
    access: AccessModel = AccessModel()
    """How one logs in."""
    url: UrlModel = UrlModel()
    """Which URLs are allowed."""
    budgets: BudgetsModel = BudgetsModel()
    """Time allowed for each step."""
    expect: ExpectModel = ExpectModel()
    """What is expected of it."""
    stream: StreamModel = StreamModel()
    """How the stream is observed."""
    input: Annotated[
        InputModel | None,
        BeforeValidator(_input, json_schema_input_type=bool | InputModel),
    ] = InputModel()
    """How input is tried; `false` forbids it."""
    session_cap: int = Field(default=SESSION_CAP, ge=1)
    """No session is created while so many of ours live in the namespace; at least as many as may run there at once."""
    keep_children: tuple[Kind, ...] = Field(default=(), strict=False, examples=[["PersistentVolumeClaim"]])
    """Kinds that the platform retains after a session by policy: they may stay, and the report says what stayed."""
    evidence: EvidenceModel = EvidenceModel()
    """What is looked at in the cluster when a run fails."""
    network: NetworkModel = NetworkModel()
    """Which network path the media takes."""
