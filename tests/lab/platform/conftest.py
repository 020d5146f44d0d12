from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import yaml

from prober.lab.cluster.choice import Foreign
from prober.lab.kube.server import KubeApi
from prober.lab.operator.client import KubeClient
from prober.lab.platform import Lab
from tests.lab.platform.observing import Observer, connected


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    """A lab in health, with a cluster of its own."""
    async with Lab(state=tmp_path / "state") as lab:
        yield lab


@pytest.fixture
async def seen_embedded(lab: Lab) -> AsyncIterator[Observer]:
    """The lab with a cluster of its own, as its user sees it."""
    async with connected(lab.kubeconfig_path) as api, aiohttp.ClientSession() as http:
        yield Observer(lab, api=api, http=http)


@pytest.fixture
async def embedded_kubeconfig(tmp_path: Path) -> AsyncIterator[Path]:
    """An embedded API that runs apart from the lab: to it, a cluster like any other."""
    (tmp_path / "api").mkdir()
    async with KubeApi(tokens={"admin": "admin"}, tls_dir=tmp_path / "api") as kube:
        path = tmp_path / "api" / "kubeconfig"
        path.write_text(yaml.safe_dump(kube.kubeconfig(token="admin")))
        yield path


@pytest.fixture(params=["embedded", pytest.param("real", marks=pytest.mark.cluster)])
def foreign(request: pytest.FixtureRequest) -> Foreign:
    """A cluster that is not the lab's own."""
    kind = "embedded_kubeconfig" if request.param == "embedded" else "cluster_kubeconfig"
    return Foreign(kubeconfig=request.getfixturevalue(kind))


@pytest.fixture
async def house(foreign: Foreign) -> AsyncIterator[KubeClient]:
    """That cluster, as its administrator."""
    async with connected(foreign.kubeconfig) as api:
        yield api


@pytest.fixture(params=["embedded", pytest.param("real", marks=pytest.mark.cluster)])
def place(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Where a lab works: in a cluster of its own, in a namespace of a real one."""
    if request.param == "embedded":
        return {}
    kubeconfig: Path = request.getfixturevalue("cluster_kubeconfig")
    return {"cluster": Foreign(kubeconfig=kubeconfig), "namespace": request.getfixturevalue("namespace")}


@pytest.fixture
async def seen(place: dict[str, Any], tmp_path: Path) -> AsyncIterator[Observer]:
    """A lab in either place, as its user sees it."""
    async with (
        Lab(state=tmp_path / "state", **place) as lab,
        connected(lab.kubeconfig_path) as api,
        aiohttp.ClientSession() as http,
    ):
        yield Observer(lab, api=api, http=http)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Observer]:
    """A lab with a cluster of its own, as its user sees it: one for all tests of a module."""
    async with (
        Lab(state=tmp_path_factory.mktemp("lab")) as lab,
        connected(lab.kubeconfig_path) as api,
        aiohttp.ClientSession() as http,
    ):
        yield Observer(lab, api=api, http=http)
