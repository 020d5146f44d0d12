"""A whole prober out of fakes, for one run after another in fake time."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from prober.domain.errors import Fault
from prober.domain.ids import ClusterName, RunId, TargetName
from prober.domain.outcomes import Trigger
from prober.domain.reasons import Reason
from prober.domain.report import RunReport
from prober.domain.session import SessionRef, SessionView
from prober.domain.steps import StepName, StepRecord
from prober.domain.target import SessionTemplate, Target
from prober.flow.runner import Runner
from tests.fakes.browser import FakeBrowser, FakeDesktop
from tests.fakes.clock import FakeClock
from tests.fakes.evidence import FakeEvidenceSink
from tests.fakes.exposure import FakeExposure, Said
from tests.fakes.health import FakeHealth
from tests.fakes.observer import FakeObserver
from tests.fakes.secrets import FakeSecrets
from tests.fakes.sessions import FakeSessions, Story

CLUSTER = ClusterName("staging")
RUN_ID = RunId("01980000-0000-7000-8000-000000000001")
SESSION = SessionView(ref=SessionRef(namespace="vdi", name="probe-desk-1", uid="uid-1"))

TARGET = Target(
    name=TargetName("ubuntu-desktop"),
    session=SessionTemplate(
        cluster=CLUSTER, namespace="vdi", user="probe-ubuntu@example.com", template="ubuntu-desktop"
    ),
)
"""A target with the contract's defaults."""


class Stage:
    """The fakes of one prober, with the runner over them.

    Attributes:
        sessions: The cluster.
        exposure: The URLs.
        browser: The browser.
        secrets: The secrets.
        observer: What was told to the outside.
        evidence: What was given to be kept.
        health: What the machine was like.
        runner: What is tested.
    """

    def __init__(
        self,
        *stories: Story,
        desktop: FakeDesktop | None = None,
        browser: FakeBrowser | None = None,
        answers: Sequence[Said] = (),
        always: Said | None = None,
        answer_takes_s: float = 0.012,
    ) -> None:
        """Puts the fakes together; what is left out is healthy.

        Args:
            stories: What becomes of the sessions.
            desktop: The first page.
            browser: A whole browser instead.
            answers: The URL's first answers.
            always: The URL's answers after those.
            answer_takes_s: How long an answer takes, in seconds.
        """
        self.sessions = FakeSessions(*stories)
        self.exposure = FakeExposure(self.sessions, *answers, always=always, takes_s=answer_takes_s)
        self.browser = browser or FakeBrowser(desktop or FakeDesktop())
        self.secrets = FakeSecrets()
        self.observer = FakeObserver()
        self.evidence = FakeEvidenceSink()
        self.health = FakeHealth()
        self.runner = Runner(
            sessions={CLUSTER: self.sessions},
            exposure=self.exposure,
            browser=self.browser,
            secrets=self.secrets,
            clock=FakeClock(),
            observer=self.observer,
            instance="prober-0",
            evidence=self.evidence,
            health=self.health,
        )

    async def run(self, target: Target = TARGET) -> RunReport:
        """Runs the flow once."""
        return await self.runner.run(target, run_id=RUN_ID, trigger=Trigger.MANUAL)

    def begin(self, target: Target = TARGET) -> "asyncio.Task[RunReport]":
        """Begins a run that goes on beside the test."""
        return asyncio.create_task(self.run(target), name="run under test")

    def assert_nothing_left(self) -> None:
        """Asserts that no session, watch, page or task outlived the run."""
        assert self.sessions.live() == []
        assert self.sessions.open_watches == 0
        assert self.browser.open_desktops == 0
        assert asyncio.all_tasks() == {asyncio.current_task()}


def target_with(**changes: Any) -> Target:
    """Returns the target with some of its fields changed."""
    return replace(TARGET, **changes)


def names(report: RunReport) -> list[StepName]:
    """Returns the names of a report's steps."""
    return [record.name for record in report.steps]


def record_of(report: RunReport, step: StepName) -> StepRecord:
    """Returns a report's record of one step."""
    return next(record for record in report.steps if record.name is step)


def said(fault: Fault | None) -> tuple[Reason, str] | None:
    """Returns what a step said of its fault, apart from what a diagnosis added."""
    return None if fault is None else (fault.reason, fault.summary)
