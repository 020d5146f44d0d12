"""A relay that serves everybody, whom the tests of one module share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from prober.lab.turn import Relay


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[Relay]:
    """A relay of which every desktop is told."""
    async with Relay(directory=tmp_path / "turn", always=True) as running:
        yield running
