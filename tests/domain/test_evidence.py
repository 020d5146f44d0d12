import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from prober.domain.evidence import (
    PLAIN_SOURCES,
    Evidence,
    EvidencePlan,
    Gap,
    GapCause,
    LeaseName,
    Source,
    published,
)
from prober.domain.ids import RunId, TargetName
from prober.domain.outcomes import Outcome, Trigger
from prober.domain.report import RunReport, as_dict
from prober.domain.seen import (
    Condition,
    ContainerSeen,
    ContainerState,
    EventSeen,
    NamedObject,
    ObjectSeen,
    PodSeen,
    SessionSeen,
)
from prober.domain.steps import StepName

NOW = datetime(2026, 11, 22, 9, 40, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    """Returns a time before NOW."""
    return NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("plan", "asked"),
    [
        pytest.param(EvidencePlan(), PLAIN_SOURCES, id="all that needs no names"),
        pytest.param(EvidencePlan(sources=()), (), id="none"),
        pytest.param(EvidencePlan(sources=(Source.LOGS, Source.PODS)), (Source.PODS, Source.LOGS), id="some"),
        pytest.param(EvidencePlan(sources=(), secrets=("a",)), (Source.SECRETS,), id="a Secret"),
        pytest.param(
            EvidencePlan(sources=(), leases=(LeaseName(namespace="a", name="b"),)), (Source.LEASES,), id="a Lease"
        ),
        pytest.param(EvidencePlan(sources=(Source.SECRETS, Source.LEASES)), (), id="named ones without names"),
    ],
)
def test_which_sources_are_asked(plan: EvidencePlan, asked: tuple[Source, ...]) -> None:
    """Plain sources by the list, named ones by their names, in one order."""
    assert plan.asked() == asked


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        pytest.param(
            Gap(source=Source.LOGS, cause=GapCause.FORBIDDEN, detail="needs get on pods/log in namespace vdi"),
            "logs: forbidden (needs get on pods/log in namespace vdi)",
            id="one source",
        ),
        pytest.param(
            Gap(source=None, cause=GapCause.NO_ANSWER, detail="none within 6 s"),
            "everything: no answer (none within 6 s)",
            id="all",
        ),
    ],
)
def test_a_gap_says_itself_in_a_line(gap: Gap, words: str) -> None:
    """What is missing, why, and what would mend it."""
    assert str(gap) == words


def test_nothing_seen_is_published_as_its_gaps() -> None:
    """Sources that were not seen are absent; what there is to say of them stands among the gaps."""
    gap = Gap(source=Source.PODS, cause=GapCause.NOT_SERVED, detail="list on pods in namespace vdi")
    assert published(Evidence(gaps=(gap,))) == {"gaps": [str(gap)], "truncated": []}


def test_everything_is_published() -> None:
    """Ages instead of times, empty lists for what was seen and is not there, nothing for what was not said."""
    killed = ContainerState(state="terminated", reason="OOMKilled", exit_code=137, since_at=ago(2.5))
    waiting = ContainerState(state="waiting", reason="CrashLoopBackOff")
    evidence = Evidence(
        taken_at=NOW,
        took_s=0.25,
        after=StepName.RUNNING,
        session=SessionSeen(name="probe-x", phase="Creating", created_at=ago(60), finalizers=("f",)),
        pods=(
            PodSeen(
                name="probe-x",
                phase="Pending",
                conditions=(Condition(type="Ready", status="False", changed_at=ago(1)),),
                containers=(ContainerSeen(name="desktop", ready=False, restarts=0, now=waiting, last=killed),),
            ),
        ),
        events=(EventSeen(about="Pod/probe-x", reason="BackOff", count=3, seen_at=ago(4)),),
        logs=(),
        services=(ObjectSeen(kind="Service", name="probe-x", facts={"ports": "8080/TCP"}, deleted_at=ago(7)),),
        named_objects=(
            NamedObject(kind="Secret", name="probe-x-credentials", namespace="vdi", keys=("password",)),
            NamedObject(kind="Lease", name="operator", namespace="vdi-system", exists=False),
        ),
        truncated=("events: the newest 1 of 2",),
    )
    shown = published(evidence)
    assert shown == {
        "took_s": 0.25,
        "after": "running",
        "session": {"name": "probe-x", "phase": "Creating", "finalizers": ["f"], "created_age_s": 60.0},
        "pods": [
            {
                "name": "probe-x",
                "phase": "Pending",
                "conditions": [{"type": "Ready", "status": "False", "changed_age_s": 1.0}],
                "containers": [
                    {
                        "name": "desktop",
                        "init": False,
                        "ready": False,
                        "restarts": 0,
                        "now": {"state": "waiting", "reason": "CrashLoopBackOff"},
                        "last": {
                            "state": "terminated",
                            "reason": "OOMKilled",
                            "exit_code": 137,
                            "since_age_s": 2.5,
                        },
                    }
                ],
            }
        ],
        "events": [{"about": "Pod/probe-x", "reason": "BackOff", "count": 3, "seen_age_s": 4.0}],
        "logs": [],
        "services": [{"kind": "Service", "name": "probe-x", "facts": {"ports": "8080/TCP"}, "deleted_age_s": 7.0}],
        "named_objects": [
            {
                "kind": "Secret",
                "name": "probe-x-credentials",
                "namespace": "vdi",
                "exists": True,
                "keys": ["password"],
            },
            {"kind": "Lease", "name": "operator", "namespace": "vdi-system", "exists": False},
        ],
        "gaps": [],
        "truncated": ["events: the newest 1 of 2"],
    }
    assert json.loads(json.dumps(shown)) == shown
    assert type(shown["after"]) is str


def test_without_a_time_there_are_no_ages() -> None:
    """Ages need to be told from when; without, they are absent rather than wrong."""
    assert published(Evidence(session=SessionSeen(name="x", created_at=NOW)))["session"] == {"name": "x"}


def test_it_is_part_of_the_report() -> None:
    """Under `kubernetes`, with its time as all times of a report are written; what is left has a place of its own."""
    report = RunReport(
        run_id=RunId("0198"),
        target=TargetName("ubuntu-desktop"),
        trigger=Trigger.SCHEDULE,
        started_at=NOW,
        duration_s=1.0,
        outcome=Outcome.FAILURE,
        kubernetes=Evidence(taken_at=NOW, took_s=0.1234567891),
    )
    shown = as_dict(report)
    assert shown["kubernetes"] == {
        "taken_at": "2026-11-22T09:40:00.000Z",
        "took_s": 0.123457,
        "gaps": [],
        "truncated": [],
    }
    assert "kubernetes_left" not in shown
    assert as_dict(replace(report, kubernetes_left=Evidence()))["kubernetes_left"] == {"gaps": [], "truncated": []}
