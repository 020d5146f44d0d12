"""A VDISession as the operator reads it.

The wire's field names stay in this file; the rest of the operator works with `Session`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

API_VERSION = "vdi.kasm.io/v1alpha1"
KIND = "VDISession"
GROUP = "vdi.kasm.io"
VERSION = "v1alpha1"
PLURAL = "vdisessions"
RUNNING = "Running"
"""The phase in which a session serves."""

FINALIZER = "vdi.kasm.io/session-cleanup"

LONGEST_HOST_LABEL = 63
"""Characters in one label of a host name (RFC 1035, 2.3.4)."""

_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One VDISession at the moment at which it was read.

    Attributes:
        namespace: Where it lives.
        name: Its name; the Pod has the same.
        uid: Tells it from a later one of the same name.
        user: The user's e-mail address.
        template: The VDITemplate's name.
        timeout_s: How long it may live, in seconds.
        volume_size: The size of its volume; `None` without persistence.
        resources: `gpu`, `memory` and `cpu`, as far as they were asked for.
        annotations: Its annotations.
        phase: `status.phase`, `None` before the operator took it up.
        started_at: `status.startTime` (RFC 3339), `None` before the operator took it up.
    """

    namespace: str
    name: str
    uid: str
    user: str
    template: str
    timeout_s: float
    volume_size: str | None = None
    resources: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    phase: str | None = None
    started_at: str | None = None

    @property
    def path(self) -> str:
        """The object's path in the API."""
        return f"{sessions_of(self.namespace)}/{self.name}"

    @property
    def route(self) -> str:
        """The host label derived from the user: two sessions of one user share it."""
        sanitised = re.sub(r"[^a-z0-9]+", "-", self.user.lower())
        return sanitised[:LONGEST_HOST_LABEL].strip("-")


def sessions_of(namespace: str | None) -> str:
    """Returns the path of the sessions of a namespace; `None` for those of all namespaces."""
    within = "" if namespace is None else f"/namespaces/{namespace}"
    return f"/apis/{API_VERSION}{within}/{PLURAL}"


def parse_session(body: Mapping[str, Any]) -> Session:
    """Reads a VDISession that the API server has validated.

    Raises:
        ValueError: The timeout is no duration.
    """
    metadata, spec, status = body["metadata"], body["spec"], body.get("status") or {}
    persistence = spec.get("persistence") or {}
    return Session(
        namespace=metadata["namespace"],
        name=metadata["name"],
        uid=metadata["uid"],
        user=spec["user"],
        template=spec["template"],
        timeout_s=parse_duration(spec.get("timeout", "8h")),
        volume_size=str(persistence.get("size", "10Gi")) if persistence.get("enabled", True) else None,
        resources={name: str(value) for name, value in (spec.get("resources") or {}).items()},
        annotations=dict(metadata.get("annotations") or {}),
        phase=status.get("phase"),
        started_at=status.get("startTime"),
    )


def parse_duration(text: str) -> float:
    """Returns the seconds in a duration as Go writes them, such as "1h30m".

    Raises:
        ValueError: The text is no such duration.
    """
    if not re.fullmatch(r"(\d+(\.\d+)?(ms|[hms]))+", text):
        raise ValueError(f"{text!r} is no duration such as '8h' or '1h30m'")
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|[hms])", text)
    return sum(float(amount) * _SECONDS[unit] for amount, unit in parts)
