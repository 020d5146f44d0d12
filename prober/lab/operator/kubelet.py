"""What a cluster's own machinery would write into the status of a session's Pod and volume.

The lab runs no container, so the operator plays the kubelet: it writes the same fields in the same
order, through the status subresource. Pure: times go in, statuses come out.
"""

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
            _condition("PodScheduled", at=at),
            _condition("Initialized", at=at),
            _condition("ContainersReady", at=at, unmet="ContainersNotReady"),
            _condition("Ready", at=at, unmet="ContainersNotReady"),
        ],
        "containerStatuses": [_container(image=image, state={"waiting": {"reason": "ContainerCreating"}})],
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
        "conditions": [_condition(kind, at=at) for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")],
        "containerStatuses": [_container(image=image, state={"running": {"startedAt": timestamp(at)}})],
    }


def bound(*, size: str) -> dict[str, Any]:
    """Returns the status of a volume claim that has its volume.

    Args:
        size: What the claim asked for.
    """
    return {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": size}}


def _condition(kind: str, *, at: datetime, unmet: str | None = None) -> dict[str, Any]:
    condition = {
        "type": kind,
        "status": "True" if unmet is None else "False",
        "lastTransitionTime": timestamp(at),
    }
    return condition if unmet is None else condition | {"reason": unmet}


def _container(*, image: str, state: dict[str, Any]) -> dict[str, Any]:
    up = "running" in state
    return {
        "name": CONTAINER,
        "image": image,
        "imageID": "",
        "ready": up,
        "started": up,
        "restartCount": 0,
        "state": state,
    }
