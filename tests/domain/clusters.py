"""What a cluster may show of a session, in the words that real clusters use."""

from prober.domain.evidence import Evidence
from prober.domain.seen import Condition, ContainerSeen, ContainerState, EventSeen, ObjectSeen, PodSeen

RUNNING = ContainerState(state="running")
DONE = ContainerState(state="terminated", reason="Completed", exit_code=0)
CRASHED = ContainerState(state="terminated", reason="Error", exit_code=1)
KILLED = ContainerState(state="terminated", reason="OOMKilled", exit_code=137)


def waiting(reason: str, message: str | None = None) -> ContainerState:
    """A container that waits."""
    return ContainerState(state="waiting", reason=reason, message=message)


def container(
    now: ContainerState | None = RUNNING,
    *,
    name: str = "desktop",
    init: bool = False,
    ready: bool | None = None,
    last: ContainerState | None = None,
    restarts: int = 0,
) -> ContainerSeen:
    """One container."""
    return ContainerSeen(name=name, init=init, ready=ready, restarts=restarts, now=now, last=last)


def pod(
    *containers: ContainerSeen,
    unscheduled: str | None = None,
    ready: bool | None = None,
    phase: str = "Pending",
    reason: str | None = None,
    message: str | None = None,
) -> PodSeen:
    """One Pod; `unscheduled` is what the scheduler says."""
    conditions = []
    if unscheduled is not None:
        said = Condition(type="PodScheduled", status="False", reason="Unschedulable", message=unscheduled)
        conditions.append(said)
    if ready is not None:
        conditions.append(Condition(type="Ready", status=str(ready)))
    return PodSeen(
        name="probe-1",
        phase=phase,
        reason=reason,
        message=message,
        conditions=tuple(conditions),
        containers=containers,
    )


def event(
    reason: str, message: str, *, about: str = "Pod/probe-1", type_: str = "Warning", count: int = 1
) -> EventSeen:
    """What a part of the cluster said."""
    return EventSeen(about=about, type=type_, reason=reason, message=message, count=count)


def claim(phase: str) -> ObjectSeen:
    """A volume claim."""
    return ObjectSeen(kind="PersistentVolumeClaim", name="vdi-data-probe-1", facts={"phase": phase})


def evidence(*pods: PodSeen, events: tuple[EventSeen, ...] = (), claims: tuple[ObjectSeen, ...] = ()) -> Evidence:
    """One look."""
    return Evidence(pods=pods, events=events, persistentvolumeclaims=claims)
