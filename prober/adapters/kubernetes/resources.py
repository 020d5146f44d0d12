"""What is asked for: the resources and their fields, with the platform's values as defaults."""

from dataclasses import dataclass, field
from urllib.parse import quote

FieldPath = tuple[str, ...]
"""Where a field is, from the object's root: `("status", "phase")`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A namespaced kind of object.

    Attributes:
        kind: Its name in objects.
        plural: Its name in paths.
        group: Its API group, empty for the core group.
        version: The version spoken.
    """

    kind: str
    plural: str
    group: str = ""
    version: str = "v1"

    @property
    def api_version(self) -> str:
        """The `apiVersion` of its objects."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str, name: str | None = None) -> str:
        """Returns the path of a namespace's collection, or of one object."""
        root = f"/apis/{self.group}" if self.group else "/api"
        collection = f"{root}/{self.version}/namespaces/{quote(namespace, safe='')}/{self.plural}"
        return collection if name is None else f"{collection}/{quote(name, safe='')}"


VDI_SESSIONS = Resource(kind="VDISession", plural="vdisessions", group="vdi.kasm.io", version="v1alpha1")
PODS = Resource(kind="Pod", plural="pods")
VOLUME_CLAIMS = Resource(kind="PersistentVolumeClaim", plural="persistentvolumeclaims")
SERVICES = Resource(kind="Service", plural="services")
INGRESS_ROUTES = Resource(kind="IngressRoute", plural="ingressroutes", group="traefik.io", version="v1alpha1")
SECRETS = Resource(kind="Secret", plural="secrets")


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
        status: The session's fields.
        children: What may belong to a session.
        child_names: The names that a child may have, `{session}` for the session's own.
        session_label: The label by which a child names its session.
    """

    sessions: Resource = VDI_SESSIONS
    status: StatusPaths = field(default_factory=StatusPaths)
    children: tuple[Resource, ...] = (PODS, VOLUME_CLAIMS, SERVICES, INGRESS_ROUTES)
    child_names: tuple[str, ...] = ("{session}", "vdi-data-{session}")
    session_label: str = "vdi.kasm.io/session"


KASM = Platform()
"""The platform as its documents describe it."""
