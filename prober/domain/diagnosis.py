"""Whose fault was it: from what a run met and all that was seen around it to the reason that an engineer needs.

What a user meets is a symptom: a session that is not Running in time, a URL that does not answer, a picture that stands
still. Given the symptom, the evidence of the cluster and what is known of the prober itself, an ordered list of rules
names the cause; where none is found, the symptom is the answer. Nothing here reads a clock or asks anybody.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from prober.domain.causes import causes, last_warning, pod_line, route_line
from prober.domain.errors import Fault
from prober.domain.evidence import Evidence
from prober.domain.finding import Finding
from prober.domain.reasons import Layer, Reason
from prober.domain.report import WebrtcSummary
from prober.domain.seen import ObjectSeen
from prober.domain.steps import StepName

MOST_FACTS = 8
"""Facts of one diagnosis; who wants more has the evidence."""

SYMPTOMS = frozenset(
    {
        Reason.OPERATOR_STALLED,
        Reason.PHASE_FAILED,
        Reason.RUNNING_TIMEOUT,
        Reason.URL_MISSING,
        Reason.TCP_REFUSED,
        Reason.FALSE_RUNNING,
        Reason.HTTP_404_ROUTE,
        Reason.HTTP_5XX,
        Reason.SIGNALLING_NEVER_OPENED,
        Reason.SIGNALLING_CLOSED,
        Reason.NO_OFFER,
        Reason.ICE_NO_CANDIDATES,
        Reason.ICE_FAILED,
        Reason.DTLS_FAILED,
        Reason.NO_FIRST_FRAME,
        Reason.BLACK_FRAMES,
        Reason.FROZEN,
        Reason.LOW_FPS,
        Reason.INPUT_DEAD,
        Reason.INPUT_SLOW,
    }
)
"""What a Pod that does not run, or did for a while, looks like from the outside. The other reasons are causes already:
a refused password or a lossy network is not explained by a container."""

_ANSWERED = frozenset(
    {
        Reason.HTTP_404_ROUTE,
        Reason.HTTP_5XX,
        Reason.AUTH_REJECTED,
        Reason.AUTH_FORM_CHANGED,
        Reason.TOKEN_INVALID,
        Reason.TOKEN_EXPIRED,
        Reason.MFA_FAILED,
        Reason.SIGNALLING_NEVER_OPENED,
        Reason.WRONG_TRANSPORT,
        Reason.URL_STILL_SERVING,
    }
)
"""What a user meets whom another session answers: its password is another one, its page may be, and it stays."""

_UNSERVED = frozenset({Reason.HTTP_5XX, Reason.TCP_REFUSED})
"""What an ingress says while no Pod is ready behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What was observed of a run that did not succeed.

    Attributes:
        fault: What the failed step met.
        step: Which step.
        kubernetes: What the cluster showed; `None` where nobody looked.
        webrtc: What the browser measured.
        findings: The rules that stream or input broke.
        ours: What is wrong with the prober itself and explains the fault; `None` where nothing does.
        cleared: What of the prober itself was looked at and found sound, in sentences.
    """

    fault: Fault
    step: StepName | None = None
    kubernetes: Evidence | None = None
    webrtc: WebrtcSummary | None = None
    findings: tuple[Finding, ...] = ()
    ours: Fault | None = None
    cleared: tuple[str, ...] = ()


def diagnose(observed: Observed) -> Fault:
    """Returns the cause with the facts that it rests on, the most telling first, and what else was considered."""
    found = next((fault for rule in _RULES if (fault := rule(observed)) is not None), observed.fault)
    facts = dict.fromkeys((*found.facts, *_symptom(found, observed), *_surroundings(observed))) or (found.summary,)
    considered = dict.fromkeys((*found.considered, *_others(found, observed), *observed.cleared))
    return replace(found, facts=tuple(facts)[:MOST_FACTS], considered=tuple(considered)[:MOST_FACTS])


def _ourselves(observed: Observed) -> Fault | None:
    """A prober that is not well has nothing to say of its target."""
    return observed.ours


def _collision(observed: Observed) -> Fault | None:
    """A session whose host another one's route has too may not be the one that answered."""
    rivals = _rivals(observed)
    if observed.fault.reason not in _ANSWERED or not rivals or _causes(observed):
        return None
    rival = rivals[0]
    summary = f"another session may answer at the session's host: {route_line(rival)} has it too"
    return Fault(reason=Reason.HOST_COLLISION, summary=summary, facts=tuple(map(route_line, rivals)))


def _rivals(observed: Observed) -> tuple[ObjectSeen, ...]:
    return (observed.kubernetes and observed.kubernetes.rival_routes) or ()


def _as_met(observed: Observed) -> Fault | None:
    """What is a cause already needs no other one."""
    return None if observed.fault.reason in SYMPTOMS else observed.fault


def _deleted(observed: Observed) -> Fault | None:
    """A session that somebody deletes takes its Pod along, which then looks as if it died."""
    session = observed.kubernetes and observed.kubernetes.session
    if not session or session.deleted_at is None:
        return None
    return Fault(reason=Reason.PHASE_FAILED, summary=f"the session {session.name} was deleted by somebody else")


def _workload(observed: Observed) -> Fault | None:
    return next(iter(_causes(observed)), None)


def _causes(observed: Observed) -> tuple[Fault, ...]:
    ran = observed.step not in {None, StepName.CREATE, StepName.RUNNING}
    return causes(observed.kubernetes, ran=ran) if observed.kubernetes else ()


def _not_ready(observed: Observed) -> Fault | None:
    """A phase Running over a Pod that is not ready says more than the ingress's answer."""
    if observed.fault.reason not in _UNSERVED:
        return None
    for pod in (observed.kubernetes and observed.kubernetes.pods) or ():
        if any(condition.type == "Ready" and condition.status == "False" for condition in pod.conditions):
            summary = f"the session is called Running while its Pod {pod.name} is not ready"
            return Fault(reason=Reason.FALSE_RUNNING, summary=summary, facts=(pod_line(pod),))
    return None


_RULES: tuple[Callable[[Observed], Fault | None], ...] = (
    _ourselves,
    _collision,
    _as_met,
    _deleted,
    _workload,
    _not_ready,
)
"""The rules in order of blame; a new one stands here and has a test."""


def _symptom(found: Fault, observed: Observed) -> Iterator[str]:
    if found.reason is not observed.fault.reason:
        met = f"{observed.fault.reason}: {observed.fault.summary}"
        yield f"step {observed.step} met {met}" if observed.step else met
    yield from (fact for fact in observed.fault.facts if fact not in found.facts)


def _surroundings(observed: Observed) -> Iterator[str]:
    """Says how everything around the fault was, the nearest first."""
    if observed.fault.layer in {Layer.SIGNALLING, Layer.ICE, Layer.MEDIA, Layer.INPUT}:
        yield from _browser(observed.webrtc)
    if observed.kubernetes is not None:
        yield from _cluster(observed.kubernetes, step=observed.step)


def _browser(webrtc: WebrtcSummary | None) -> Iterator[str]:
    if webrtc is None or webrtc.opened is None:
        return
    opened = webrtc.opened
    sockets = f", {len(opened.sockets)} WebSockets" if opened.sockets else ""
    yield f"the page opened {opened.peer_connections} peer connections{sockets}"
    for error in opened.ice_errors or ():
        yield f"ICE server: {error}"
    if webrtc.frames_decoded is not None and webrtc.frames_per_second is not None:
        yield f"{webrtc.frames_decoded} frames were decoded, {webrtc.frames_per_second:.1f} a second rendered"


def _cluster(seen: Evidence, *, step: StepName | None) -> Iterator[str]:
    if seen.session is not None:
        said = f": {seen.session.message}" if seen.session.message else ""
        yield f"VDISession {seen.session.name} is {seen.session.phase or 'without a phase'}{said}"
    yield from map(pod_line, seen.pods or ())
    if seen.pods == ():
        yield "the session has no Pod"
    warning = last_warning(seen)
    if warning is not None:
        yield warning
    if step is StepName.URL and seen.ingressroutes is not None:
        routes = "; ".join(f"{route.name} ({route.facts.get('match', 'no match')})" for route in seen.ingressroutes)
        yield f"routes: {routes}" if routes else "the session has no route"
    for named in seen.named_objects or ():
        if named.kind == "Lease":
            yield f"Lease {named.name}: {f'held by {named.holder}' if named.holder else 'held by nobody'}"
    yield from (f"not seen: {gap}" for gap in seen.gaps)


def _others(found: Fault, observed: Observed) -> Iterator[str]:
    """Says what else the evidence shows, and what the symptom alone would have said."""
    symptom = observed.fault
    for fault in _causes(observed):
        if fault.reason is not found.reason:
            yield f"{fault.reason}: {fault.summary}"
    rivals = _rivals(observed)
    if rivals and found.reason is not Reason.HOST_COLLISION:
        yield f"{Reason.HOST_COLLISION}: {route_line(rivals[0])} has the session's host too"
    for finding in observed.findings:
        if finding.bad and finding.reason not in {found.reason, symptom.reason}:
            yield f"{finding.reason}: {finding.fact}"
    if found.reason is not symptom.reason:
        yield f"{symptom.reason}, which {found.reason} explains"
