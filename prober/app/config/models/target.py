"""One target, as a person writes it."""

from typing import Annotated, Literal

from pydantic import Field

from prober.app.config.models.access import AccessModel
from prober.app.config.models.base import Model
from prober.app.config.models.client import ClientChoice, TargetClientModel
from prober.app.config.models.correlation import CorrelationModel
from prober.app.config.models.evidence import EvidenceModel
from prober.app.config.models.expect import ExpectModel
from prober.app.config.models.fields import DnsLabel, Matches, PositiveSeconds
from prober.app.config.models.objectives import ObjectivesModel
from prober.app.config.models.platform import Kind
from prober.app.config.models.schedule import ScheduleModel
from prober.app.config.models.session import SessionModel
from prober.app.config.models.stream import ChecksModel, InputChoice, InputModel, StreamModel
from prober.domain.steps import Budgets

MOST_ATTEMPTS = 3
"""The most of `attempts`: what fails more often than that is not waited for any longer."""

SESSION_CAP = 5
"""The default of `session_cap`."""

_BUDGETS = Budgets()


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


class NetworkModel(Model):
    """Which network path the media takes."""

    path: Literal["any", "relay", "direct"] = "any"
    """`any`: whichever path ICE finds; `relay`: through TURN alone; `direct`: never through TURN."""


class TargetModel(Model):
    """One target."""

    name: DnsLabel = Field(examples=["ubuntu-desktop"])
    """Its name, unique; a metric label."""
    schedule: ScheduleModel = Field(examples=[{"every": "5m"}])
    """When it is probed."""
    session: SessionModel
    """What is created."""
    client: ClientChoice = TargetClientModel()
    """How the page is driven: a preset's name or one from `clients`, or a preset with changes."""
    access: AccessModel = AccessModel()
    """How one logs in."""
    url: UrlModel = UrlModel()
    """Which URLs are allowed."""
    budgets: BudgetsModel = BudgetsModel()
    """Time allowed for each step."""
    expect: ExpectModel = ExpectModel()
    """What is expected of it."""
    objectives: ObjectivesModel = ObjectivesModel()
    """What it promises its users; alerts hold its runs against it."""
    stream: StreamModel = StreamModel()
    """How the stream is observed."""
    checks: ChecksModel = ChecksModel()
    """What else is asked of the stream."""
    input: InputChoice = InputModel()
    """How input is tried; `false` forbids it."""
    attempts: int = Field(default=1, ge=1, le=MOST_ATTEMPTS)
    """How often a run visits at most: after a failure of the target once more, each attempt shown; a run that fails and
    then passes is a success that is marked flaky, and a failure that an error of ours keeps from being confirmed
    stands."""
    session_cap: int = Field(default=SESSION_CAP, ge=1)
    """No session is created while so many of ours live in the namespace; at least as many as may run there at once."""
    keep_children: tuple[Kind, ...] = Field(default=(), strict=False, examples=[["PersistentVolumeClaim"]])
    """Kinds that the platform retains after a session by policy: they may stay, and the report says what stayed."""
    correlation: CorrelationModel | None = None
    """What joins the platform's own logs to runs."""
    evidence: EvidenceModel = EvidenceModel()
    """What is looked at in the cluster when a run fails."""
    network: NetworkModel = NetworkModel()
    """Which network path the media takes."""
