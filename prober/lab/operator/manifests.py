"""The objects that the operator makes for a session, as a real API server would accept them.

Pure: a session goes in, manifests come out. Every child carries the session's labels; those with
an owner go when the session goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from prober.lab.operator.session import API_VERSION, KIND, Session
from prober.lab.plan import Ailment, ChildKind, Plan

SESSION_LABEL = "vdi.kasm.io/session"
MADE_BY_LAB = "lab.vdi-prober.io/made"
"""The label that tells the children of the lab's operator from those of any other."""
COMPONENT = "vdi-operator"
SCHEDULER = "lab.vdi-prober.io"
"""The scheduler of the lab's Pods: there is none of that name, so no node ever gets one to run."""
DESKTOP_PORT = 8080
INIT_CONTAINER = "prepare-home"
"""The init container of a Pod that does not get beyond it."""
MISSING_CLASS = "vdi-home"
"""The storage class that there is not, of a volume claim that stays Pending."""
AILING_VOLUME = "1Gi"
"""The size of that claim, where the session asks for none."""

_COLLECTIONS = {
    ChildKind.VOLUME_CLAIM: ("/api/v1", "persistentvolumeclaims"),
    ChildKind.POD: ("/api/v1", "pods"),
    ChildKind.SERVICE: ("/api/v1", "services"),
    ChildKind.INGRESS_ROUTE: ("/apis/traefik.io/v1alpha1", "ingressroutes"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """An object to be made for a session.

    Attributes:
        kind: What it is.
        collection: The path of the collection in which it is made.
        manifest: The object.
    """

    kind: ChildKind
    collection: str
    manifest: Mapping[str, Any]

    @property
    def path(self) -> str:
        """The object's own path in the API."""
        return f"{self.collection}/{self.manifest['metadata']['name']}"


def collection(kind: ChildKind, *, namespace: str) -> str:
    """Returns the path of a kind's collection."""
    api, plural = _COLLECTIONS[kind]
    return f"{api}/namespaces/{namespace}/{plural}"


def children(session: Session, *, image: str, plan: Plan) -> tuple[Child, ...]:
    """Returns what a session owns, in the order of making.

    Args:
        session: The session.
        image: The container image that its template names.
        plan: Which children are made without an owner, and what the Pod suffers from.
    """
    if plan.ailment is Ailment.VOLUME_PENDING and session.volume_size is None:
        session = replace(session, volume_size=AILING_VOLUME)
    bodies = {
        ChildKind.VOLUME_CLAIM: _volume_claim(session, ailment=plan.ailment),
        ChildKind.POD: _pod(session, image=image, ailment=plan.ailment),
        ChildKind.SERVICE: _service(session),
        ChildKind.INGRESS_ROUTE: _ingress_route(session),
    }
    own = tuple(
        _child(kind, body, session=session, orphaned=kind in plan.left_behind)
        for kind, body in bodies.items()
        if kind is not ChildKind.VOLUME_CLAIM or session.volume_size is not None
    )
    return (_rival(session), *own) if plan.rival else own


def _child(kind: ChildKind, body: dict[str, Any], *, session: Session, orphaned: bool) -> Child:
    return Child(
        kind=kind,
        collection=collection(kind, namespace=session.namespace),
        manifest=_owned(body, session=session, orphaned=orphaned),
    )


def _rival(session: Session) -> Child:
    """Returns the route of a session that is not there, of the same user, so with the same host."""
    other = replace(session, name=f"other-{session.name}")
    return _child(ChildKind.INGRESS_ROUTE, _ingress_route(other), session=other, orphaned=True)


def event(
    about: Mapping[str, Any],
    *,
    reason: str,
    message: str,
    warning: bool,
    at: datetime,
    suffix: str,
    component: str = COMPONENT,
    count: int = 1,
) -> dict[str, Any]:
    """Returns a core/v1 Event.

    Args:
        about: The object that it is about, with apiVersion, kind, metadata.
        reason: A CamelCase word.
        message: One sentence.
        warning: Whether the event's type is Warning.
        at: When it happened; an aware time.
        suffix: Makes the event's name unique.
        component: Who says so.
        count: How often it happened.
    """
    metadata = about["metadata"]
    stamp = timestamp(at)
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": f"{metadata['name']}.{suffix}",
            "namespace": metadata["namespace"],
        },
        "involvedObject": {
            "apiVersion": about["apiVersion"],
            "kind": about["kind"],
            "namespace": metadata["namespace"],
            "name": metadata["name"],
            "uid": metadata["uid"],
        },
        "reason": reason,
        "message": message,
        "type": "Warning" if warning else "Normal",
        "source": {"component": component},
        "reportingComponent": component,
        "reportingInstance": component,
        "firstTimestamp": stamp,
        "lastTimestamp": stamp,
        "count": count,
    }


def timestamp(at: datetime) -> str:
    """Writes an aware time as Kubernetes does: RFC 3339 in UTC, to the second."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _owned(body: dict[str, Any], *, session: Session, orphaned: bool) -> dict[str, Any]:
    metadata = {
        **body["metadata"],
        "namespace": session.namespace,
        "labels": {
            "app.kubernetes.io/name": "vdi-session",
            "app.kubernetes.io/managed-by": COMPONENT,
            SESSION_LABEL: session.name,
            MADE_BY_LAB: "true",
        },
    }
    if not orphaned:
        metadata["ownerReferences"] = [
            {
                "apiVersion": API_VERSION,
                "kind": KIND,
                "name": session.name,
                "uid": session.uid,
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ]
    return {**body, "metadata": metadata}


def _pod(session: Session, *, image: str, ailment: Ailment | None) -> dict[str, Any]:
    """A Pod that the strictest of the Pod Security Standards lets in."""
    quantities = {name: session.resources[name] for name in ("cpu", "memory") if name in session.resources}
    gpus = session.resources.get("gpu") or ("1" if ailment is Ailment.NO_GPU else None)
    limits = quantities | ({"nvidia.com/gpu": gpus} if gpus else {})
    confined = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    inits = [{"name": INIT_CONTAINER, "image": image, "securityContext": confined}]
    volumes = (
        []
        if session.volume_size is None
        else [{"name": "home", "persistentVolumeClaim": {"claimName": _claim_name(session)}}]
    )
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": session.name},
        "spec": {
            "schedulerName": SCHEDULER,
            "restartPolicy": "Never" if ailment is None else "Always",  # what crashes comes again
            "automountServiceAccountToken": False,
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "initContainers": inits if ailment is Ailment.INIT_STUCK else [],
            "containers": [
                {
                    "name": "desktop",
                    "image": image,
                    "ports": [{"name": "http", "containerPort": DESKTOP_PORT, "protocol": "TCP"}],
                    "resources": {"limits": limits, "requests": quantities},
                    "securityContext": confined,
                    "volumeMounts": [{"name": volume["name"], "mountPath": "/home/user"} for volume in volumes],
                }
            ],
            "volumes": volumes,
        },
    }


def _claim_name(session: Session) -> str:
    return f"vdi-data-{session.name}"


def _volume_claim(session: Session, *, ailment: Ailment | None) -> dict[str, Any]:
    # The default class of a real cluster would make a volume, which costs money.
    storage_class = MISSING_CLASS if ailment is Ailment.VOLUME_PENDING else ""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": _claim_name(session)},
        "spec": {
            "storageClassName": storage_class,
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": session.volume_size}},
        },
    }


def _service(session: Session) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": session.name},
        "spec": {
            "selector": {SESSION_LABEL: session.name},
            "ports": [{"name": "http", "port": DESKTOP_PORT, "protocol": "TCP"}],
        },
    }


def _ingress_route(session: Session) -> dict[str, Any]:
    return {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "IngressRoute",
        "metadata": {"name": session.name},
        "spec": {
            "entryPoints": ["websecure"],
            "routes": [
                {
                    "kind": "Rule",
                    "match": f"Host(`{session.route}.vdi.example.com`)",
                    "services": [{"name": session.name, "port": DESKTOP_PORT}],
                }
            ],
        },
    }
