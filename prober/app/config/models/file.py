"""The whole file."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from prober.app.config.models.base import Model, refusal
from prober.app.config.models.client import ClientModel, OwnName
from prober.app.config.models.evidence_store import EvidenceStoreModel
from prober.app.config.models.fields import Age, LabelValue, PositiveSeconds, Text
from prober.app.config.models.platform import PlatformModel
from prober.app.config.models.target import TargetModel
from prober.app.config.models.tracing import TracingModel

CONCURRENCY = 2
"""The default of `concurrency`."""

_LISTEN = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^:\[\]\s/]+):(?P<port>[0-9]{1,5})")
_HIGHEST_PORT = 65_535

SHUTDOWN_GRACE_S = 120.0
"""The default of `shutdown_grace`, in seconds: what a teardown may take with the default budgets."""


def split_listen(listen: str) -> tuple[str, int]:
    """Returns the host, without brackets, with the port of `127.0.0.1:9464` or `[::1]:9464`.

    Raises:
        ValueError: The text has another form.
    """
    match = _LISTEN.fullmatch(listen)
    if match is None or int(match["port"]) > _HIGHEST_PORT:
        raise ValueError("not an address with a port")
    return match["host"].strip("[]"), int(match["port"])


def _listen(listen: str) -> str:
    try:
        split_listen(listen)
    except ValueError:
        refused = refusal("is no address with a port", mend="write it like 127.0.0.1:9464")
    else:
        return listen
    raise refused


def _sandbox(value: Any) -> Any:
    """Undoes YAML 1.1, which reads the words on and off as true and false."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


def _nameless(defaults: dict[str, Any]) -> dict[str, Any]:
    if "name" in defaults:
        raise refusal("has a name, which no two targets may share", mend="remove name")
    return defaults


class ClusterModel(Model):
    """How a cluster is reached: from inside, or by a kubeconfig."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["in_cluster"]}, {"required": ["kubeconfig"]}],
            "dependentRequired": {"context": ["kubeconfig"]},
        },
    )

    in_cluster: Literal[True] | None = None
    """The prober runs in this cluster with a service account of its own."""
    kubeconfig: Text | None = None
    """A kubeconfig file, relative to the configuration file."""
    context: Text | None = None
    """A context of the kubeconfig; its current one by default."""
    platform: PlatformModel = PlatformModel()
    """The platform's shape in the API, where it differs from what its documents say."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = self.model_fields_set & {"in_cluster", "kubeconfig"}
        if len(ways) != 1:
            raise refusal(
                "needs exactly one of in_cluster and kubeconfig",
                mend="write {in_cluster: true} or {kubeconfig: PATH}",
            )
        if self.context is not None and "kubeconfig" not in ways:
            raise refusal("has a context without a kubeconfig", mend="remove context")
        return self


class WebModel(Model):
    """The HTTP side: metrics, health, status page."""

    listen: Annotated[str, AfterValidator(_listen)] = Field(default="127.0.0.1:9464", examples=["127.0.0.1:9464"])
    """Address with port; port 0 takes a free one."""


class BrowserModel(Model):
    """The browser that plays the user."""

    executable: Text | None = None
    """Which one; PROBER_BROWSER by default, or else one that is found. A path is relative to the configuration file."""
    args: tuple[Text, ...] = Field(default=(), strict=False)
    """Further command line arguments."""
    recycle_after_runs: int = Field(default=50, ge=1)
    """A fresh browser after so many runs."""
    recycle_after: PositiveSeconds = 6 * 3600.0
    """A fresh browser after this time."""
    sandbox: Annotated[
        Literal["auto", "on", "off"],
        BeforeValidator(_sandbox, json_schema_input_type=Literal["auto", "on", "off", True, False]),
    ] = "auto"
    """Chromium's own sandbox; `auto` uses it where it works."""


class HistoryModel(Model):
    """The history of runs, in a file that survives the prober."""

    path: Text = Field(examples=["/var/lib/vdi-prober/history.db"])
    """The file, relative to the configuration file; it is made where there is none."""
    age: Age = 30 * 24 * 3600.0
    """Older runs are forgotten, except each target's last failure."""
    count: int = Field(default=10_000, ge=1)
    """How many runs are kept at most, beside each target's last failure."""


class FileModel(Model):
    """The configuration of vdi-prober."""

    clusters: dict[LabelValue, ClusterModel] = Field(min_length=1, examples=[{"staging": {"in_cluster": True}}])
    """The clusters by the names that targets call them by."""
    targets: tuple[TargetModel, ...] = Field(min_length=1, strict=False)
    """What is probed."""
    defaults: Annotated[dict[str, Any], AfterValidator(_nameless)] = Field(default={})
    """Settings laid under each target; what a target says itself has precedence."""
    clients: dict[OwnName, ClientModel] = Field(default={}, examples=[{"our-client": {"click": "button.start"}}])
    """Clients of your own, by the names that targets call them by."""
    web: WebModel = WebModel()
    """The HTTP side."""
    browser: BrowserModel = BrowserModel()
    """The browser."""
    evidence_store: EvidenceStoreModel | None = None
    """Where the evidence of runs is kept; left out, none is: which disk or bucket may fill is for people to say."""
    history: HistoryModel | None = None
    """Where runs are remembered; nowhere by default."""
    tracing: TracingModel | None = None
    """Where runs are sent as traces; nowhere by default. Needs the extra `otel`."""
    concurrency: int = Field(default=CONCURRENCY, ge=1)
    """How many runs may be under way at once, of all targets."""
    instance: LabelValue | None = Field(default=None, examples=["probe-eu-1"])
    """What this prober calls itself on its sessions; the host's name by default."""
    shutdown_grace: PositiveSeconds = SHUTDOWN_GRACE_S
    """How long runs may take to tear down when the service is told to stop."""
