from dataclasses import dataclass, field

import pytest

from prober.domain.errors import Fault
from prober.domain.reasons import Reason
from tests.contracts.templates import TemplatesContract
from tests.fakes.templates import FakeTemplates


@dataclass
class FakeOffers:
    """The fake, from the administrator's side."""

    templates: FakeTemplates = field(default_factory=FakeTemplates)

    async def offer(self, name: str, **labels: str) -> str:
        self.templates.offer(name, **labels)
        return name

    async def withdraw(self, name: str) -> None:
        self.templates.withdraw(name)

    async def lose_api(self) -> None:
        self.templates.fault = Fault(reason=Reason.API_UNREACHABLE, summary="the API server does not answer")


class TestFakeTemplates(TemplatesContract):
    """The fake passes the suite of the real adapter."""

    @pytest.fixture
    def offers(self) -> FakeOffers:
        """A cluster without templates."""
        return FakeOffers()
