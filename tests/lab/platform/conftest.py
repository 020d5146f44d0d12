from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from prober.lab.platform import Lab
from tests.lab.platform.observing import Observer, connected


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    """A lab in health."""
    async with Lab(state=tmp_path / "state") as lab:
        yield lab


@pytest.fixture
async def seen(lab: Lab) -> AsyncIterator[Observer]:
    """The lab as its user sees it."""
    async with connected(lab.kubeconfig_path) as api, aiohttp.ClientSession() as http:
        yield Observer(lab, api=api, http=http)
