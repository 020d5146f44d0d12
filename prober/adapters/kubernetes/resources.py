"""What is asked for: the resources and their fields, with the platform's values as defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import quote

FieldPath = tuple[str, ...]
"""Where a field is, from the object's root: `("status", "phase")`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceName:
    """What kubectl calls a kind of object: `pods`, `ingressroutes.traefik.io`.

    Attributes:
        plural: Its name in paths.
        group: Its API group, empty for the core group.
    """

    plural: str
    group: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads kubectl's spelling."""
        plural, _, group = text.partition(".")
        return cls(plural=plural, group=group)

    def __str__(self) -> str:
        """Returns kubectl's spelling."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A kind of object as the API server serves it.

    Attributes:
        kind: Its name in objects.
        plural: Its name in paths.
        group: Its API group, empty for the core group.
        version: The version spoken.
        namespaced: Whether its objects live in namespaces.
    """

    kind: str
    plural: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True

    @property
    def name(self) -> ResourceName:
        """What kubectl calls it, whatever version is spoken."""
        return ResourceName(plural=self.plural, group=self.group)

    @property
    def api_version(self) -> str:
        """The `apiVersion` of its objects."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str, name: str | None = None) -> str:
        """Returns the path of a namespace's collection, or of one object; a kind without namespaces has one only."""
        root = f"/apis/{self.group}" if self.group else "/api"
        where = f"namespaces/{quote(namespace, safe='')}/" if self.namespaced else ""
        collection = f"{root}/{self.version}/{where}{self.plural}"
        return collection if name is None else f"{collection}/{quote(name, safe='')}"


VDI_SESSIONS = Resource(kind="VDISession", plural="vdisessions", group="vdi.kasm.io", version="v1alpha1")
VDI_TEMPLATES = Resource(
    kind="VDITemplate", plural="vditemplates", group="vdi.kasm.io", version="v1alpha1", namespaced=False
)
PODS = Resource(kind="Pod", plural="pods")
VOLUME_CLAIMS = Resource(kind="PersistentVolumeClaim", plural="persistentvolumeclaims")
SERVICES = Resource(kind="Service", plural="services")
INGRESS_ROUTES = Resource(kind="IngressRoute", plural="ingressroutes", group="traefik.io", version="v1alpha1")
SECRETS = Resource(kind="Secret", plural="secrets")
NODES = Resource(kind="Node", plural="nodes", namespaced=False)
EVENTS = Resource(kind="Event", plural="events")
LEASES = Resource(kind="Lease", plural="leases", group="coordination.k8s.io")

WELL_KNOWN: Mapping[ResourceName, Resource] = {
    resource.name: resource for resource in (PODS, VOLUME_CLAIMS, SERVICES, INGRESS_ROUTES)
}
"""Kinds that need no discovery, as long as the API server serves these versions of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPaths:
    """Where a session says what it is doing."""

    phase: FieldPath = ("status", "phase")
    url: FieldPath = ("status", "url")
    message: FieldPath = ("status", "message")
    pod_name: FieldPath = ("status", "podName")


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """The platform's shape in the API.

    Attributes:
        sessions: The session's resource.
        templates: What sessions are made of.
        status: The session's fields.
        children: What may belong to a session; kinds that are not well known are discovered.
        child_names: The names that a child may have, `{session}` for the session's own.
        session_label: The label by which a child names its session.
    """

    sessions: Resource = VDI_SESSIONS
    templates: Resource = VDI_TEMPLATES
    status: StatusPaths = field(default_factory=StatusPaths)
    children: tuple[ResourceName, ...] = tuple(WELL_KNOWN)
    child_names: tuple[str, ...] = ("{session}", "vdi-data-{session}")
    session_label: str = "vdi.kasm.io/session"


KASM = Platform()
"""The platform as its documents describe it."""
