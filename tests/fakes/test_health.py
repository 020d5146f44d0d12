import pytest

from tests.contracts.health import HealthContract
from tests.fakes.health import FakeHealth, idle, starving


class TestFakeHealth(HealthContract):
    """The fake passes the suite of the real adapter."""

    @pytest.fixture
    def health(self) -> FakeHealth:
        """A fake with three samples."""
        return FakeHealth(idle(1.0), starving(1.5), idle(2.0))
