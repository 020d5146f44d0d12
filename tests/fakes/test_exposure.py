import pytest

from prober.domain.errors import TargetFailed
from prober.domain.reasons import Reason
from tests.contracts.exposure import ExposureContract
from tests.contracts.sessions import request
from tests.fakes.exposure import HANG, FakeExposure
from tests.fakes.sessions import URL, FakeSessions


class FakePlace:
    """A fake that is told what it will say."""

    def __init__(self) -> None:
        self.exposure = FakeExposure()

    async def serving(self, status: int) -> str:
        """Says the status next."""
        self.exposure.then(status)
        return URL

    async def silent(self) -> str:
        """Says nothing next."""
        self.exposure.then(HANG)
        return URL

    async def refused(self) -> str:
        """Refuses next."""
        self.exposure.then(TargetFailed.because(Reason.TCP_REFUSED, "nobody there"))
        return URL


class TestFakeExposure(ExposureContract):
    """The fake passes the suite of the real adapter."""

    @pytest.fixture
    def place(self) -> FakePlace:
        """A fake without a script."""
        return FakePlace()


@pytest.mark.looptime
async def test_urls_follow_the_sessions() -> None:
    """A URL serves from the moment its session says so until the session is gone."""
    sessions = FakeSessions()
    exposure = FakeExposure(sessions)

    async def status() -> int:
        return (await exposure.ask(URL, verify_tls=True, timeout_s=1.0)).status

    ref = (await sessions.create(request())).ref
    assert await status() == 404
    async with sessions.watch(ref) as states:
        await anext(states)
        await anext(states)
        assert await status() == 401
        await sessions.delete(ref)
        assert [state async for state in states][-1] is None
    assert await status() == 404
    assert [asked.url for asked in exposure.asked] == [URL] * 3
