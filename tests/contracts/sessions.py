"""What the flow relies on in the port `Sessions`.

A subclass gives the fixture `world`: a cluster with a way to act as the platform in it.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from prober.domain.errors import Fault
from prober.domain.evidence import EvidencePlan, GapCause, Source
from prober.domain.ids import RunId, TargetName
from prober.domain.reasons import Reason
from prober.domain.session import (
    MANAGED_BY,
    MANAGED_BY_LABEL,
    RUN_ID_LABEL,
    TARGET_LABEL,
    Phase,
    SessionRef,
    SessionRequest,
    SessionView,
)
from prober.flow.ports.sessions import Sessions, SessionStates

NAMESPACE = "vdi"
ELSEWHERE = "elsewhere"
FINALIZER = "vdi.kasm.io/session-cleanup"
PATIENCE_S = 10.0
"""How long a state may take to arrive, in seconds; it takes milliseconds."""

COLLECTED_S = 60.0
"""How long what a session owned may outlive it, in seconds; a real garbage collector may be late for a new kind."""

POLL_S = 0.05
"""Distance of looks at what nothing announces, in seconds."""

BUDGET_S = 0.5
"""How long a step of the tests waits for a state that does not come, in seconds."""


class World(Protocol):
    """A cluster, from the platform's side."""

    @property
    def sessions(self) -> Sessions:
        """The implementation under test."""

    @property
    def namespace(self) -> str:
        """Where the sessions of a test are, and no others."""

    @property
    def elsewhere(self) -> str:
        """Another such namespace."""

    def change(self, ref: SessionRef, *, phase: Phase, url: str | None = None, message: str | None = None) -> None:
        """Writes into a session's status."""

    def hold(self, ref: SessionRef) -> None:
        """Puts FINALIZER on a session."""

    def release(self, ref: SessionRef) -> None:
        """Takes the finalizers off a session."""

    def add_child(self, ref: SessionRef) -> None:
        """Makes a Pod of the session's name that the session owns."""

    def lose_api(self) -> None:
        """Lets the API server not answer."""

    def restore_api(self) -> None:
        """Lets the API server answer again."""


def request(*, run_id: str = "run-1", namespace: str = NAMESPACE, target: str = "ubuntu") -> SessionRequest:
    """Returns a request for a session of ours."""
    return SessionRequest(
        namespace=namespace,
        generate_name=f"probe-{target}-",
        user="probe-ubuntu@example.com",
        template="ubuntu-desktop",
        timeout="15m",
        labels={MANAGED_BY_LABEL: MANAGED_BY, RUN_ID_LABEL: RunId(run_id), TARGET_LABEL: TargetName(target)},
        annotations={"example.com/note": "made by a test, so it may go"},
    )


class SessionsContract:
    """Behaviour of every implementation."""

    async def test_create_names_the_session(self, world: World) -> None:
        """The name is the wanted prefix with an ending that makes it free."""
        first = await _create(world)
        second = await _create(world)
        assert first.ref.name.startswith("probe-ubuntu-")
        assert first.ref.namespace == world.namespace
        assert first.ref.uid
        assert len({first.ref.name, second.ref.name}) == len({first.ref.uid, second.ref.uid}) == 2

    async def test_create_bears_the_marks(self, world: World) -> None:
        """Labels, annotations and the creation's time come back with the answer."""
        wanted = request(namespace=world.namespace)
        view = await world.sessions.create(wanted)
        assert wanted.labels.items() <= view.labels.items()
        assert wanted.annotations.items() <= view.annotations.items()
        assert view.created_at is not None
        assert view.created_at.tzinfo is not None
        assert (view.phase, view.url, view.deleting) == (None, None, False)

    async def test_get_sees_what_the_platform_wrote(self, world: World) -> None:
        """The view follows the status."""
        ref = (await _create(world)).ref
        world.change(ref, phase=Phase.FAILED, message="no such template")
        view = await world.sessions.get(ref)
        assert view is not None
        assert (view.ref, view.phase, view.message) == (ref, Phase.FAILED, "no such template")

    async def test_get_knows_what_is_gone(self, world: World) -> None:
        """A session that is gone, or whose name another one has by now, is `None`."""
        ref = (await _create(world)).ref
        assert await world.sessions.get(replace(ref, uid="another")) is None
        await world.sessions.delete(ref)
        assert await world.sessions.get(ref) is None

    async def test_watch_gives_the_present_state_first(self, world: World) -> None:
        """Nothing needs to happen for the first item."""
        ref = (await _create(world)).ref
        world.change(ref, phase=Phase.RUNNING, url="https://a.example.com")
        async with world.sessions.watch(ref) as states:
            view = await _next(states)
        assert view is not None
        assert (view.phase, view.url) == (Phase.RUNNING, "https://a.example.com")

    async def test_watch_follows_the_story(self, world: World) -> None:
        """Each change comes once, then the deletion, then `None`, then nothing."""
        ref = (await _create(world)).ref
        world.hold(ref)
        seen: list[tuple[Phase | None, bool] | None] = []
        async with asyncio.timeout(PATIENCE_S), world.sessions.watch(ref) as states:
            async for view in states:
                seen.append(None if view is None else (view.phase, view.deleting))
                if view is None:
                    continue
                if view.deleting:
                    world.release(ref)
                elif view.phase is None and not seen[1:]:
                    world.change(ref, phase=Phase.CREATING)
                elif view.phase is Phase.CREATING:
                    world.change(ref, phase=Phase.RUNNING)
                elif view.phase is Phase.RUNNING:
                    await world.sessions.delete(ref)
        phases = list(dict.fromkeys(state for state in seen if state is None or state[0] or state[1]))
        assert phases == [(Phase.CREATING, False), (Phase.RUNNING, False), (Phase.RUNNING, True), None]

    async def test_watch_of_a_session_that_is_gone(self, world: World) -> None:
        """`None` comes at once, and is the last."""
        ref = (await _create(world)).ref
        await world.sessions.delete(ref)
        async with asyncio.timeout(PATIENCE_S), world.sessions.watch(ref) as states:
            assert [state async for state in states] == [None]

    async def test_watch_is_about_one_uid(self, world: World) -> None:
        """A later session of the same name is not the one that was watched."""
        ref = (await _create(world)).ref
        async with asyncio.timeout(PATIENCE_S), world.sessions.watch(replace(ref, uid="an-earlier-one")) as states:
            assert [state async for state in states] == [None]

    async def test_watch_survives_an_impatient_caller(self, world: World) -> None:
        """A wait that was given up costs nothing: the next one goes on."""
        ref = (await _create(world)).ref
        async with world.sessions.watch(ref) as states:
            await _next(states)
            for _ in range(3):
                try:
                    async with asyncio.timeout(0.05):
                        await anext(states)
                except TimeoutError:
                    continue
            world.change(ref, phase=Phase.RUNNING)
            view = await _next(states)
        assert view is not None
        assert view.phase is Phase.RUNNING

    async def test_watch_tells_an_outage(self, world: World) -> None:
        """Who waits in vain learns that the API server does not answer, until it does; nothing is missed."""
        ref = (await _create(world)).ref
        async with world.sessions.watch(ref) as states:
            await _next(states)
            before = states.outage
            world.lose_api()
            during = await _outage(states)
            world.change(ref, phase=Phase.RUNNING)
            world.restore_api()
            view = await _next(states)
            after = states.outage
        assert (before, after) == (None, None)
        assert during.reason is Reason.API_UNREACHABLE
        assert during.summary
        assert view is not None
        assert view.phase is Phase.RUNNING

    async def test_watch_tells_what_it_cost(self, world: World) -> None:
        """What was spent on lists stands apart from the platform's own time; without an outage there is none."""
        ref = (await _create(world)).ref
        async with world.sessions.watch(ref) as states:
            await _next(states)
            assert set(states.timings) == {"listing"}
            assert states.timings["listing"] >= 0.0

    async def test_watch_without_news_is_no_outage(self, world: World) -> None:
        """A platform that does nothing is not taken for an API server that does not answer."""
        ref = (await _create(world)).ref
        async with world.sessions.watch(ref) as states:
            await _next(states)
            with suppress(TimeoutError):
                async with asyncio.timeout(BUDGET_S):
                    await anext(states)
            assert states.outage is None

    async def test_delete_waits_for_finalizers(self, world: World) -> None:
        """A session that is kept says so, with what keeps it."""
        ref = (await _create(world)).ref
        world.hold(ref)
        await world.sessions.delete(ref)
        kept = await world.sessions.get(ref)
        assert kept is not None
        assert kept.deleting
        assert kept.finalizers == (FINALIZER,)
        world.release(ref)
        assert await world.sessions.get(ref) is None

    async def test_delete_is_by_uid(self, world: World) -> None:
        """Another session of the same name is left alone, and what is gone is no fault."""
        ref = (await _create(world)).ref
        await world.sessions.delete(replace(ref, uid="an-earlier-one"))
        assert await world.sessions.get(ref) is not None
        await world.sessions.delete(ref)
        await world.sessions.delete(ref)
        assert await world.sessions.get(ref) is None

    async def test_ours_lists_our_sessions_only(self, world: World) -> None:
        """One namespace, our label; one run where that is asked for."""
        mine = (await _create(world)).ref
        other_run = (await _create(world, run_id="run-2")).ref
        await world.sessions.create(request(namespace=world.elsewhere))
        foreign = replace(request(namespace=world.namespace), labels={MANAGED_BY_LABEL: "somebody-else"})
        await world.sessions.create(foreign)
        assert {view.ref for view in await world.sessions.ours(world.namespace)} == {mine, other_run}
        assert {view.ref for view in await world.sessions.ours(world.namespace, run_id=RunId("run-2"))} == {other_run}

    async def test_children_go_with_the_session(self, world: World) -> None:
        """What belongs to a session is found while it is there."""
        ref = (await _create(world)).ref
        world.add_child(ref)
        found = (await world.sessions.children(ref)).found
        assert [(child.kind, child.name) for child in found] == [("Pod", ref.name)]
        await world.sessions.delete(ref)
        async with asyncio.timeout(COLLECTED_S):
            while (await world.sessions.children(ref)).found:  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(POLL_S)

    async def test_evidence_shows_what_there_is(self, world: World) -> None:
        """The session's own words and its Pods; what the plan leaves out is not looked at."""
        ref = (await _create(world)).ref
        world.add_child(ref)
        world.change(ref, phase=Phase.FAILED, message="no such template")
        plan = EvidencePlan(sources=(Source.SESSION, Source.PODS))
        seen = await world.sessions.evidence(SessionView(ref=ref), plan=plan)
        assert seen.gaps == ()
        assert seen.session is not None
        assert (seen.session.phase, seen.session.message) == ("Failed", "no such template")
        assert [pod.name for pod in seen.pods or ()] == [ref.name]
        assert (seen.events, seen.logs, seen.services) == (None, None, None)

    async def test_evidence_of_a_session_that_is_gone(self, world: World) -> None:
        """What is not there is a gap, and the rest is seen all the same."""
        ref = (await _create(world)).ref
        await world.sessions.delete(ref)
        plan = EvidencePlan(sources=(Source.SESSION, Source.PODS))
        seen = await world.sessions.evidence(SessionView(ref=ref), plan=plan)
        assert [(gap.source, gap.cause) for gap in seen.gaps] == [(Source.SESSION, GapCause.NOT_THERE)]
        assert (seen.session, seen.pods) == (None, ())


async def _create(world: World, *, run_id: str = "run-1") -> SessionView:
    return await world.sessions.create(request(run_id=run_id, namespace=world.namespace))


async def _next(states: SessionStates) -> SessionView | None:
    async with asyncio.timeout(PATIENCE_S):
        return await anext(states)


async def _outage(states: SessionStates) -> Fault:
    """Waits in vain until the stream has noticed an outage, as steps do that give up one after the other."""
    async with asyncio.timeout(PATIENCE_S):
        while (outage := states.outage) is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(BUDGET_S):
                    await anext(states)
    return outage
