"""The composition root: which adapter stands behind which port.

Every object that a run needs is made here and handed on; nothing else in the code base chooses an adapter.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from prober.adapters.browser import ROOT, WarmBrowser, find_executable, why_no_sandbox
from prober.adapters.clock import SystemClock
from prober.adapters.evidence import StoredEvidence
from prober.adapters.exposure import HttpExposure
from prober.adapters.health import HealthSampler
from prober.adapters.kubernetes.api import ApiServer
from prober.adapters.kubernetes.connection import InCluster, Kubeconfig
from prober.adapters.kubernetes.reopening import reach
from prober.adapters.kubernetes.secrets import KubernetesSecrets
from prober.adapters.kubernetes.sessions import KubernetesSessions
from prober.adapters.kubernetes.templates import KubernetesTemplates
from prober.adapters.logs import event_log
from prober.adapters.redaction import SHORTEST, Redactor
from prober.adapters.secrets import ReferencedSecrets
from prober.app.background import background
from prober.app.config.settings import BrowserSetting, ClusterSetting, Sandbox, Settings
from prober.app.evidence_keeping import EvidenceCounts, EvidenceKeeper, Uncounted
from prober.app.self_checks import SelfChecks
from prober.domain.errors import ProberFailed
from prober.domain.ids import ClusterName
from prober.domain.masking import Mask
from prober.domain.target import SecretRef, SessionTemplate
from prober.flow.ports import Clock, Observer, Secret, Secrets, Sessions, Templates
from prober.flow.runner import Runner


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """The configured clusters, connected."""

    sessions: Mapping[ClusterName, Sessions]
    secrets: Mapping[ClusterName, KubernetesSecrets]
    templates: Mapping[ClusterName, Templates]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prober:
    """What the commands work with.

    Attributes:
        runner: Runs the flow.
        clusters: The clusters.
        browser: The browser that all runs share.
        clock: The clock.
        evidence: Keeps evidence; `None` where the configuration names no store.
    """

    runner: Runner
    clusters: Clusters
    browser: WarmBrowser
    clock: Clock
    health: HealthSampler
    self_checks: SelfChecks
    evidence: EvidenceKeeper | None = None

    async def warm_up(self) -> None:
        """Launches the browser ahead of the first run, which would account for it otherwise, and lets it check itself.

        A browser that does not start is each run's error, not the end of whoever asks for runs.
        """
        try:
            await self.browser.start()
        except ProberFailed as error:
            event_log().error("browser_not_started", reason=error.fault.reason.value, summary=error.fault.summary)
            return
        await self.self_checks.check(self.browser)


@asynccontextmanager
async def open_clusters(settings: Settings, *, environ: Mapping[str, str], mask: Mask = str) -> AsyncIterator[Clusters]:
    """Opens the API servers of all clusters, each beside the others; leaving the block closes their connections.

    Nobody waits here: what first asks a cluster waits until that is open. One whose identity cannot be loaded is the
    error of each of its runs, until a run finds that it can be; the other clusters' targets are probed.

    Args:
        settings: The configuration.
        environ: The environment.
        mask: Masks the secrets that are known, in what is told of the API servers' answers.
    """
    sessions: dict[ClusterName, Sessions] = {}
    secrets: dict[ClusterName, KubernetesSecrets] = {}
    templates: dict[ClusterName, Templates] = {}
    async with AsyncExitStack() as stack:
        servers: dict[ClusterName, ApiServer] = {}
        for name, cluster in settings.clusters.items():
            servers[name] = server = await stack.enter_async_context(reach(_where(cluster, environ=environ), mask=mask))
            sessions[name] = KubernetesSessions(server, platform=cluster.platform)
            secrets[name] = KubernetesSecrets(server)
            templates[name] = KubernetesTemplates(server, platform=cluster.platform)
        # Last, so that they are over before the servers are closed.
        openings = [asyncio.create_task(_open(to, name=name), name=f"opening {name}") for name, to in servers.items()]
        stack.push_async_callback(_end, openings)
        yield Clusters(sessions=sessions, secrets=secrets, templates=templates)


async def _open(server: ApiServer, *, name: ClusterName) -> None:
    try:
        await server.open()
    except ProberFailed as error:
        event_log().error("cluster_not_opened", cluster=name, summary=error.fault.summary)


async def _end(openings: Sequence[asyncio.Task[None]]) -> None:
    for opening in openings:
        opening.cancel()
    # A defect that ended one was met by each request to that cluster, and told there.
    await asyncio.gather(*openings, return_exceptions=True)


@asynccontextmanager
async def open_prober(
    settings: Settings,
    *,
    environ: Mapping[str, str],
    redactor: Redactor,
    observer: Observer,
    on_launch: Callable[[str], None] = lambda _: None,
    on_self_check: Callable[[str], None] = lambda _: None,
    on_loop_lag: Callable[[float], None] = lambda _: None,
    evidence_counts: EvidenceCounts | None = None,
) -> AsyncIterator[Prober]:
    """Makes everything that runs need; leaving the block ends the browser and closes the clusters.

    The browser is launched by the first run, or by whoever calls its `start`.

    Args:
        settings: The configuration.
        environ: The environment.
        redactor: Is told every secret that is read.
        observer: Hears of every run.
        on_launch: Is told the outcome of each launch of the browser.
        on_self_check: Is told the outcome of each check of the browser against itself.
        evidence_counts: Is told what becomes of evidence.
        on_loop_lag: Is told by how much the event loop was late, again and again.

    """
    clock, health = SystemClock(), HealthSampler(report_lag=on_loop_lag)
    self_checks = SelfChecks(on_checked=on_self_check)

    def launched(outcome: str) -> None:
        on_launch(outcome)
        self_checks.launched(outcome)

    async with open_clusters(settings, environ=environ, mask=redactor.text) as clusters:
        secrets = ReferencedSecrets(environ=environ, clusters=clusters.secrets)
        evidence = _evidence(settings, redactor=redactor, clock=clock, counts=evidence_counts or Uncounted())
        sandboxed = await _sandboxed(settings.browser.sandbox)
        browser = _browser(settings.browser, environ=environ, sandbox=sandboxed, on_launch=launched, redactor=redactor)
        runner = Runner(
            sessions=clusters.sessions,
            exposure=HttpExposure(),
            browser=browser,
            secrets=_MaskedSecrets(secrets, redactor=redactor),
            clock=clock,
            observer=observer,
            instance=settings.instance,
            evidence=evidence,
            health=health,
        )
        try:
            loops = {"health": health.run(), "self_checks": self_checks.follow(browser)}
            if evidence is not None:
                loops["evidence"] = evidence.tidy_for_ever()
            async with background(**loops):
                yield Prober(
                    runner=runner,
                    clusters=clusters,
                    browser=browser,
                    clock=clock,
                    health=health,
                    self_checks=self_checks,
                    evidence=evidence,
                )
        finally:
            await browser.stop()


class _MaskedSecrets(Secrets):
    """Tells the redactor each secret before anybody else has it, and the log of each that is too short for that."""

    def __init__(self, secrets: Secrets, *, redactor: Redactor) -> None:
        self._secrets = secrets
        self._redactor = redactor
        self._short: set[SecretRef] = set()

    async def read(self, ref: SecretRef, session: SessionTemplate) -> Secret:
        """Returns the secret's value of now."""
        secret = await self._secrets.read(ref, session)
        self._redactor.mask(secret.reveal(), of=(ref, session.cluster, session.namespace))
        if len(secret.reveal().strip()) < SHORTEST and ref not in self._short:
            self._short.add(ref)
            event_log().warning("secret_short", summary=_too_short(ref))
        return secret


def _too_short(ref: SecretRef) -> str:
    return f"{ref.source}:{ref.name} has fewer than {SHORTEST} characters: logs and evidence cannot be kept free of it"


def _where(cluster: ClusterSetting, *, environ: Mapping[str, str]) -> InCluster | Kubeconfig:
    if cluster.kubeconfig is None:
        return InCluster(environ=environ)
    return Kubeconfig(path=cluster.kubeconfig, context=cluster.context, environ=environ)


def _evidence(settings: Settings, *, redactor: Redactor, clock: Clock, counts: EvidenceCounts) -> EvidenceKeeper | None:
    setting = settings.evidence
    if setting is None:
        return None
    store = StoredEvidence(setting.url, mask=redactor.text)
    return EvidenceKeeper(store=store, setting=setting, redactor=redactor, clock=clock, counts=counts)


def _browser(
    setting: BrowserSetting,
    *,
    environ: Mapping[str, str],
    sandbox: bool,
    on_launch: Callable[[str], None],
    redactor: Redactor,
) -> WarmBrowser:
    return WarmBrowser(
        executable=_executable(setting, environ=environ),
        arguments=setting.args,
        sandbox=sandbox,
        desktops_per_browser=setting.recycle_after_runs,
        browser_age_s=setting.recycle_after_s,
        on_launch=on_launch,
        mask=redactor.text,
    )


def _executable(setting: BrowserSetting, *, environ: Mapping[str, str]) -> Path | None:
    if setting.executable is None:
        return find_executable(environ)
    return Path(shutil.which(setting.executable, path=environ.get("PATH")) or setting.executable)


async def _sandboxed(sandbox: Sandbox) -> bool:
    """Decides what `auto` means here, and says it where the browser has to go without."""
    if sandbox is not Sandbox.AUTO:
        return sandbox is Sandbox.ON
    why_not = await why_no_sandbox()
    if why_not:
        tell = event_log().info if why_not == ROOT else event_log().warning
        tell(
            "browser_without_sandbox",
            summary=f"Chromium runs without its own sandbox: {why_not}",
            mend="docs/security.md, The browser's sandbox; `browser: {sandbox: off}` silences this",
        )
    return why_not is None
