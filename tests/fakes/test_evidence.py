import asyncio

import pytest

from prober.domain.retention import Room
from prober.flow.ports.evidence import StoreFailed
from tests.contracts.evidence import ARTEFACTS, RECORD, EvidenceStoreContract
from tests.fakes.evidence import FakeEvidenceStore


class TestFakeEvidenceStore(EvidenceStoreContract):
    @pytest.fixture
    def store(self) -> FakeEvidenceStore:
        """The fake."""
        return FakeEvidenceStore()


async def test_a_fault_meets_every_call() -> None:
    """While the fake has one nothing is kept, listed or asked."""
    fake = FakeEvidenceStore()
    fake.fault = StoreFailed("full")
    for call in (fake.keep(RECORD, ARTEFACTS), fake.runs(), fake.room()):
        with pytest.raises(StoreFailed):
            await call


async def test_the_disk_fills() -> None:
    """What is kept takes room."""
    fake = FakeEvidenceStore(disk=Room(free=20_000, total=40_000))
    await fake.keep(RECORD, ARTEFACTS)
    room = await fake.room()
    assert room is not None
    assert room.free == 20_000 - sum(len(artefact.content) for artefact in ARTEFACTS)


async def test_a_hanging_store_never_answers() -> None:
    """A call waits until it is cancelled."""
    fake = FakeEvidenceStore()
    fake.hanging = True
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await fake.runs()
