"""Whose fault it was."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from prober.domain.diagnosis import MOST_FACTS, SYMPTOMS, Observed, diagnose
from prober.domain.errors import Fault
from prober.domain.evidence import Evidence, Gap, GapCause, Source
from prober.domain.finding import Finding, Rule
from prober.domain.opened import Opened, Received
from prober.domain.reasons import Layer, Reason
from prober.domain.report import WebrtcSummary
from prober.domain.seen import NamedObject, ObjectSeen, SessionSeen
from prober.domain.steps import StepName
from tests.domain.clusters import CRASHED, KILLED, container, event, evidence, pod, waiting

STILL = Fault(reason=Reason.RUNNING_TIMEOUT, summary="the session is still Creating after 60 s")
NO_IMAGE = evidence(pod(container(waiting("ErrImagePull"))))
STARVED = Fault(reason=Reason.PROBER_STARVED, summary="the event loop was 3 s late")


@pytest.mark.parametrize("reason", sorted(SYMPTOMS), ids=str)
def test_a_symptom_is_explained_by_its_cause(reason: Reason) -> None:
    """The cause takes its place, the symptom stands among the facts and among what was considered."""
    symptom = Fault(reason=reason, summary="as a user met it")
    found = diagnose(Observed(fault=symptom, step=StepName.URL, kubernetes=NO_IMAGE))
    assert found.reason is Reason.IMAGE_PULL
    assert f"step url met {reason}: as a user met it" in found.facts
    assert f"{reason}, which image_pull explains" in found.considered


@pytest.mark.parametrize("reason", sorted(set(Reason) - SYMPTOMS), ids=str)
def test_what_is_a_cause_already_stays(reason: Reason) -> None:
    """Whatever else the cluster shows is considered, and not blamed."""
    met = Fault(reason=reason, summary="it is what it is")
    found = diagnose(Observed(fault=met, kubernetes=evidence(pod(container(CRASHED)))))
    assert (found.reason, found.summary) == (reason, met.summary)
    assert [line.partition(":")[0] for line in found.considered] == (
        [] if reason is Reason.CRASH_LOOP else ["crash_loop"]
    )


def test_without_evidence_the_symptom_is_the_answer() -> None:
    """Nothing is made up."""
    assert diagnose(Observed(fault=STILL)) == replace(STILL, facts=(STILL.summary,))
    found = diagnose(Observed(fault=STILL, kubernetes=evidence(pod(container()))))
    assert found.reason is Reason.RUNNING_TIMEOUT
    assert found.facts == ("Pod probe-1: Pending, on no node, desktop running",)


def test_a_prober_that_is_not_well_blames_nobody() -> None:
    """Its own fault comes before all others, and the target's stands beside it."""
    found = diagnose(Observed(fault=STILL, step=StepName.RUNNING, kubernetes=NO_IMAGE, ours=STARVED))
    assert found.layer is Layer.PROBER
    assert found.facts[0] == "step running met running_timeout: the session is still Creating after 60 s"
    assert any(line.startswith("image_pull:") for line in found.considered)


def test_what_was_found_sound_was_considered() -> None:
    """A reader sees that the prober itself was looked at."""
    assert diagnose(Observed(fault=STILL, cleared=("the self-check passed",))).considered == ("the self-check passed",)


@pytest.mark.parametrize("reason", [Reason.HTTP_5XX, Reason.TCP_REFUSED], ids=str)
def test_a_pod_that_is_not_ready_behind_a_url(reason: Reason) -> None:
    """Running was said too early: that is worth more than what the ingress answers."""
    refused = Fault(reason=reason, summary="the session's URL answers 503")
    found = diagnose(Observed(fault=refused, kubernetes=evidence(pod(container(), ready=False))))
    assert found.reason is Reason.FALSE_RUNNING
    assert diagnose(Observed(fault=refused, kubernetes=evidence(pod(container(), ready=True)))).reason is reason
    assert diagnose(Observed(fault=refused, kubernetes=Evidence())).reason is reason


RIVAL = ObjectSeen(kind="IngressRoute", name="other", facts={"match": "Host(`a`)", "owner": "VDISession/other"})
RIVAL_LINE = "IngressRoute other of VDISession/other (Host(`a`))"
REFUSED = Fault(reason=Reason.AUTH_REJECTED, summary="the desktop answers 401 to our credentials")


@pytest.mark.parametrize("reason", [Reason.AUTH_REJECTED, Reason.HTTP_5XX, Reason.URL_STILL_SERVING], ids=str)
def test_another_route_at_the_session_s_host(reason: Reason) -> None:
    """Who answered may be another session: its route is named, and what was met stands beside it."""
    met = Fault(reason=reason, summary="as a user met it")
    found = diagnose(Observed(fault=met, step=StepName.LOGIN, kubernetes=Evidence(rival_routes=(RIVAL,))))
    assert found.reason is Reason.HOST_COLLISION
    assert RIVAL_LINE in found.summary
    assert found.facts[:2] == (RIVAL_LINE, f"step login met {reason}: as a user met it")
    assert found.considered == (f"{reason}, which host_collision explains",)
    for none in ((), None):
        alone = diagnose(Observed(fault=met, step=StepName.LOGIN, kubernetes=Evidence(rival_routes=none)))
        assert alone.reason is reason


def test_a_route_of_others_is_mentioned_where_it_explains_nothing() -> None:
    """A black picture has been connected to; a Pod that crashes answers nobody: both stay what they are."""
    black = Fault(reason=Reason.BLACK_FRAMES, summary="black")
    found = diagnose(Observed(fault=black, step=StepName.FIRST_FRAME, kubernetes=Evidence(rival_routes=(RIVAL,))))
    assert found.reason is Reason.BLACK_FRAMES
    assert found.considered == (f"host_collision: {RIVAL_LINE} has the session's host too",)
    crashed = replace(evidence(pod(container(CRASHED))), rival_routes=(RIVAL,))
    assert diagnose(Observed(fault=REFUSED, step=StepName.LOGIN, kubernetes=crashed)).reason is Reason.AUTH_REJECTED


def test_a_route_without_words() -> None:
    """What is not told is not made up."""
    bare = ObjectSeen(kind="IngressRoute", name="other")
    found = diagnose(Observed(fault=REFUSED, kubernetes=Evidence(rival_routes=(bare,))))
    assert "IngressRoute other (no match)" in found.summary


def test_what_else_was_bad_in_the_window() -> None:
    """Another rule that the stream broke is considered; one that only warned, or is the reason itself, is not."""
    low = Finding(rule=Rule.FRAME_RATE, bad=True, fact="5.0 frames per second (limit 10)")
    slow = Finding(rule=Rule.ROUND_TRIP_TIME, bad=True, fact="round trip 0.350 s (limit 0.250)")
    warned = Finding(rule=Rule.JITTER, bad=False, fact="jitter 0.040 s (limit 0.030)")
    met = Fault(reason=Reason.LOW_FPS, summary=low.fact)
    found = diagnose(Observed(fault=met, step=StepName.STREAM, findings=(low, slow, warned)))
    assert found.reason is Reason.LOW_FPS
    assert found.considered == ("high_rtt: round trip 0.350 s (limit 0.250)",)


def test_the_surroundings_of_a_fault_in_the_cluster() -> None:
    """Session, Pods, the last warning, routes, Leases, and what could not be seen."""
    seen = Evidence(
        session=SessionSeen(name="probe-1", phase="Running", message="ready soon"),
        pods=(),
        events=(event("Unhealthy", "probe failed"),),
        ingressroutes=(ObjectSeen(kind="IngressRoute", name="probe-1", facts={"match": "Host(`a`)"}),),
        named_objects=(
            NamedObject(kind="Lease", name="operator", namespace="vdi", holder="pod-1"),
            NamedObject(kind="Secret", name="password", namespace="vdi"),
        ),
        gaps=(Gap(source=Source.PODS, cause=GapCause.FORBIDDEN, detail="needs list on pods"),),
    )
    missing = Fault(reason=Reason.HTTP_404_ROUTE, summary="404")
    assert diagnose(Observed(fault=missing, step=StepName.URL, kubernetes=seen)).facts == (
        "VDISession probe-1 is Running: ready soon",
        "the session has no Pod",
        "event Unhealthy on Pod/probe-1: probe failed",
        "routes: probe-1 (Host(`a`))",
        "Lease operator: held by pod-1",
        "not seen: pods: forbidden (needs list on pods)",
    )
    nothing = replace(
        seen, session=SessionSeen(name="p"), pods=None, events=(), ingressroutes=(), gaps=(), named_objects=None
    )
    assert diagnose(Observed(fault=missing, step=StepName.URL, kubernetes=nothing)).facts == (
        "VDISession p is without a phase",
        "the session has no route",
    )
    unled = replace(nothing, ingressroutes=None, named_objects=(NamedObject(kind="Lease", name="l", namespace="vdi"),))
    assert diagnose(Observed(fault=missing, step=StepName.URL, kubernetes=unled)).facts[-1] == "Lease l: held by nobody"


def test_the_surroundings_of_a_fault_in_the_browser() -> None:
    """What the page opened, what its servers answered, what was decoded."""
    opened = Opened(peer_connections=2, ice_errors=("401 Unauthorized. turn:t",), sockets=(Received(messages=1),))
    webrtc = WebrtcSummary(opened=opened, frames_decoded=300, frames_per_second=0.0)
    frozen = Fault(reason=Reason.FROZEN, summary="no frame for 6 s", facts=("rule longest_freeze",))
    assert diagnose(Observed(fault=frozen, webrtc=webrtc)).facts == (
        "rule longest_freeze",
        "the page opened 2 peer connections, 1 WebSockets",
        "ICE server: 401 Unauthorized. turn:t",
        "300 frames were decoded, 0.0 a second rendered",
    )
    bare = WebrtcSummary(opened=Opened(peer_connections=1))
    assert diagnose(Observed(fault=frozen, webrtc=bare)).facts[1:] == ("the page opened 1 peer connections",)
    assert diagnose(Observed(fault=frozen, webrtc=WebrtcSummary())).facts == frozen.facts


def test_facts_are_few() -> None:
    """A flood of them is cut, the most telling first."""
    many = evidence(*(replace(pod(container(KILLED)), name=f"probe-{number}") for number in range(20)))
    found = diagnose(Observed(fault=STILL, kubernetes=many))
    assert len(found.facts) == MOST_FACTS
    assert found.facts[0].startswith("container desktop is terminated (OOMKilled")


def test_a_session_that_somebody_deletes_did_not_crash() -> None:
    """Its Pod ends because it is told to."""
    deleted = datetime(2026, 11, 29, tzinfo=UTC)
    seen = replace(evidence(pod(container(CRASHED))), session=SessionSeen(name="probe-1", deleted_at=deleted))
    found = diagnose(Observed(fault=Fault(reason=Reason.FROZEN, summary="still"), kubernetes=seen))
    assert (found.reason, found.summary) == (Reason.PHASE_FAILED, "the session probe-1 was deleted by somebody else")
