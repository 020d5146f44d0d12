"""What the cluster shows to be wrong with a session's Pod."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from prober.domain.causes import causes, last_warning, pod_line
from prober.domain.evidence import Evidence
from prober.domain.reasons import Reason
from prober.domain.seen import ContainerState
from tests.domain.clusters import CRASHED, DONE, KILLED, RUNNING, claim, container, event, evidence, pod, waiting

NO_CPU = "0/3 nodes are available: 3 Insufficient cpu."
NO_GPU = "0/3 nodes are available: 3 Insufficient nvidia.com/gpu."
NO_VOLUME = "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims."
NO_IMAGE = waiting("ImagePullBackOff", 'Back-off pulling image "desktop:gone"')
BACK_OFF = waiting("CrashLoopBackOff", "back-off 40s restarting failed container")
FAILED_PULL = event("Failed", 'Failed to pull image "desktop:gone": not found')
PROVISIONING = event("ProvisioningFailed", "storageclass not found", about="PersistentVolumeClaim/vdi-data-probe-1")

CASES = {
    "quota": (
        evidence(
            events=(event("FailedCreate", 'pods "probe-1" is forbidden: exceeded quota: vdi', about="VDISession/p"),)
        ),
        Reason.QUOTA_EXCEEDED,
        "exceeded quota: vdi",
    ),
    "no cpu": (evidence(pod(unscheduled=NO_CPU)), Reason.UNSCHEDULABLE, NO_CPU),
    "no gpu": (evidence(pod(unscheduled=NO_GPU)), Reason.GPU_UNAVAILABLE, NO_GPU),
    "unbound volume": (evidence(pod(unscheduled=NO_VOLUME)), Reason.VOLUME_PENDING, NO_VOLUME),
    "scheduler without words": (
        evidence(replace(pod(), conditions=(replace(pod(unscheduled="x").conditions[0], reason=None, message=None),))),
        Reason.UNSCHEDULABLE,
        "no reason is given",
    ),
    "scheduler's event alone": (
        Evidence(events=(event("FailedScheduling", NO_GPU),)),
        Reason.GPU_UNAVAILABLE,
        "event FailedScheduling on Pod/probe-1",
    ),
    "pending claim": (
        evidence(pod(), claims=(claim("Pending"),), events=(PROVISIONING,)),
        Reason.VOLUME_PENDING,
        "storageclass",
    ),
    "lost claim": (evidence(pod(), claims=(claim("Lost"),)), Reason.VOLUME_PENDING, "vdi-data-probe-1 is Lost"),
    "mount": (
        evidence(pod(container(waiting("ContainerCreating"))), events=(event("FailedMount", "timed out", count=4),)),
        Reason.VOLUME_PENDING,
        "timed out (4 times)",
    ),
    "image": (evidence(pod(container(NO_IMAGE))), Reason.IMAGE_PULL, "ImagePullBackOff"),
    "image by its event alone": (
        Evidence(events=(event("Failed", "Error: it"), FAILED_PULL)),
        Reason.IMAGE_PULL,
        "not found",
    ),
    "container that cannot be made": (
        evidence(pod(container(waiting("CreateContainerConfigError", 'secret "x" not found')))),
        Reason.RUNNING_TIMEOUT,
        'secret "x" not found',
    ),
    "memory, now": (evidence(pod(container(KILLED))), Reason.OOM_KILLED, "exit code 137"),
    "memory, before": (evidence(pod(container(last=KILLED, restarts=2))), Reason.OOM_KILLED, "2 restarts"),
    "init that runs on": (
        evidence(pod(container(name="prepare", init=True), container(waiting("PodInitializing")))),
        Reason.INIT_STUCK,
        "container prepare is running",
    ),
    "init that crashes": (
        evidence(pod(container(BACK_OFF, name="prepare", init=True, last=CRASHED, restarts=3))),
        Reason.INIT_STUCK,
        "3 restarts",
    ),
    "crash loop": (
        evidence(pod(container(name="prepare", init=True, now=DONE), container(BACK_OFF, last=CRASHED, restarts=3))),
        Reason.CRASH_LOOP,
        "keeps ending",
    ),
    "crash, once": (evidence(pod(container(CRASHED))), Reason.CRASH_LOOP, "container desktop ended"),
    "eviction": (
        evidence(pod(phase="Failed", reason="Evicted", message="The node was low on resource: memory.")),
        Reason.CRASH_LOOP,
        "Evicted: The node was low",
    ),
}


@pytest.mark.parametrize(("seen", "reason", "words"), CASES.values(), ids=CASES.keys())
def test_each_cause_is_named_with_the_clusters_words(seen: Evidence, reason: Reason, words: str) -> None:
    """The first cause is that one, and its summary and facts have what the cluster said."""
    first, *_ = causes(seen)
    assert first.reason is reason
    assert words in first.summary
    assert all(fact in first.summary or words not in fact for fact in first.facts)


SOUND = {
    "nothing seen": Evidence(),
    "nothing there": evidence(),
    "running": evidence(pod(container(name="prepare", init=True, now=DONE), container(ready=True), phase="Running")),
    "being made": evidence(
        pod(
            container(name="prepare", init=True, now=waiting("PodInitializing")),
            container(name="later", init=True, now=None),
            container(waiting("PodInitializing")),
        )
    ),
    "sidecar in init": evidence(pod(container(name="proxy", init=True, ready=True), container())),
    "claim that waits for its Pod": evidence(pod(container(waiting("ContainerCreating"))), claims=(claim("Pending"),)),
    "volume that came late": evidence(pod(container()), events=(event("FailedMount", "timed out"),)),
    "words that are no warning": evidence(pod(), events=(event("Pulling", "pulling image", type_="Normal"),)),
    "failure that is none of an image": Evidence(events=(event("Failed", "Error: context deadline exceeded"),)),
}


@pytest.mark.parametrize("seen", SOUND.values(), ids=SOUND.keys())
def test_what_is_sound_or_not_seen_has_no_cause(seen: Evidence) -> None:
    """Only what the cluster shows to be wrong counts."""
    assert causes(seen) == ()


def test_the_first_in_a_pods_life_comes_first() -> None:
    """Of several causes the one without which the others would not be."""
    both = evidence(pod(container(BACK_OFF, last=KILLED), container(NO_IMAGE, name="sidecar")))
    assert [fault.reason for fault in causes(both)] == [Reason.IMAGE_PULL, Reason.OOM_KILLED, Reason.CRASH_LOOP]


def test_a_pod_in_a_line() -> None:
    """Phase, node, readiness and containers, as far as they were told."""
    assert (
        pod_line(pod(container(RUNNING), ready=False)) == "Pod probe-1: Pending, on no node, not ready, desktop running"
    )
    bare = replace(pod(container(None), ready=True, phase="Running"), node="node-1")
    assert pod_line(bare) == "Pod probe-1: Running, on node node-1, ready"
    assert pod_line(replace(bare, phase=None, conditions=())) == "Pod probe-1: no phase, on node node-1"


def test_the_last_warning() -> None:
    """The newest event that is a warning, with its own words or without."""
    assert last_warning(evidence()) is None
    bare = replace(event("x", "y"), reason=None, message=None)
    assert last_warning(evidence(events=(bare,))) == "event without a reason on Pod/probe-1: no message"


def test_a_container_whose_state_was_not_told() -> None:
    """What it went through before is told all the same."""
    (fault,) = causes(evidence(pod(container(None, last=CRASHED))))
    assert "is in no known state, before that terminated" in fault.summary


HISTORY = {
    "restarted sidecar": evidence(pod(container(ready=True), container(name="metrics", ready=True, last=CRASHED))),
    "killed once, well now": evidence(pod(container(ready=True, last=KILLED, restarts=1))),
    "one-shot container": evidence(pod(container(ready=True), container(DONE, name="once"))),
    "quota got past": evidence(pod(container(ready=True)), events=(event("FailedCreate", "exceeded quota: vdi"),)),
    "native sidecar": evidence(pod(container(name="proxy", init=True, ready=False), container(ready=True))),
    "Pod that is deleted": evidence(replace(pod(container(CRASHED)), deleted_at=datetime(2026, 11, 29, tzinfo=UTC))),
}


@pytest.mark.parametrize("seen", HISTORY.values(), ids=HISTORY.keys())
def test_what_is_over_is_no_cause(seen: Evidence) -> None:
    """Only what is wrong now is blamed."""
    assert causes(seen) == ()


def test_a_session_that_ran_got_over_its_events() -> None:
    """Without a look at its Pod the scheduler's early words explain nothing any more."""
    early = Evidence(events=(event("FailedScheduling", NO_CPU),))
    assert causes(early, ran=True) == ()
    assert [fault.reason for fault in causes(early)] == [Reason.UNSCHEDULABLE]


@pytest.mark.parametrize("state", [NO_IMAGE, BACK_OFF], ids=["image", "crash"])
def test_a_container_past_its_mounts_has_its_volumes(state: ContainerState) -> None:
    """A mount that failed for a moment is not why an image is missing or a container dies."""
    seen = evidence(pod(container(state)), events=(event("FailedMount", "failed to sync configmap cache"),))
    assert Reason.VOLUME_PENDING not in {fault.reason for fault in causes(seen)}
