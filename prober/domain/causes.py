"""What the cluster shows to be wrong with a session's Pod: the causes behind what a user met.

Given the evidence of one look, a list of rules in the order in which a Pod comes to life: allowed, scheduled, volumes
there, image pulled, prepared, running. Each names its cause with the cluster's own words, or says nothing; what could
not be seen is no cause. Words and states are those of Kubernetes' API: Pod conditions, container states, Events.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from prober.domain.errors import Fault
from prober.domain.evidence import Evidence
from prober.domain.reasons import Reason
from prober.domain.seen import ContainerSeen, ContainerState, EventSeen, ObjectSeen, PodSeen

_PULLING = frozenset({"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"})
"""What a container waits for whose image does not come."""

_UNMAKEABLE = frozenset({"CreateContainerConfigError", "CreateContainerError", "RunContainerError"})
"""What a container waits for that the kubelet cannot make."""

_VOLUME_EVENTS = frozenset({"FailedMount", "FailedAttachVolume", "ProvisioningFailed", "FailedBinding"})

_VOLUME_WORDS = re.compile(r"persistentvolumeclaim|volume node affinity|volume count|volume zone", re.IGNORECASE)
"""What the scheduler says when a volume is in the way."""

_GPU_WORDS = re.compile(r"insufficient \S*gpu|\bgpu\b|nvidia\.com/|amd\.com/gpu|gpu\.intel\.com/", re.IGNORECASE)
"""What it says when no node has the GPU."""

_BACK_OFF = "CrashLoopBackOff"
_OOM = "OOMKilled"


def causes(evidence: Evidence, *, ran: bool = False) -> tuple[Fault, ...]:
    """Returns all causes that the evidence shows, the first in a Pod's life first.

    Args:
        evidence: One look.
        ran: Whether the session was Running before: then events are history that it got over, and only what is wrong
            at the time of the look counts.
    """
    seen = replace(evidence, events=()) if ran else evidence
    return tuple(fault for rule in _RULES if (fault := rule(seen)) is not None)


def _quota(evidence: Evidence) -> Fault | None:
    for event in () if evidence.pods else _warnings(evidence):  # what has its Pod got past the quota
        if "exceeded quota" in (event.message or ""):
            return _fault(Reason.QUOTA_EXCEEDED, f"a quota forbids {event.about}", _said(event))
    return None


def _scheduling(evidence: Evidence) -> Fault | None:
    for pod in _pods(evidence):
        for condition in pod.conditions:
            if condition.type == "PodScheduled" and condition.status == "False":
                said = ": ".join(filter(None, (condition.reason, condition.message))) or "no reason is given"
                return _unscheduled(pod.name, said)
    if evidence.pods is None:
        event = next(_events(evidence, "FailedScheduling"), None)
        return None if event is None else _unscheduled(event.about, _said(event))
    return None


def _unscheduled(pod: str, said: str) -> Fault:
    if _VOLUME_WORDS.search(said):
        return _fault(Reason.VOLUME_PENDING, f"Pod {pod} waits for its volume", said)
    if _GPU_WORDS.search(said):
        return _fault(Reason.GPU_UNAVAILABLE, f"no node has the GPU that Pod {pod} asks for", said)
    return _fault(Reason.UNSCHEDULABLE, f"no node takes Pod {pod}", said)


def _volume(evidence: Evidence) -> Fault | None:
    if any(map(_has_volumes, _containers(evidence))):
        return None
    event = next(_events(evidence, *_VOLUME_EVENTS), None)
    for claim in evidence.persistentvolumeclaims or ():
        phase = claim.facts.get("phase")
        if phase in {"Pending", "Lost"} and (event is not None or phase == "Lost"):
            said = f"PersistentVolumeClaim {claim.name} is {phase}"
            return _fault(Reason.VOLUME_PENDING, said, *((_said(event),) if event else ()))
    return (
        None
        if event is None
        else _fault(Reason.VOLUME_PENDING, f"a volume of {event.about} is not there", _said(event))
    )


def _image(evidence: Evidence) -> Fault | None:
    for container in _containers(evidence):
        if _waits(container, _PULLING):
            said = f"container {container.name} waits: {_state(container.now)}"
            return _fault(Reason.IMAGE_PULL, f"the image of container {container.name} cannot be pulled", said)
    if evidence.pods is None:
        for event in _events(evidence, "Failed"):
            if "pull" in (event.message or "").lower():
                return _fault(Reason.IMAGE_PULL, f"an image of {event.about} cannot be pulled", _said(event))
    return None


def _out_of_memory(evidence: Evidence) -> Fault | None:
    for container in _containers(evidence):
        for state in () if _is_well(container) else (container.now, container.last):
            if state is not None and state.reason == _OOM:
                summary = f"container {container.name} ran out of memory and was killed"
                return _fault(Reason.OOM_KILLED, summary, _history(container))
    return None


def _initialisation(evidence: Evidence) -> Fault | None:
    containers = tuple(_containers(evidence))
    if any(not container.init and (container.last or _runs(container)) for container in containers):
        return None  # an init container that runs on beside the others is a sidecar
    for container in containers:
        now = container.now
        if not container.init or now is None or container.ready:
            continue
        ended = now.state == "terminated" and now.exit_code == 0
        unbegun = now.state == "waiting" and container.last is None and now.reason in {None, "PodInitializing"}
        if not ended and not unbegun:
            summary = f"init container {container.name} does not finish"
            return _fault(Reason.INIT_STUCK, summary, _history(container))
    return None


def _crash(evidence: Evidence) -> Fault | None:
    for container in _containers(evidence):
        if container.init or _is_well(container):
            continue
        ended = any(
            state is not None and state.state == "terminated" and state.exit_code != 0
            for state in (container.now, container.last)
        )
        if ended or _waits(container, frozenset({_BACK_OFF})):
            verb = "keeps ending" if (container.restarts or 0) > 1 else "ended"
            return _fault(Reason.CRASH_LOOP, f"container {container.name} {verb}", _history(container))
    for pod in _pods(evidence):
        if pod.phase == "Failed":
            said = ": ".join(filter(None, (pod.reason, pod.message))) or "no reason is given"
            return _fault(Reason.CRASH_LOOP, f"Pod {pod.name} failed", said)
    return None


def _unmakeable(evidence: Evidence) -> Fault | None:
    for container in _containers(evidence):
        if _waits(container, _UNMAKEABLE):
            said = f"container {container.name} waits: {_state(container.now)}"
            return _fault(Reason.RUNNING_TIMEOUT, f"container {container.name} cannot be made", said)
    return None


_RULES: tuple[Callable[[Evidence], Fault | None], ...] = (
    _quota,
    _scheduling,
    _volume,
    _image,
    _unmakeable,
    _out_of_memory,
    _initialisation,
    _crash,
)
"""The rules in the order in which a Pod comes to life; a new cause is a rule here and a test."""


def pod_line(pod: PodSeen) -> str:
    """Says in a line how a Pod is: phase, node, whether it is ready, what its containers do."""
    ready = next((condition.status == "True" for condition in pod.conditions if condition.type == "Ready"), None)
    parts = (
        pod.phase or "no phase",
        f"on node {pod.node}" if pod.node else "on no node",
        None if ready is None else ("ready" if ready else "not ready"),
        *(f"{container.name} {_state(container.now)}" for container in pod.containers if container.now is not None),
    )
    return f"Pod {pod.name}: {', '.join(part for part in parts if part)}"


def route_line(route: ObjectSeen) -> str:
    """Says in a line what a route is for, and whose it is where that is known."""
    owner = route.facts.get("owner")
    return f"{route.kind} {route.name}{f' of {owner}' if owner else ''} ({route.facts.get('match', 'no match')})"


def last_warning(evidence: Evidence) -> str | None:
    """Says what the cluster warned of last; `None` where it did not warn."""
    return next((_said(event) for event in _warnings(evidence)), None)


def _warnings(evidence: Evidence) -> Iterator[EventSeen]:
    return (event for event in evidence.events or () if event.type == "Warning")


def _events(evidence: Evidence, *reasons: str) -> Iterator[EventSeen]:
    return (event for event in _warnings(evidence) if event.reason in reasons)


def _containers(evidence: Evidence) -> Iterator[ContainerSeen]:
    return (container for pod in _pods(evidence) for container in pod.containers)


def _pods(evidence: Evidence) -> Iterator[PodSeen]:
    """Returns the Pods, without those that are being deleted: their containers end because they are told to."""
    return (pod for pod in evidence.pods or () if pod.deleted_at is None)


def _runs(container: ContainerSeen) -> bool:
    return container.now is not None and container.now.state == "running"


def _is_well(container: ContainerSeen) -> bool:
    """Tells whether a container runs and is ready: what it went through before is over."""
    return _runs(container) and container.ready is True


def _has_volumes(container: ContainerSeen) -> bool:
    """Tells whether a container got its volumes: the kubelet mounts them before it pulls an image."""
    waits = container.now is None or container.now.state == "waiting"
    return not waits or container.last is not None or _waits(container, _PULLING | _UNMAKEABLE | {_BACK_OFF})


def _waits(container: ContainerSeen, reasons: frozenset[str]) -> bool:
    return container.now is not None and container.now.state == "waiting" and container.now.reason in reasons


def _history(container: ContainerSeen) -> str:
    before = f", before that {_state(container.last)}" if container.last is not None else ""
    restarts = f", {container.restarts} restarts" if container.restarts else ""
    return f"container {container.name} is {_state(container.now)}{before}{restarts}"


def _state(state: ContainerState | None) -> str:
    if state is None:
        return "in no known state"
    code = None if state.exit_code is None else f"exit code {state.exit_code}"
    said = ", ".join(part for part in (state.reason, code, state.message) if part)
    return f"{state.state} ({said})" if said else state.state


def _said(event: EventSeen) -> str:
    times = f" ({event.count} times)" if event.count > 1 else ""
    return f"event {event.reason or 'without a reason'} on {event.about}: {event.message or 'no message'}{times}"


def _fault(reason: Reason, summary: str, *facts: str) -> Fault:
    told = f": {facts[0]}" if facts else ""
    return Fault(reason=reason, summary=f"{summary}{told}", facts=facts)
