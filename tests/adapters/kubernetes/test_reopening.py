"""Clusters that can be opened only after a while."""

import asyncio
from pathlib import Path

import pytest

from prober.adapters.kubernetes.connection import Kubeconfig
from prober.adapters.kubernetes.reopening import reach
from prober.adapters.kubernetes.sessions import KubernetesSessions
from prober.domain.errors import ProberFailed
from prober.domain.reasons import Reason
from tests.contracts.sessions import NAMESPACE


async def test_a_cluster_that_can_be_opened(kubeconfig: Path) -> None:
    """The first request opens it, or whoever did so before."""
    async with reach(Kubeconfig(path=kubeconfig)) as api:
        await api.open()
        assert await KubernetesSessions(api).ours(NAMESPACE) == []


async def test_a_kubeconfig_that_comes_later(kubeconfig: Path) -> None:
    """Each request meets what is wrong, until the next trial finds it mended."""
    away = move(kubeconfig, kubeconfig.with_name("away"))
    async with reach(Kubeconfig(path=kubeconfig), again_after_s=0.0) as api:
        for _ in range(2):
            with pytest.raises(ProberFailed, match="does not exist") as caught:
                await KubernetesSessions(api).ours(NAMESPACE)
        assert caught.value.fault.reason is Reason.INTERNAL
        move(away, kubeconfig)
        assert await KubernetesSessions(api).ours(NAMESPACE) == []


async def test_a_cluster_is_left_alone_for_a_while(kubeconfig: Path) -> None:
    """Between two trials requests fail at once, whatever has been mended."""
    away = move(kubeconfig, kubeconfig.with_name("away"))
    async with reach(Kubeconfig(path=kubeconfig)) as api:
        with pytest.raises(ProberFailed, match="does not exist"):
            await api.open()
        move(away, kubeconfig)
        with pytest.raises(ProberFailed, match="does not exist"):
            await KubernetesSessions(api).ours(NAMESPACE)


async def test_many_requests_open_it_once(kubeconfig: Path) -> None:
    """Requests at a time wait for one opening, also when the one that began it is given up."""
    async with reach(Kubeconfig(path=kubeconfig)) as api:
        given_up = asyncio.create_task(api.open(), name="given up")
        await asyncio.sleep(0)
        given_up.cancel()
        found = await asyncio.gather(*(KubernetesSessions(api).ours(NAMESPACE) for _ in range(5)))
        assert found == [[]] * 5
        assert given_up.cancelled()


def move(path: Path, to: Path) -> Path:
    """Moves a file."""
    return path.rename(to)
