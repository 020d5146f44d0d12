from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from prober.lab.furnishing import vacate
from prober.lab.operator.manifests import MADE_BY_LAB, SESSION_LABEL
from prober.lab.operator.session import FINALIZER, Session, parse_session
from tests.lab.platform.cluster import Cluster, running_cluster
from tests.lab.platform.observing import SESSIONS, session_body

SERVICES = "/api/v1/namespaces/vdi/services"


class Gone:
    """An operator that took up some sessions, then ended."""

    running = False

    def __init__(self, *sessions: Session) -> None:
        self.taken_up = sessions


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    """A cluster without sessions."""
    async with running_cluster(tmp_path) as cluster:
        yield cluster


async def _create(cluster: Cluster, name: str, *, finalizers: tuple[str, ...] = (FINALIZER,)) -> Session:
    body = session_body(name)
    body["metadata"]["finalizers"] = list(finalizers)
    return parse_session(await cluster.observer.create(SESSIONS, body))


async def _leave_service(cluster: Cluster, name: str) -> None:
    metadata = {"name": name, "labels": {SESSION_LABEL: name, MADE_BY_LAB: "true"}}
    await cluster.observer.create(SERVICES, {"metadata": metadata, "spec": {"ports": [{"port": 80}]}})


async def _names(cluster: Cluster, path: str) -> list[str]:
    return [body["metadata"]["name"] for body in await cluster.observer.list(path)]


async def test_only_what_the_operator_took_up_is_ended(cluster: Cluster) -> None:
    """Other people's sessions stay as they are in the lab's namespace, too, with what belongs to them."""
    ours = await _create(cluster, "ours")
    await _create(cluster, "theirs")
    before: dict[str, Any] = await cluster.observer.get(f"{SESSIONS}/theirs")
    for name in ("ours", "theirs"):
        await _leave_service(cluster, name)

    await vacate(cluster.operator, namespace="vdi", operator=Gone(ours))

    assert await _names(cluster, SESSIONS) == ["theirs"]
    assert await cluster.observer.get(f"{SESSIONS}/theirs") == before
    assert await _names(cluster, SERVICES) == ["theirs"]


async def test_what_a_killed_lab_left_behind_goes(cluster: Cluster) -> None:
    """A child of the lab's making whose session is long gone goes; one of another's making stays."""
    await _leave_service(cluster, "forgotten")
    theirs = {"metadata": {"name": "kept", "labels": {SESSION_LABEL: "kept"}}, "spec": {"ports": [{"port": 80}]}}
    await cluster.observer.create(SERVICES, theirs)

    await vacate(cluster.operator, namespace="vdi", operator=Gone())

    assert await _names(cluster, SERVICES) == ["kept"]


async def test_a_later_session_of_the_same_name_is_spared(cluster: Cluster) -> None:
    """Sessions are told apart by their uid."""
    ours = await _create(cluster, "s1", finalizers=())
    await cluster.observer.discard(ours.path)
    await _create(cluster, "s1")

    await vacate(cluster.operator, namespace="vdi", operator=Gone(ours))

    assert "deletionTimestamp" not in (await cluster.observer.get(ours.path))["metadata"]


async def test_finalizers_of_others_stay(cluster: Cluster) -> None:
    """A session is released from the lab's own finalizer only."""
    ours = await _create(cluster, "ours", finalizers=(FINALIZER, "example.com/theirs"))

    await vacate(cluster.operator, namespace="vdi", operator=Gone(ours))

    assert (await cluster.observer.get(ours.path))["metadata"]["finalizers"] == ["example.com/theirs"]
