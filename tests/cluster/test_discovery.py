"""Discovery on a real API server: its selectors, its pages, its permissions."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from prober.adapters.kubernetes.connection import Kubeconfig, connect
from prober.adapters.kubernetes.templates import KubernetesTemplates
from prober.app.discovery import ANSWER_S
from prober.domain.errors import TargetFailed
from prober.domain.reasons import Reason
from prober.lab.operator.client import KubeClient, connection_info
from tests.cluster.control_plane import ControlPlane
from tests.cluster.fixtures import Account
from tests.contracts.templates import TemplatesContract

pytestmark = pytest.mark.cluster

TEMPLATES = "/apis/vdi.kasm.io/v1alpha1/vditemplates"
READER = {"apiGroups": ["vdi.kasm.io"], "resources": ["vditemplates"], "verbs": ["list"]}


@dataclass
class RealOffers:
    """A real cluster, from the administrator's side; each test's templates have a prefix of their own."""

    templates: KubernetesTemplates
    admin: KubeClient
    unreachable: KubernetesTemplates
    prefix: str = field(default_factory=lambda: f"test-{uuid4().hex[:8]}-")
    made: list[str] = field(default_factory=list)

    async def offer(self, name: str, **labels: str) -> str:
        full = self.prefix + name
        kind = {"apiVersion": "vdi.kasm.io/v1alpha1", "kind": "VDITemplate"}
        body = {"metadata": {"name": full, "labels": labels}, "spec": {"image": "desktop:1"}}
        await self.admin.create(TEMPLATES, {**kind, **body})
        self.made.append(full)
        return full

    async def withdraw(self, name: str) -> None:
        await self.admin.discard(f"{TEMPLATES}/{name}")

    async def lose_api(self) -> None:
        """Points the implementation at a port where nothing listens: other tests go on with the server."""
        self.templates = self.unreachable


@pytest.fixture
async def offers(admin: KubeClient, account: Account, namespace: str, tmp_path: Path) -> AsyncIterator[RealOffers]:
    """Templates as an account sees them that may do nothing else than list them."""
    kubeconfig = await account(namespace, [], cluster_rules=[READER])
    nowhere = tmp_path / "nowhere"
    server = next(line for line in kubeconfig.read_text().splitlines() if "server:" in line).split()[-1]
    nowhere.write_text(kubeconfig.read_text().replace(server, "https://127.0.0.1:1"))
    async with connect(Kubeconfig(path=kubeconfig)) as api, connect(Kubeconfig(path=nowhere)) as none:
        offers = RealOffers(
            templates=KubernetesTemplates(api, page=3), admin=admin, unreachable=KubernetesTemplates(none)
        )
        yield offers
        for name in offers.made:
            await offers.withdraw(name)


class TestKubernetesTemplates(TemplatesContract):
    """The adapter passes the suite of its port, with `list` on vditemplates alone."""


@pytest.mark.parametrize(
    ("selector", "wanted"),
    [
        ("{tier}", {"a", "b"}),
        ("{tier}=gold", {"a"}),
        ("{tier}==gold", {"a"}),
        ("{tier},{tier}!=gold", {"b"}),
        ("{tier} in (gold, silver)", {"a", "b"}),
        ("{tier},{tier} notin (gold)", {"b"}),
        ("{tier},!beta", {"b"}),
        ("!{tier},example.com/{tier}=yes", {"c"}),
    ],
    ids=["exists", "equal", "double equal", "unequal", "in", "notin", "not exists", "with a domain"],
)
async def test_selectors_as_kubernetes_spells_them(offers: RealOffers, selector: str, wanted: set[str]) -> None:
    """What the configuration takes for a selector means here what it means for kubectl."""
    tier = f"tier-{uuid4().hex[:8]}"
    await offers.offer("a", **{tier: "gold", "beta": "yes"})
    await offers.offer("b", **{tier: "silver"})
    await offers.offer("c", **{f"example.com/{tier}": "yes"})
    found = await offers.templates.names(selector=selector.format(tier=tier))
    assert {name.removeprefix(offers.prefix) for name in found} == wanted


async def test_without_the_permission(account: Account, namespace: str) -> None:
    """A Role of the namespace is not enough: the fault names verb, resource and scope."""
    kubeconfig = await account(namespace, [READER])
    async with connect(Kubeconfig(path=kubeconfig)) as api:
        with pytest.raises(TargetFailed, match="cannot list resource") as caught:
            await KubernetesTemplates(api).names()
    assert caught.value.fault.reason is Reason.RBAC_DENIED
    assert "list on vditemplates.vdi.kasm.io in the whole cluster" in caught.value.fault.summary


async def test_a_selector_that_the_api_server_refuses(offers: RealOffers) -> None:
    """It is a fault with the API server's words, and no empty list."""
    with pytest.raises(TargetFailed, match="unable to parse") as caught:
        await offers.templates.names(selector="a b c")
    assert caught.value.fault.reason is Reason.ADMISSION_REJECTED


async def test_an_api_server_that_restarts(control_plane: ControlPlane) -> None:
    """All the while it goes and comes back, each answer is a fault or the whole list, never a shorter one."""
    text = await asyncio.to_thread(control_plane.kubeconfig.read_text)
    async with (
        KubeClient(connection_info(yaml.safe_load(text))) as admin,
        connect(Kubeconfig(path=control_plane.kubeconfig)) as api,
    ):
        offers = RealOffers(templates=KubernetesTemplates(api), admin=admin, unreachable=KubernetesTemplates(api))
        tier = f"tier-{uuid4().hex[:8]}"
        made = {await offers.offer(name, **{tier: "gold"}) for name in ("a", "b")}
        restart = asyncio.create_task(asyncio.to_thread(control_plane.restart_api), name="restart")
        answers: list[set[str] | Reason] = []
        while not restart.done() or answers[-1] != made:
            try:
                async with asyncio.timeout(ANSWER_S):
                    answers.append(set(await offers.templates.names(selector=tier)))
            except TargetFailed as error:
                answers.append(error.fault.reason)
            except TimeoutError:
                answers.append(Reason.API_UNREACHABLE)
            await asyncio.sleep(0)
        await restart
        for name in made:
            await offers.withdraw(name)
    assert Reason.API_UNREACHABLE in answers
    lists = [answer for answer in answers if isinstance(answer, set)]
    assert all(found == made for found in lists)
