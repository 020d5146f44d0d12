"""The measured time of `running` against the operator's own clock."""

import asyncio
import statistics
import time

import pytest

from prober.domain.session import Phase, SessionView
from prober.flow.journal import StepNotes
from prober.flow.steps.session import wait_running
from tests.cluster import harms
from tests.cluster.site import ON_A_REAL_ONE, Way

SESSIONS = 20

MEDIAN_S = 0.1
"""What half of all measurements may be wrong by, in seconds."""

pytestmark = list(ON_A_REAL_ONE)


async def ended(way: Way, session: SessionView) -> float:
    """Runs the step; returns when it was over, on the monotonic clock."""
    assert (await wait_running(way.sessions, session, budget_s=60.0, notes=StepNotes())).phase is Phase.RUNNING
    return time.monotonic()


async def error_of(way: Way, *, number: int, written_after_s: float) -> float:
    """Lets the step wait for a session that runs after so many seconds; returns by how much its duration is wrong."""
    session = await way.create(run_id=f"run-{number}")
    step = asyncio.create_task(ended(way, session), name=f"running {number}")
    await asyncio.sleep(written_after_s)
    written_s = await way.site.write(session.ref, Phase.RUNNING)
    return await step - written_s


async def errors(way: Way, *, first_s: float, last_s: float) -> list[float]:
    """Measures for several sessions, whose writes are spread over a time that begins when the steps do."""
    gap_s = (last_s - first_s) / (SESSIONS - 1)
    measuring = [
        asyncio.create_task(
            error_of(way, number=number, written_after_s=first_s + number * gap_s), name=f"session {number}"
        )
        for number in range(SESSIONS)
    ]
    return [abs(error) for error in await asyncio.gather(*measuring)]


async def test_events_are_heard_at_once(way: Way) -> None:
    """The step ends when the operator writes, not when somebody looks."""
    found = await errors(way, first_s=0.5, last_s=4.0)
    print(f"median {statistics.median(found) * 1000:.0f} ms, worst {max(found) * 1000:.0f} ms")  # noqa: T201 - the measurement
    assert statistics.median(found) <= MEDIAN_S


@pytest.mark.parametrize("idle_s", [5.0, 2.0], ids=["5 s", "2 s"])
async def test_writes_in_the_middle_of_a_reconnect(way: Way, idle_s: float) -> None:
    """A proxy that cuts idle connections costs no seconds, whenever the operator writes."""
    way.proxy.harm = harms.idle_cut(idle_s)
    found = await errors(way, first_s=idle_s - 0.5, last_s=idle_s + 1.5)
    print(f"median {statistics.median(found) * 1000:.0f} ms, worst {max(found) * 1000:.0f} ms")  # noqa: T201 - the measurement
    assert way.proxy.asked["WATCH"] > SESSIONS
    assert statistics.median(found) <= MEDIAN_S
