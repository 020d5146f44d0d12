"""The configuration as values: what the composition root wires the service from."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from prober.adapters.kubernetes.resources import KASM, Platform
from prober.domain.ids import ClusterName
from prober.domain.keeping import KeepPlan
from prober.domain.retention import Limits
from prober.domain.target import Schedule, SecretRef, Target


class Sandbox(StrEnum):
    """Whether Chromium runs in its own sandbox."""

    AUTO = "auto"
    """Where it works."""
    ON = "on"
    """Always; a browser that cannot is an error of ours."""
    OFF = "off"
    """Never: the container is the boundary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSetting:
    """How a cluster is reached.

    Attributes:
        name: What targets call it.
        kubeconfig: The kubeconfig file, absolute; `None` is the cluster that the prober runs in.
        context: A context of the kubeconfig; `None` is its current one.
        platform: The platform's shape in its API.
    """

    name: ClusterName
    kubeconfig: Path | None = None
    context: str | None = None
    platform: Platform = KASM


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSetting:
    """What is probed, with when."""

    target: Target
    schedule: Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverySetting:
    """A target that becomes one for each template found, with when those are probed.

    Attributes:
        pattern: What is shared by its targets, `{template}` in its texts; its name is what theirs begin with.
        schedule: When each of them is probed.
        selector: The labels that a template needs, as Kubernetes spells selectors; empty takes all.
        limit: How many targets there may be at most.
    """

    pattern: Target
    schedule: Schedule
    selector: str
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSetting:
    """Where the HTTP side listens; port 0 takes a free one."""

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserSetting:
    """The browser that plays the user.

    Attributes:
        executable: An absolute path or a command's name; `None` leaves the search to the browser adapter.
        args: Further command line arguments.
        recycle_after_runs: A fresh browser after so many runs.
        recycle_after_s: A fresh browser after this time, in seconds.
        sandbox: Whether Chromium runs in its own sandbox.
    """

    executable: str | None
    args: tuple[str, ...]
    recycle_after_runs: int
    recycle_after_s: float
    sandbox: Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSetting:
    """Where evidence is kept.

    Attributes:
        url: The store's URL; a local folder's is `file:///...`.
        keep: Of which runs.
        limits: How much.
        limit_s: How long keeping may take, in seconds.
    """

    url: str
    keep: KeepPlan
    limits: Limits
    limit_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HistorySetting:
    """Where runs are remembered, and for how long.

    Attributes:
        path: The file, absolute.
        age_s: How old a run may be, in seconds.
        count: How many runs are kept at most, beside each target's last failure.
    """

    path: Path
    age_s: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TracingSetting:
    """Where runs are sent as traces.

    Attributes:
        endpoint: The collector's base URL.
        headers: Further headers of each request; their values are kept in no cluster.
    """

    endpoint: str
    headers: Mapping[str, SecretRef]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration, checked.

    Attributes:
        targets: What is probed, in the file's order, each name once.
        evidence: Where evidence is kept; `None` keeps none.
        discoveries: What is probed for each template that a cluster offers, in the file's order.
        clusters: The clusters by name; every target's is among them.
        web: The HTTP side.
        browser: The browser.
        concurrency: How many runs may be under way at once.
        instance: What this prober calls itself on its sessions; a label value.
        shutdown_grace_s: How long runs may take to tear down at shutdown, in seconds; every teardown fits.
        history: Where runs are remembered; `None` where they are not.
        tracing: Where runs are sent as traces; `None` where they are not. The library for it is there.
    """

    targets: tuple[TargetSetting, ...]
    clusters: Mapping[ClusterName, ClusterSetting]
    web: WebSetting
    browser: BrowserSetting
    concurrency: int
    instance: str
    shutdown_grace_s: float
    evidence: EvidenceSetting | None = None
    discoveries: tuple[DiscoverySetting, ...] = ()
    history: HistorySetting | None = None
    tracing: TracingSetting | None = None

    def patterns(self) -> tuple[Target, ...]:
        """Returns every target of the file, the discovering ones as their patterns."""
        fixed = (setting.target for setting in self.targets)
        return (*fixed, *(discovery.pattern for discovery in self.discoveries))
