"""What happens to a page during the observation window."""

import asyncio
from dataclasses import replace

import pytest

from prober.domain.connection import Connections
from prober.domain.finding import Rule
from prober.domain.input import RESTLESS
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.steps import StepName
from prober.domain.stream import StreamSample
from prober.domain.target import StreamPlan
from tests.fakes.browser import FakeDesktop, Script
from tests.flow.faults import SOUND
from tests.flow.stage import Stage, record_of, target_with

pytestmark = pytest.mark.looptime

SLOW_PAGE_S = 20.0
"""The page's own time when its window begins."""


class ReloadingDesktop(FakeDesktop):
    """A desktop whose page is loaded anew, so many seconds into its window; its picture is sound before and after."""

    def __init__(self, *, reload_after_s: float, silent_s: float = 0.0) -> None:
        super().__init__()
        self._reload_after_s = reload_after_s
        self._silent_s = silent_s
        self._begun_at: float | None = None

    def healthy_sample(self) -> StreamSample:
        now = asyncio.get_running_loop().time()
        self._begun_at = now if self._begun_at is None else self._begun_at
        since_s = now - self._begun_at
        if since_s < self._reload_after_s:
            return replace(super().healthy_sample(), at_s=SLOW_PAGE_S + since_s)
        if since_s < self._reload_after_s + self._silent_s:
            return StreamSample(at_s=0.0)
        return replace(super().healthy_sample(), at_s=since_s - self._reload_after_s + 0.1)


@pytest.mark.parametrize(
    ("reload_after_s", "silent_s"),
    [(4.0, 0.0), (4.0, 2.0), (1.0, 0.5), (8.0, 60.0), (9.8, 0.0)],
    ids=["at once", "after a while", "while the encoder ramps up", "never", "at the very end"],
)
async def test_a_page_that_reloads_in_the_window_is_gone(reload_after_s: float, silent_s: float) -> None:
    """Its seconds before and after, however good, do not make up for it; and nobody blames the prober."""
    report = await Stage(desktop=ReloadingDesktop(reload_after_s=reload_after_s, silent_s=silent_s)).run()
    assert (report.outcome, report.step) == (Outcome.FAILURE, StepName.STREAM)
    assert report.fault is not None
    assert report.fault.reason is Reason.FROZEN
    assert Rule.GONE in [finding.rule for finding in report.findings]


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (Connections(), Reason.SIGNALLING_NEVER_OPENED),
        (Connections(peers=(replace(SOUND, connection_state="failed", ice_state="failed"),)), Reason.ICE_FAILED),
    ],
    ids=["no connection any more", "lost"],
)
async def test_a_connection_must_last_to_the_windows_end(last: Connections, reason: Reason) -> None:
    """A window that was good until its last moment ends with a desktop that nobody can use."""
    desktop = FakeDesktop(connections=Script(FakeDesktop.connected(), last))
    report = await Stage(desktop=desktop).run()
    assert report.step is StepName.STREAM
    assert report.fault is not None
    assert report.fault.reason is reason


async def test_a_window_without_two_settled_samples_is_ours() -> None:
    """A settling time as long as the window leaves nothing to judge, which is no fault of the target."""
    report = await Stage().run(target_with(stream=StreamPlan(window_s=3.0, settle_s=3.0)))
    assert report.fault is not None
    assert report.fault.reason is Reason.DEADLINE_EXCEEDED


async def test_input_that_cannot_be_measured_is_noted() -> None:
    """A full-screen video hides every reaction: that is neither a hit nor a miss, and the report says so."""
    report = await Stage(desktop=FakeDesktop(input_latency=RESTLESS)).run()
    assert report.outcome is Outcome.SUCCESS
    assert "10 inputs could not be measured" in " ".join(record_of(report, StepName.INPUT).notes)
    assert report.webrtc is not None
    assert (report.webrtc.input_repetitions, report.webrtc.input_misses) == (0, 0)
