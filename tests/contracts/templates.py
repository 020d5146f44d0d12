"""What discovery relies on in the port `Templates`.

A subclass gives the fixture `offers`: a cluster with a way to act as its administrator. A cluster that others use too
may have further templates, so that each test has a label key of its own.
"""

import asyncio
from typing import Protocol
from uuid import uuid4

import pytest

from prober.domain.errors import TargetFailed
from prober.domain.reasons import Layer, Reason
from prober.flow.ports.templates import Templates

PATIENCE_S = 10.0
"""How long an answer may take, in seconds; it takes milliseconds."""


class Offers(Protocol):
    """A cluster's templates, from the administrator's side."""

    @property
    def templates(self) -> Templates:
        """The implementation under test."""

    async def offer(self, name: str, **labels: str) -> str:
        """Makes a template, and returns the name that it got: one that is free there, in the order of the names."""

    async def withdraw(self, name: str) -> None:
        """Removes a template by the name that it got."""

    async def lose_api(self) -> None:
        """Lets the API server not answer, or no longer be reached."""


class TemplatesContract:
    """Behaviour of every implementation."""

    @pytest.fixture
    def tier(self) -> str:
        """A label key that nobody else uses."""
        return f"tier-{uuid4().hex[:8]}"

    async def test_nothing_is_an_answer(self, offers: Offers, tier: str) -> None:
        """A selector that no template has gives an empty list, not a fault."""
        await offers.offer("ubuntu", **{tier: "gold"})
        assert list(await offers.templates.names(selector=f"{tier}=none-has-it")) == []

    async def test_all_are_found(self, offers: Offers, tier: str) -> None:
        """Without a selector every template is there, once, whatever its labels."""
        made = [await offers.offer("ubuntu", **{tier: "gold"}), await offers.offer("debian.12")]
        found = await offers.templates.names()
        assert set(made) <= set(found)
        assert len(found) == len(set(found))

    async def test_a_selector_picks(self, offers: Offers, tier: str) -> None:
        """Only templates with the labels are found; terms add up."""
        both = await offers.offer("ubuntu", **{tier: "gold", "stage": "live"})
        gold = await offers.offer("debian", **{tier: "gold"})
        await offers.offer("fedora", **{tier: "silver", "stage": "live"})
        assert set(await offers.templates.names(selector=f"{tier}=gold")) == {both, gold}
        assert list(await offers.templates.names(selector=f"{tier}=gold,stage=live")) == [both]

    async def test_changes_are_seen(self, offers: Offers, tier: str) -> None:
        """The next list has what was added, and has no more what was removed."""
        first = await offers.offer("ubuntu", **{tier: "gold"})
        assert list(await offers.templates.names(selector=f"{tier}=gold")) == [first]
        second = await offers.offer("debian", **{tier: "gold"})
        await offers.withdraw(first)
        assert list(await offers.templates.names(selector=f"{tier}=gold")) == [second]

    async def test_many_are_found(self, offers: Offers, tier: str) -> None:
        """None is lost between the pages of a long list."""
        made = {await offers.offer(f"many-{number}", **{tier: "many"}) for number in range(7)}
        found = await offers.templates.names(selector=f"{tier}=many")
        assert set(found) == made
        assert len(found) == len(made)

    async def test_an_outage_is_no_empty_list(self, offers: Offers, tier: str) -> None:
        """An API server that does not answer is `api_unreachable`, in the layer of the control plane."""
        await offers.offer("ubuntu", **{tier: "gold"})
        await offers.lose_api()
        with pytest.raises(TargetFailed) as caught:
            async with asyncio.timeout(PATIENCE_S):
                await offers.templates.names(selector=f"{tier}=gold")
        assert caught.value.fault.reason is Reason.API_UNREACHABLE
        assert caught.value.fault.layer is Layer.CONTROL_PLANE
