import asyncio
from dataclasses import dataclass, field, replace

import pytest

from prober.domain.errors import TargetFailed
from prober.domain.reasons import Reason
from prober.domain.session import Child, Phase, SessionRef
from tests.contracts.sessions import ELSEWHERE, FINALIZER, NAMESPACE, SessionsContract, request
from tests.fakes.sessions import URL, Change, FakeSessions, Story

QUIET = Story(changes=(), gone_after_s=0.0, children=())


@dataclass
class FakeWorld:
    """The fake, from the platform's side."""

    sessions: FakeSessions = field(default_factory=lambda: FakeSessions(QUIET))
    namespace: str = NAMESPACE
    elsewhere: str = ELSEWHERE

    def change(self, ref: SessionRef, *, phase: Phase, url: str | None = None, message: str | None = None) -> None:
        """Writes into the status."""
        self.sessions.change(ref, Change(phase=phase, url=url, message=message))

    def hold(self, ref: SessionRef) -> None:
        """Puts FINALIZER on the session."""
        self.sessions.hold(ref, FINALIZER)

    def release(self, ref: SessionRef) -> None:
        """Takes the finalizers off."""
        self.sessions.release(ref)

    def lose_api(self) -> None:
        """Lets the API server not answer."""
        self.sessions.lose_api()

    def restore_api(self) -> None:
        """Lets it answer again."""
        self.sessions.restore_api()

    def add_child(self, ref: SessionRef) -> None:
        """Gives the session a Pod."""
        child = Child(kind="Pod", name=ref.name)
        self.sessions.retell(ref, replace(QUIET, children=(child,), left_for_s=0.0))


class TestFakeSessions(SessionsContract):
    """The fake passes the suite of the real adapter."""

    @pytest.fixture
    def world(self) -> FakeWorld:
        """A fake cluster in which nothing happens by itself."""
        return FakeWorld()


@pytest.mark.looptime
async def test_a_healthy_story() -> None:
    """Without a script a session is Creating, then Running with a URL, and nothing is left of it."""
    fake = FakeSessions()
    ref = (await fake.create(request())).ref
    async with fake.watch(ref) as states:
        assert (await anext(states)).phase is Phase.CREATING  # type: ignore[union-attr]  # not gone yet
        running = await anext(states)
        assert running is not None
        assert (running.phase, running.url) == (Phase.RUNNING, URL)
        assert len((await fake.children(ref)).found) == 3
        await fake.delete(ref)
        assert (await anext(states)).deleting  # type: ignore[union-attr]  # not gone yet
        assert await anext(states) is None
    assert (await fake.children(ref)).found == ()
    assert (fake.live(), fake.open_watches) == ([], 0)
    assert asyncio.get_running_loop().time() == pytest.approx(0.6)


@pytest.mark.looptime
async def test_scripted_failures_and_delays() -> None:
    """Failures come in order, then all is well; a delay takes its time."""
    fake = FakeSessions()
    fake.fail("create", TargetFailed.because(Reason.QUOTA_EXCEEDED, "no room"))
    with pytest.raises(TargetFailed, match="no room"):
        await fake.create(request())
    fake.delay("create", 3.0)
    view = await fake.create(request())
    assert asyncio.get_running_loop().time() == pytest.approx(3.0)
    assert fake.calls == ["create", "create"]
    assert fake.live()[0].ref == view.ref


@pytest.mark.looptime
async def test_a_lost_answer() -> None:
    """A create that hangs may have made a session all the same, which is found by its run's id."""
    fake = FakeSessions()
    fake.accepts_before_failing = True
    fake.hang("create")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(fake.create(request()), timeout=10.0)
    assert len(await fake.ours(NAMESPACE)) == 1


@pytest.mark.looptime
async def test_an_outage_during_a_watch() -> None:
    """Nothing is seen and nothing can be asked while it lasts; afterwards the state of then is seen."""
    fake = FakeSessions()
    ref = (await fake.create(request())).ref
    loop = asyncio.get_running_loop()
    async with fake.watch(ref) as states:
        assert (await anext(states)).phase is Phase.CREATING  # type: ignore[union-attr]  # not gone yet
        loop.call_later(0.2, fake.lose_api)
        loop.call_later(3.0, fake.restore_api)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(states), timeout=2.0)
        during = states.outage
        with pytest.raises(TargetFailed, match="api_unreachable"):
            await fake.delete(ref)
        assert (await anext(states)).phase is Phase.RUNNING  # type: ignore[union-attr]  # not gone yet
        after = states.outage
    assert during is not None
    assert (during.reason, after) == (Reason.API_UNREACHABLE, None)
    assert loop.time() == pytest.approx(3.0)
