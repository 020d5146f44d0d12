"""What ails a session's Pod, as scheduler, kubelet and volume controller would write it.

Pure: an ailment goes in, the Pod's status comes out, with the claim's and the events that tell the story. The words are
those of Kubernetes 1.34, which are what people and tools look for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, assert_never

from prober.lab.operator import kubelet
from prober.lab.operator.manifests import INIT_CONTAINER, MISSING_CLASS, timestamp
from prober.lab.operator.session import Session
from prober.lab.plan import Ailment, ChildKind

KUBELET = "kubelet"
SCHEDULER = "default-scheduler"
VOLUMES = "persistentvolume-controller"

NODE = "lab"
"""The name of the node that is not there."""

RESTARTS = 3
"""How often a container that ends was started again."""

LIFE = timedelta(seconds=2)
"""How long such a container lives."""

_LACKING = {Ailment.UNSCHEDULABLE: "cpu", Ailment.NO_GPU: "nvidia.com/gpu"}

_ENDS: Mapping[Ailment, Mapping[str, Any]] = {
    Ailment.CRASH_LOOP: {"reason": "Error", "exitCode": 1},
    Ailment.OUT_OF_MEMORY: {"reason": "OOMKilled", "exitCode": 137},
}
"""How the container ends; 137 is 128 and the number of SIGKILL."""

_PREEMPTION = "preemption: 0/3 nodes are available: 3 {}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """An Event to be written.

    Attributes:
        reason: A CamelCase word.
        message: One sentence.
        component: Who says so.
        about: The kind of the object that it is about.
        warning: Whether it is bad news.
        count: How often it happened.
    """

    reason: str
    message: str
    component: str
    about: ChildKind = ChildKind.POD
    warning: bool = True
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptoms:
    """How an ailment shows.

    Attributes:
        pod: The Pod's status.
        notes: The Events, in the order in which they happen.
        claim: The volume claim's status; `None` where it is of no matter.
    """

    pod: dict[str, Any]
    notes: tuple[Note, ...]
    claim: dict[str, Any] | None = None


def symptoms(ailment: Ailment, *, session: Session, uid: str, image: str, at: datetime) -> Symptoms:
    """Returns how an ailment shows.

    Args:
        ailment: What the Pod suffers from.
        session: Whose Pod it is.
        uid: The Pod's.
        image: The container's image.
        at: The present; an aware time.
    """
    match ailment:
        case Ailment.UNSCHEDULABLE | Ailment.NO_GPU:
            return _no_node(_LACKING[ailment], at=at)
        case Ailment.VOLUME_PENDING:
            return _no_volume(at=at)
        case Ailment.IMAGE_PULL:
            return _no_image(session, image=image, at=at)
        case Ailment.CRASH_LOOP | Ailment.OUT_OF_MEMORY:
            return _ends(session, uid=uid, image=image, at=at, ended=_ENDS[ailment])
        case Ailment.INIT_STUCK:
            return _never_begins(session, image=image, at=at)
        case _:
            assert_never(ailment)


def accepted(session: Session) -> Note:
    """Returns the scheduler's word on a Pod that a node took."""
    message = f"Successfully assigned {session.namespace}/{session.name} to {NODE}"
    return Note(reason="Scheduled", message=message, component=SCHEDULER, warning=False)


def _no_node(resource: str, *, at: datetime) -> Symptoms:
    victims = _PREEMPTION.format("No preemption victims found for incoming pod")
    return _unscheduled(f"0/3 nodes are available: 3 Insufficient {resource}. {victims}", at=at)


def _no_volume(*, at: datetime) -> Symptoms:
    useless = _PREEMPTION.format("Preemption is not helpful for scheduling")
    pod = _unscheduled(
        f"0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. {useless}",
        at=at,
    )
    claim = Note(
        reason="ProvisioningFailed",
        message=f'storageclass.storage.k8s.io "{MISSING_CLASS}" not found',
        component=VOLUMES,
        about=ChildKind.VOLUME_CLAIM,
    )
    return Symptoms(pod=pod.pod, notes=(claim, *pod.notes), claim={"phase": "Pending"})


def _unscheduled(message: str, *, at: datetime) -> Symptoms:
    condition = kubelet.condition("PodScheduled", at=at, unmet="Unschedulable", message=message)
    note = Note(reason="FailedScheduling", message=message, component=SCHEDULER)
    return Symptoms(pod={"phase": "Pending", "conditions": [condition]}, notes=(note,))


def _no_image(session: Session, *, image: str, at: datetime) -> Symptoms:
    missing = (
        f'rpc error: code = NotFound desc = failed to pull and unpack image "{image}": '
        f'failed to resolve reference "{image}": {image}: not found'
    )
    back_off = f'Back-off pulling image "{image}"'
    waiting = {"reason": "ImagePullBackOff", "message": f"{back_off}: ErrImagePull: {missing}"}
    return Symptoms(
        pod=_placed(at=at, unready=kubelet.CONTAINER)
        | {"containerStatuses": [kubelet.container(image=image, state={"waiting": waiting})]},
        notes=(
            accepted(session),
            _said("Pulling", f'Pulling image "{image}"'),
            _said("Failed", f'Failed to pull image "{image}": {missing}', warning=True),
            _said("Failed", "Error: ErrImagePull", warning=True),
            _said("BackOff", back_off),
            _said("Failed", "Error: ImagePullBackOff", warning=True),
        ),
    )


def _ends(session: Session, *, uid: str, image: str, at: datetime, ended: Mapping[str, Any]) -> Symptoms:
    """A container that ends is started again after a pause, in which it waits."""
    place, name = f"{session.name}_{session.namespace}({uid})", kubelet.CONTAINER
    last = {**ended, "startedAt": timestamp(at - LIFE), "finishedAt": timestamp(at)}
    waiting = {
        "reason": "CrashLoopBackOff",
        "message": f"back-off 40s restarting failed container={name} pod={place}",
    }
    status = kubelet.container(image=image, state={"waiting": waiting}, restarts=RESTARTS, last={"terminated": last})
    return Symptoms(
        pod=_placed(at=at, unready=name, phase="Running") | {"containerStatuses": [status]},
        notes=(
            accepted(session),
            _said("Pulled", f'Container image "{image}" already present on machine', count=RESTARTS + 1),
            _said("Created", f"Created container: {name}", count=RESTARTS + 1),
            _said("Started", f"Started container {name}", count=RESTARTS + 1),
            _said(
                "BackOff", f"Back-off restarting failed container {name} in pod {place}", warning=True, count=RESTARTS
            ),
        ),
    )


def _never_begins(session: Session, *, image: str, at: datetime) -> Symptoms:
    """A container that waits for an init container's end."""
    running = {"running": {"startedAt": timestamp(at)}}
    init = kubelet.container(image=image, name=INIT_CONTAINER, state=running) | {"ready": False}
    waits = kubelet.container(image=image, state={"waiting": {"reason": "PodInitializing"}})
    pod = _placed(at=at, unready=kubelet.CONTAINER)
    uninitialized = kubelet.condition(
        "Initialized",
        at=at,
        unmet="ContainersNotInitialized",
        message=f"containers with incomplete status: [{INIT_CONTAINER}]",
    )
    pod["conditions"] = [uninitialized if met["type"] == "Initialized" else met for met in pod["conditions"]]
    return Symptoms(
        pod=pod | {"initContainerStatuses": [init], "containerStatuses": [waits]},
        notes=(
            accepted(session),
            _said("Pulled", f'Container image "{image}" already present on machine'),
            _said("Created", f"Created container: {INIT_CONTAINER}"),
            _said("Started", f"Started container {INIT_CONTAINER}"),
        ),
    )


def _placed(*, at: datetime, unready: str, phase: str = "Pending") -> dict[str, Any]:
    """The status of a Pod that a node took, before its containers'."""
    message = f"containers with unready status: [{unready}]"
    return {
        "phase": phase,
        "startTime": timestamp(at),
        "conditions": [
            kubelet.condition("PodScheduled", at=at),
            kubelet.condition("Initialized", at=at),
            kubelet.condition("ContainersReady", at=at, unmet="ContainersNotReady", message=message),
            kubelet.condition("Ready", at=at, unmet="ContainersNotReady", message=message),
        ],
    }


def _said(reason: str, message: str, *, warning: bool = False, count: int = 1) -> Note:
    """The kubelet's own word."""
    return Note(reason=reason, message=message, component=KUBELET, warning=warning, count=count)
