"""Printer columns: what `kubectl get` shows of an object."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a resource's table.

    Attributes:
        name: the heading; kubectl prints it in capitals.
        type: the OpenAPI type; `date` is rendered as an age.
        cell: takes an object, returns the raw value or `None`.
        priority: above 0 the column is shown by `-o wide` only.
        description: what the column tells.
    """

    name: str
    type: str = "string"
    cell: Callable[[Mapping[str, Any]], Any]
    priority: int = 0
    description: str = ""


def path(dotted: str) -> Callable[[Mapping[str, Any]], Any]:
    """Make a cell of a simple JSONPath, as `.spec.user`; filters and wildcards are not served."""
    keys = [key for key in dotted.split(".") if key]

    def cell(obj: Mapping[str, Any]) -> Any:
        value: Any = obj
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    return cell


def joined(dotted: str) -> Callable[[Mapping[str, Any]], Any]:
    """Make a cell of a list of strings."""
    value = path(dotted)
    return lambda obj: ",".join(value(obj) or []) or None


def count(dotted: str) -> Callable[[Mapping[str, Any]], int]:
    """Make a cell that tells how many there are."""
    value = path(dotted)
    return lambda obj: len(value(obj) or ())


def ready_containers(obj: Mapping[str, Any]) -> str:
    """Return a Pod's ready containers out of all, as `1/2`."""
    statuses = obj.get("status", {}).get("containerStatuses") or []
    ready = sum(bool(status.get("ready")) for status in statuses)
    return f"{ready}/{len(obj['spec']['containers'])}"


def restarts(obj: Mapping[str, Any]) -> int:
    """Return how often a Pod's containers were restarted, all together."""
    statuses = obj.get("status", {}).get("containerStatuses") or []
    return sum(int(status.get("restartCount", 0)) for status in statuses)


def pod_status(obj: Mapping[str, Any]) -> str:
    """Return a Pod's phase, or the more telling reason why a container waits or ended."""
    if "deletionTimestamp" in obj["metadata"]:
        return "Terminating"
    status = obj.get("status", {})
    for container in status.get("containerStatuses") or []:
        for state in ("waiting", "terminated"):
            if reason := container.get("state", {}).get(state, {}).get("reason"):
                return str(reason)
    return str(status.get("reason") or status.get("phase", ""))


def service_ports(obj: Mapping[str, Any]) -> str | None:
    """Return a Service's ports, as `8080/TCP`."""
    ports = obj["spec"].get("ports") or []
    return ",".join(f"{port['port']}/{port.get('protocol', 'TCP')}" for port in ports) or None


def event_object(obj: Mapping[str, Any]) -> str:
    """Return what an event is about, as `pod/probe-1`."""
    about = obj.get("involvedObject") or {}
    return f"{str(about.get('kind', '')).lower()}/{about.get('name', '')}"


def event_time(obj: Mapping[str, Any]) -> Any:
    """Return when an event was last seen."""
    return obj.get("lastTimestamp") or obj.get("eventTime") or obj["metadata"]["creationTimestamp"]


NAME = Column(name="Name", cell=path(".metadata.name"))
AGE = Column(name="Age", type="date", cell=path(".metadata.creationTimestamp"))
