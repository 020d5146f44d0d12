"""From the file's models to the values that the rest works with."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from prober.adapters.kubernetes.resources import Platform, Resource, ResourceName, StatusPaths
from prober.app.config.driving import checks_of, client_of, clients_of, correlation_of, stream_of
from prober.app.config.durations import format_duration
from prober.app.config.expecting import expected_of, objectives_of, thresholds_of
from prober.app.config.models.access import AccessModel, LocalSecretModel, SecretModel
from prober.app.config.models.evidence import EvidenceModel
from prober.app.config.models.evidence_store import EvidenceStoreModel
from prober.app.config.models.file import BrowserModel, ClusterModel, FileModel, HistoryModel, split_listen
from prober.app.config.models.platform import PlatformModel
from prober.app.config.models.schedule import ScheduleModel
from prober.app.config.models.session import SessionModel, TemplateModel
from prober.app.config.models.target import TargetModel
from prober.app.config.models.tracing import TracingModel
from prober.app.config.settings import (
    BrowserSetting,
    ClusterSetting,
    DiscoverySetting,
    EvidenceSetting,
    HistorySetting,
    Sandbox,
    Settings,
    TargetSetting,
    TracingSetting,
    WebSetting,
)
from prober.domain.client import CLIENTS, Client
from prober.domain.discovery import PLACEHOLDER, filled
from prober.domain.evidence import EvidencePlan, LeaseName, Source
from prober.domain.ids import ClusterName, TargetName
from prober.domain.keeping import KeepPlan
from prober.domain.retention import Limits
from prober.domain.steps import Budgets
from prober.domain.target import (
    Access,
    BasicAccess,
    InputPlan,
    OpenAccess,
    Schedule,
    SecretRef,
    SecretSource,
    SessionTemplate,
    Target,
    UrlRules,
)
from prober.domain.transport import NetworkPolicy, Transport

TIMEOUT_MARGIN_S = 60.0
"""How much longer than its run a session may live by default, in seconds: clocks differ, and operators are busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a file's values depend on beside the file.

    Attributes:
        folder: The file's folder, absolute; relative paths begin there.
        home: The folder that `~` stands for; `None` where there is none.
        browser: The browser that the environment names.
        hostname: The machine's name, this prober's name by default.
    """

    folder: Path
    home: Path | None
    browser: str | None
    hostname: str

    def path(self, text: str) -> Path:
        """Returns a path of the file as an absolute one."""
        if self.home is not None and text.startswith("~/"):
            return self.home / text.removeprefix("~/")
        return self.folder / text


def settings_of(model: FileModel, *, surroundings: Surroundings) -> Settings:
    """Returns a checked file's values."""
    host, port = split_listen(model.web.listen)
    clients = clients_of(model.clients)
    targets = [(target, target_of(target, surroundings=surroundings, clients=clients)) for target in model.targets]
    return Settings(
        targets=tuple(setting for target, setting in targets if not _discovers(target)),
        discoveries=tuple(
            _discovery(target.session.template, setting=setting) for target, setting in targets if _discovers(target)
        ),
        clusters={
            ClusterName(name): _cluster(name, model=cluster, surroundings=surroundings)
            for name, cluster in model.clusters.items()
        },
        web=WebSetting(host=host, port=port),
        browser=_browser(model.browser, surroundings=surroundings),
        concurrency=model.concurrency,
        instance=model.instance or _as_label(surroundings.hostname),
        shutdown_grace_s=model.shutdown_grace,
        evidence=_evidence_store(model.evidence_store, surroundings=surroundings),
        tracing=None if model.tracing is None else _tracing(model.tracing, surroundings=surroundings),
        history=None if model.history is None else _history(model.history, surroundings=surroundings),
    )


def target_of(
    model: TargetModel, *, surroundings: Surroundings, clients: Mapping[str, Client] = CLIENTS
) -> TargetSetting:
    """Returns one target's values; those of a discovering one are its pattern.

    Args:
        model: What the file says of it.
        surroundings: What its values depend on beside the file.
        clients: The clients by name; the target's is among them.
    """
    client = client_of(model.client, known=clients)
    target = Target(
        name=TargetName(model.name),
        session=_session(model.session),
        access=_access(model.access, surroundings=surroundings),
        client=client,
        network=NetworkPolicy(model.network.path),
        transport=Transport(model.expect.transport),
        url=UrlRules(schemes=model.url.schemes, hosts=model.url.hosts, verify_tls=model.url.verify_tls),
        budgets=Budgets(**model.budgets.model_dump()),
        expected_s=expected_of(model.expect),
        objectives=objectives_of(model.objectives),
        thresholds=thresholds_of(model.expect),
        stream=stream_of(model.stream, client=client, may_act=model.input is not None),
        checks=checks_of(model.checks),
        input=None if model.input is None else InputPlan(repetitions=model.input.repetitions),
        attempts=model.attempts,
        session_cap=model.session_cap,
        correlation=correlation_of(model.correlation),
        evidence=_evidence(model.evidence),
        keep_children=model.keep_children,
    )
    if model.session.timeout is None:
        target = replace(target, session=replace(target.session, timeout=_dead_man_switch(target)))
    named = model.session.template.name
    return TargetSetting(
        target=target if named is None else filled(target, template=named), schedule=_schedule(model.schedule)
    )


def _discovers(model: TargetModel) -> bool:
    return model.session.template.name is None


def _discovery(model: TemplateModel, *, setting: TargetSetting) -> DiscoverySetting:
    return DiscoverySetting(
        pattern=setting.target, schedule=setting.schedule, selector=model.selector or "", limit=model.limit
    )


def _cluster(name: str, *, model: ClusterModel, surroundings: Surroundings) -> ClusterSetting:
    kubeconfig = None if model.kubeconfig is None else surroundings.path(model.kubeconfig)
    platform = _platform(model.platform)
    return ClusterSetting(name=ClusterName(name), kubeconfig=kubeconfig, context=model.context, platform=platform)


def _platform(model: PlatformModel) -> Platform:
    status = model.status
    return Platform(
        sessions=Resource(**model.sessions.model_dump()),
        templates=Resource(
            group=model.templates.group or model.sessions.group,
            version=model.templates.version or model.sessions.version,
            kind=model.templates.kind,
            plural=model.templates.plural,
            namespaced=False,
        ),
        status=StatusPaths(**{name: tuple(path.split(".")) for name, path in status.model_dump().items()}),
        children=tuple(map(ResourceName.parse, model.children)),
        child_names=model.child_names,
        session_label=model.session_label,
    )


def _browser(model: BrowserModel, *, surroundings: Surroundings) -> BrowserSetting:
    executable = model.executable
    if executable is not None and "/" in executable:  # a bare name is looked up in PATH
        executable = str(surroundings.path(executable))
    return BrowserSetting(
        executable=executable or surroundings.browser,
        args=model.args,
        recycle_after_runs=model.recycle_after_runs,
        recycle_after_s=model.recycle_after,
        sandbox=Sandbox(model.sandbox),
    )


def _history(model: HistoryModel, *, surroundings: Surroundings) -> HistorySetting:
    return HistorySetting(path=surroundings.path(model.path), age_s=model.age, count=model.count)


def _tracing(model: TracingModel, *, surroundings: Surroundings) -> TracingSetting:
    headers = {name: _local_secret(secret, surroundings=surroundings) for name, secret in model.headers.items()}
    return TracingSetting(endpoint=model.otlp, headers=headers)


def _as_label(hostname: str) -> str:
    """Returns a host's name as a label value; hosts may have longer names, with other characters."""
    return re.sub(r"[^A-Za-z0-9_.-]", "-", hostname)[:63].strip("-_.") or "prober"


def _session(model: SessionModel) -> SessionTemplate:
    return SessionTemplate(
        cluster=ClusterName(model.cluster),
        namespace=model.namespace,
        user=model.user,
        template=PLACEHOLDER,
        timeout=model.timeout or "",
        annotations=dict(model.annotations),
        overlay=dict(model.overlay),
    )


def _dead_man_switch(target: Target) -> str:
    """Returns how long the platform lets a session live that nobody ends, as the platform spells it.

    It is as short as the longest run allows, in whole minutes: what it costs is a desktop that nobody uses.
    """
    return format_duration(60.0 * math.ceil((target.longest_s() + TIMEOUT_MARGIN_S) / 60.0))


def _access(model: AccessModel, *, surroundings: Surroundings) -> Access:
    if model.basic is None:
        return OpenAccess()
    password = _secret(model.basic.password, surroundings=surroundings)
    return BasicAccess(username=model.basic.username, password=password)


def _local_secret(model: SecretModel | LocalSecretModel, *, surroundings: Surroundings) -> SecretRef:
    if model.env is not None:
        return SecretRef(source=SecretSource.ENV, name=model.env)
    if model.file is not None:
        return SecretRef(source=SecretSource.FILE, name=str(surroundings.path(model.file)))
    raise AssertionError("the model allows exactly one source")


def _secret(model: SecretModel, *, surroundings: Surroundings) -> SecretRef:
    secret = model.kubernetes_secret
    if secret is None:
        return _local_secret(model, surroundings=surroundings)
    return SecretRef(
        source=SecretSource.KUBERNETES_SECRET,
        name=secret.name,
        key=secret.key,
        namespace=secret.namespace,
        cluster=None if secret.cluster is None else ClusterName(secret.cluster),
    )


def _evidence(model: EvidenceModel) -> EvidencePlan:
    return EvidencePlan(
        sources=tuple(map(Source, model.sources)),
        secrets=model.secrets,
        leases=tuple(LeaseName(namespace=lease.namespace, name=lease.name) for lease in model.leases),
    )


def _evidence_store(model: EvidenceStoreModel | None, *, surroundings: Surroundings) -> EvidenceSetting | None:
    if model is None:
        return None
    retention = model.retention
    return EvidenceSetting(
        url=model.url if "://" in model.url else surroundings.path(model.url).as_uri(),
        keep=KeepPlan(failures=model.keep.failures, successes=model.keep.successes),
        limits=Limits(age_s=retention.age, size=retention.size, count=retention.count, free=retention.free),
        limit_s=model.limit,
    )


def _schedule(model: ScheduleModel) -> Schedule:
    return Schedule(every_s=model.every, cron=model.cron, timezone=model.timezone, jitter_s=model.jitter)
