"""What is probed: everything that a run needs to know about one target.

The configuration is parsed into these values once, at start or reload; nothing below the configuration reads a file
or the environment for them. Secrets are references only: they are read when a run needs them, so that a rotated one
is picked up.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from prober.domain.aside import longest_aside_s
from prober.domain.checks import CheckPlan
from prober.domain.client import CLIENTS, Client, Stimulus
from prober.domain.correlation import Correlation
from prober.domain.evidence import EvidencePlan
from prober.domain.ids import ClusterName, TargetName
from prober.domain.objectives import Objectives
from prober.domain.steps import Budgets, StepName
from prober.domain.thresholds import Thresholds
from prober.domain.transport import NetworkPolicy, Transport


class SecretSource(StrEnum):
    """Where a secret is kept."""

    ENV = "env"
    """An environment variable of the prober."""
    FILE = "file"
    """A file, read anew each time."""
    KUBERNETES_SECRET = "kubernetes_secret"  # noqa: S105 - a place, no secret
    """A key of a Secret in a probed cluster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRef:
    """Points at a secret without holding it.

    Attributes:
        source: Where it is kept.
        name: The variable's name, the file's path, or the Secret's name.
        key: The Secret's key.
        namespace: The Secret's namespace; `None` is the session's.
        cluster: The Secret's cluster; `None` is the session's.
    """

    source: SecretSource
    name: str
    key: str | None = None
    namespace: str | None = None
    cluster: ClusterName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAccess:
    """The desktop asks for no login."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicAccess:
    """The desktop asks for HTTP Basic credentials."""

    username: str
    password: SecretRef


Access = OpenAccess | BasicAccess


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTemplate:
    """What the target's sessions look like.

    Attributes:
        cluster: Where they are made.
        namespace: In which namespace.
        user: The synthetic user's e-mail address.
        template: The VDITemplate's name.
        timeout: The platform's own limit for a session, as the platform spells durations ("15m").
        annotations: Further annotations for each session.
        overlay: Further `spec` fields.
    """

    cluster: ClusterName
    namespace: str
    user: str
    template: str
    timeout: str = "15m"
    annotations: dict[str, str] = field(default_factory=dict)
    overlay: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlRules:
    """Which URLs a session of this target may send our browser, with its credentials, to.

    Attributes:
        schemes: Allowed schemes.
        hosts: Allowed host names, `*.example.com` for any below; empty allows all.
        verify_tls: Whether certificates must be trusted.
    """

    schemes: tuple[str, ...] = ("https",)
    hosts: tuple[str, ...] = ()
    verify_tls: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPlan:
    """How the stream is observed; all times in seconds.

    Attributes:
        window_s: Length of the observation window.
        sample_every_s: Distance of the samples.
        settle_s: The beginning of the window that is not judged: encoders ramp up.
        stimulus: What keeps the desktop busy during the window: an idle one rightly sends almost nothing.
    """

    window_s: float = 10.0
    sample_every_s: float = 0.5
    settle_s: float = 2.0
    stimulus: Stimulus = Stimulus.CLIENT

    @property
    def stimulated(self) -> bool:
        """Whether frame rate and freezes can be judged."""
        return self.stimulus is not Stimulus.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class InputPlan:
    """How input is tried; `None` instead of a plan forbids input."""

    repetitions: int = 10
    """How often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a target is probed: every so many seconds, or by a cron expression; exactly one of both.

    Attributes:
        every_s: The interval.
        cron: Five fields, as crontab has them.
        timezone: The zone in which the cron expression is meant.
        jitter_s: Each run begins up to this much later, by chance.
    """

    every_s: float | None = None
    cron: str | None = None
    timezone: str = "UTC"
    jitter_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One target with all that its runs need.

    Attributes:
        name: Its name, a metric label.
        session: What is created.
        access: How one logs in.
        client: How the page is driven.
        network: Which network path the media may take.
        transport: How the picture must come.
        url: Which URLs are allowed.
        budgets: Time allowed for each step.
        expected_s: Step durations above which a run is degraded, in seconds.
        objectives: What it promises its users.
        thresholds: Limits of stream and input.
        stream: How the stream is observed.
        checks: What else is asked of the stream.
        input: How input is tried, `None` where the target forbids it.
        attempts: How often a run visits at most, the next time after a failure.
        session_cap: With so many sessions of ours alive in the namespace no further one is created.
        evidence: What is looked at in the cluster when a run fails.
        correlation: What joins the platform's own logs to a run.
        keep_children: Kinds that the platform's policy retains after a session, such as PersistentVolumeClaim.
    """

    name: TargetName
    session: SessionTemplate
    access: Access = field(default_factory=OpenAccess)
    client: Client = CLIENTS["generic"]
    network: NetworkPolicy = NetworkPolicy.ANY
    transport: Transport = Transport.WEBRTC_VIDEO
    url: UrlRules = field(default_factory=UrlRules)
    budgets: Budgets = field(default_factory=Budgets)
    expected_s: dict[StepName, float] = field(default_factory=dict)
    objectives: Objectives = field(default_factory=Objectives)
    thresholds: Thresholds = field(default_factory=Thresholds)
    stream: StreamPlan = field(default_factory=StreamPlan)
    checks: CheckPlan = field(default_factory=CheckPlan)
    input: InputPlan | None = field(default_factory=InputPlan)
    attempts: int = 1
    session_cap: int = 5
    evidence: EvidencePlan = field(default_factory=EvidencePlan)
    correlation: Correlation = field(default_factory=Correlation)
    keep_children: tuple[str, ...] = ()

    def longest_s(self) -> float:
        """Returns how long one attempt of a run may take when every budget is used up, in seconds."""
        optional = 0.0 if self.input is None else self.budgets.input
        steps = [step for step in StepName if step is not StepName.INPUT]
        return sum(map(self.budgets.of, steps)) + optional + self.stream.window_s + self.checks.longest_s()

    def longest_run_s(self, *, beside_s: float = 0.0) -> float:
        """Returns the same of all attempts together, each with so many seconds beside its steps."""
        return self.attempts * (self.longest_s() + beside_s)

    def longest_beside_s(self, *, kept: bool) -> float:
        """Returns how long one attempt may take beside its steps, in seconds.

        Args:
            kept: Whether what the browser saw may be kept.
        """
        return longest_aside_s(look_s=self.evidence.limit_s if self.evidence.asked() else 0.0, kept=kept)
