"""What a cluster's own machinery would write into the status of a session's Pod and volume.

The lab runs no container, so the operator plays the kubelet: it writes the same fields in the same
order, through the status subresource. Pure: times go in, statuses come out.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from prober.lab.operator.manifests import timestamp

CONTAINER = "desktop"


def scheduled(*, image: str, at: datetime) -> dict[str, Any]:
    """Returns the status of a Pod that a node has accepted while its image is pulled.

    Args:
        image: The container's image.
        at: When; an aware time.
    """
    return {
        "phase": "Pending",
        "startTime": timestamp(at),
        "conditions": [
            condition("PodScheduled", at=at),
            condition("Initialized", at=at),
            condition("ContainersReady", at=at, unmet="ContainersNotReady"),
            condition("Ready", at=at, unmet="ContainersNotReady"),
        ],
        "containerStatuses": [container(image=image, state={"waiting": {"reason": "ContainerCreating"}})],
    }


def running(*, image: str, at: datetime) -> dict[str, Any]:
    """Returns the status of a Pod whose container runs and is ready.

    It has no address: a real cluster would look for its node then, so as to put it behind the Service.

    Args:
        image: The container's image.
        at: When; an aware time.
    """
    return {
        "phase": "Running",
        "conditions": [condition(kind, at=at) for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")],
        "containerStatuses": [container(image=image, state={"running": {"startedAt": timestamp(at)}})],
    }


def bound(*, size: str) -> dict[str, Any]:
    """Returns the status of a volume claim that has its volume.

    Args:
        size: What the claim asked for.
    """
    return {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": size}}


def condition(kind: str, *, at: datetime, unmet: str | None = None, message: str | None = None) -> dict[str, Any]:
    """Returns one of a Pod's conditions.

    Args:
        kind: Its type.
        at: Since when it is so; an aware time.
        unmet: Why it is False; `None` where it is True.
        message: What else there is to say.
    """
    said = {"reason": unmet, "message": message}
    return {
        "type": kind,
        "status": "True" if unmet is None else "False",
        "lastTransitionTime": timestamp(at),
        **{name: words for name, words in said.items() if words is not None},
    }


def container(
    *,
    image: str,
    state: Mapping[str, Any],
    name: str = CONTAINER,
    restarts: int = 0,
    last: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Returns the status of one of a Pod's containers.

    Args:
        image: Its image.
        state: What it is in.
        name: What it is called.
        restarts: How often it was started again.
        last: How it ended last; `None` where it never did.
    """
    up = "running" in state
    return {
        "name": name,
        "image": image,
        "imageID": "",
        "ready": up,
        "started": up,
        "restartCount": restarts,
        "state": state,
        "lastState": last or {},
    }
