"""The service on the lab's Kubernetes API: targets come and go with the templates there.

There is no operator and no browser, so that each run is an error of ours as soon as it begins. That it begins, for
which target, and what is left of it is what is looked at.
"""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
import yaml
from blockbuster import BlockBuster

from prober.adapters.logs import configure_logging
from prober.adapters.redaction import Redactor
from prober.adapters.schedule import FirstRun
from prober.app import discovery as discovery_module
from prober.app.config.load import parse
from prober.app.observers import Reports
from prober.app.service import Watch, serve
from prober.lab.kube.operations import Key
from prober.lab.kube.resources import Resource
from prober.lab.kube.server import KubeApi
from prober.lab.kube.store import Store
from tests.adapters.kubernetes.conftest import Gate, cut

TOKEN = "planted-token-77a1"
ENVIRON = {"PROBER_BROWSER": "/nonexistent/chromium"}
PATIENCE_S = 20
EVERY_S = 0.2
LISTS = "/vditemplates"

CONFIG = """
clusters: {lab: {kubeconfig: kubeconfig}}
defaults:
  schedule: {every: 10m}
  session: {cluster: lab, namespace: vdi}
web: {listen: "127.0.0.1:0"}
targets:
  - name: own
    session: {template: own, user: own@example.com}
  - name: gold
    session: {template: {selector: tier=gold, limit: 2}, user: "{template}@example.com"}
"""


@dataclass
class World:
    """The service with its cluster.

    Attributes:
        gate: What stands before the API server.
        url: The service's HTTP side.
        reports: The runs that ended.
    """

    store: Store = field(default_factory=Store)
    gate: Gate = field(default_factory=Gate)
    url: str = ""
    reports: Reports = field(default_factory=Reports)
    log: io.StringIO = field(default_factory=io.StringIO)

    def offer(self, name: str, **labels: str) -> None:
        """Makes a template."""
        kind = {"apiVersion": "vdi.kasm.io/v1alpha1", "kind": "VDITemplate"}
        body = {**kind, "metadata": {"name": name, "labels": labels}, "spec": {"image": "desktop:1"}}
        self.store.create(self._resource(), body=body)

    def withdraw(self, name: str) -> None:
        """Removes a template."""
        self.store.delete(Key(resource=self._resource(), name=name, namespace=""))

    async def page(self, path: str) -> str:
        """Returns a page of the service."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.url}{path}") as answer:
            assert answer.status == 200
            return await answer.text()

    async def until(self, path: str, holds: Callable[[str], bool]) -> str:
        """Reads a page of the service until it is as wanted."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds(page := await self.page(path)):
                pass
        return page

    async def targets(self, *wanted: str) -> None:
        """Waits until the series are those of these targets, and of no other."""
        await self.until("/metrics", lambda page: set(re.findall(r'[{,]target="([^"]*)"', page)) == set(wanted))

    async def runs(self, *wanted: str) -> None:
        """Waits until a run of each of these targets has ended and is counted."""

        def counted(page: str) -> bool:
            return all(f'vdi_probe_runs_total{{outcome="error",target="{name}"}} 1.0' in page for name in wanted)

        await self.until("/metrics", counted)
        assert set(wanted) <= {report.target for report in self.reports.collected}

    def _resource(self) -> Resource:
        found = self.store.catalog.find("vditemplates", group="vdi.kasm.io", version="v1alpha1")
        assert found is not None
        return found


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A cluster without templates, and no service yet."""
    world, tls = World(), tmp_path / "tls"
    configure_logging(stream=world.log, json=True, level="info")
    tls.mkdir()
    async with KubeApi(
        tokens={TOKEN: "prober"},
        tls_dir=tls,
        namespaces=("vdi",),
        store=world.store,
        middlewares=(world.gate.middleware(),),
    ) as kube:
        (tmp_path / "kubeconfig").write_text(yaml.safe_dump(kube.kubeconfig(token=TOKEN, namespace="vdi")))
        yield world


def failures(page: str) -> float:
    """Returns how often listing failed."""
    return float(page.partition('vdi_prober_discovery_failures_total{discovery="gold"} ')[2].partition("\n")[0])


@asynccontextmanager
async def served(
    world: World, *, folder: Path, config: str = CONFIG, first_run: FirstRun = FirstRun.NOW
) -> AsyncIterator[None]:
    """Runs the service from when it says that it serves; leaving the block ends it."""
    settings = parse(config, source="test", folder=folder, environ=ENVIRON)
    stop, serving = asyncio.Event(), asyncio.Event()

    def started(url: str) -> None:
        world.url = url
        serving.set()

    watch = Watch(observers=(world.reports,), started=started, first_run=first_run)
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(settings, environ=ENVIRON, redactor=Redactor(), stop=stop, watch=watch), name="service")
        await serving.wait()
        try:
            yield
        finally:
            stop.set()


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets templates be listed more often than anybody needs."""
    monkeypatch.setattr(discovery_module, "EVERY_S", EVERY_S)


@pytest.fixture(autouse=True)
def starting_may_block(no_blocking_calls: BlockBuster) -> None:
    """Lets the browser's executable be looked for: nothing else goes on yet."""
    for function in no_blocking_calls.functions.values():
        function.can_block_in("prober/app/wiring.py", {"_executable"})


async def test_what_is_there_is_probed_from_the_start(world: World, tmp_path: Path) -> None:
    """Once the service serves, the first scrape has every target, and each is probed."""
    world.offer("ubuntu", tier="gold")
    world.offer("debian", tier="silver")
    async with served(world, folder=tmp_path):
        page = await world.page("/metrics")
        assert "vdi_probe_target_info{" in page
        assert 'vdi_probe_runs_total{outcome="success",target="gold-ubuntu"} 0.0' in page
        assert 'vdi_prober_discovery_targets{discovery="gold"} 1.0' in page
        assert "debian" not in page
        await world.runs("own", "gold-ubuntu")
        assert "<td>gold-ubuntu</td>" in await world.page("/")


async def test_templates_come_and_go(world: World, tmp_path: Path) -> None:
    """A run of what is added appears, the series of what is removed go, a target of the file is not affected."""
    async with served(world, folder=tmp_path):
        await world.targets("own")
        world.offer("ubuntu", tier="gold")
        world.offer("fedora")
        await world.targets("own", "gold-ubuntu")
        await world.runs("own", "gold-ubuntu")
        world.withdraw("ubuntu")
        await world.targets("own")
        page = await world.until("/", lambda page: "gold-ubuntu" not in page)
        assert "<td>own</td>" in page
        world.offer("ubuntu", tier="gold")
        await world.targets("own", "gold-ubuntu")


async def test_the_limit_is_visible(world: World, tmp_path: Path) -> None:
    """What is beyond it has no series, and stands in the metrics and on the status page."""
    for name in ("a", "b", "c"):
        world.offer(name, tier="gold")
    async with served(world, folder=tmp_path):
        await world.targets("own", "gold-a", "gold-b")
        assert 'vdi_prober_discovery_left_out{discovery="gold",reason="limit"} 1.0' in await world.page("/metrics")
        assert "<td>c (limit)</td>" in await world.page("/")


@pytest.mark.parametrize("how", ["refused", "cut"])
async def test_an_outage_removes_nothing(world: World, tmp_path: Path, how: str) -> None:
    """While templates cannot be listed the targets stay, which is counted and shown; afterwards they follow."""
    world.offer("ubuntu", tier="gold")
    async with served(world, folder=tmp_path):
        await world.targets("own", "gold-ubuntu")
        if how == "refused":
            world.gate.refuse("GET", LISTS, 503, message="not now")
        else:
            world.gate.answer("GET", LISTS, cut)
        world.withdraw("ubuntu")
        await world.until("/metrics", lambda page: failures(page) > 2)
        await world.targets("own", "gold-ubuntu")
        assert "api_unreachable" in await world.page("/")
        world.gate.open()
        await world.targets("own")
        assert "api_unreachable (listing" not in await world.page("/")


async def test_without_the_permission_fixed_targets_go_on(world: World, tmp_path: Path) -> None:
    """The service serves, and says once which permission it lacks."""
    world.gate.refuse("GET", LISTS, 403, reason="Forbidden", message="vditemplates is forbidden")
    async with served(world, folder=tmp_path):
        await world.runs("own")
        await world.until("/metrics", lambda page: failures(page) > 2)
        assert "rbac_denied" in await world.page("/")
    told = [line for line in world.log.getvalue().splitlines() if "discovery_failed" in line]
    assert len(told) == 1
    assert "list on vditemplates.vdi.kasm.io in the whole cluster" in told[0]


async def test_nothing_but_discovered_targets(world: World, tmp_path: Path) -> None:
    """A configuration without any fixed target serves, with or without templates, and ends."""
    alone = CONFIG[: CONFIG.index("  - name: own")] + CONFIG[CONFIG.index("  - name: gold") :]
    async with served(world, folder=tmp_path, config=alone):
        await world.targets()
        world.offer("ubuntu", tier="gold")
        await world.runs("gold-ubuntu")


async def test_a_cluster_that_cannot_be_opened(world: World, tmp_path: Path) -> None:
    """Its discovering targets have nothing to probe, which is our own fault and shown; the service serves."""
    config = CONFIG.replace("{kubeconfig: kubeconfig}", "{kubeconfig: none}")
    async with served(world, folder=tmp_path, config=config):
        await world.targets("own")
        page = await world.page("/")
        assert "internal (the kubeconfig" in page
        assert failures(await world.page("/metrics")) > 0


async def test_the_status_page_survives_a_restart(world: World, tmp_path: Path) -> None:
    """With a history the next service shows the last run of each target before it has probed any."""
    world.offer("ubuntu", tier="gold")
    config = f"{CONFIG}history: {{path: state/history.db}}\n"
    async with served(world, folder=tmp_path, config=config):
        await world.runs("own", "gold-ubuntu")
    runs = [report.run_id for report in world.reports.collected]
    async with served(world, folder=tmp_path, config=config, first_run=FirstRun.STAGGERED):
        page = await world.page("/")
    assert all(page.count(run) == 1 for run in runs)
    assert page.count("browser_missing") == 2
