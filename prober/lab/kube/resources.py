"""The resources that are served, each with the traits in which real ones differ."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NewType

from prober.lab.kube import columns
from prober.lab.kube.columns import AGE, NAME, Column, path

Obj = dict[str, Any]
"""An object as the wire has it: apiVersion, kind, metadata, and what its kind adds."""

ResourceId = NewType("ResourceId", str)
"""`plural.group` of a resource, or `plural` alone in the core group; versions share it."""

VERBS = ("create", "delete", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resource:
    """One kind of object, as discovery describes it.

    Attributes:
        group: the API group; empty for the core group.
        version: the only served version.
        plural: the name in paths.
        kind: the name in objects.
        singular: the name that kubectl takes too.
        short_names: more names that kubectl takes.
        namespaced: whether objects live in namespaces.
        status: whether status is a subresource.
        custom: whether a CustomResourceDefinition defines it; then bodies must name their kind.
        generation: whether `metadata.generation` counts changes of the wanted state.
        unconditional_update: whether PUT works without a resourceVersion.
        returns_deleted: whether DELETE answers with the object instead of a Status.
        field_labels: what field selectors know beside name and namespace.
        schema: the OpenAPI v3 schema of its objects.
        columns: what a table shows.
    """

    group: str = ""
    version: str = "v1"
    plural: str
    kind: str
    singular: str
    short_names: tuple[str, ...] = ()
    namespaced: bool = True
    status: bool = False
    custom: bool = False
    generation: bool = False
    unconditional_update: bool = True
    returns_deleted: bool = False
    field_labels: tuple[str, ...] = ()
    schema: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[Column, ...] = (NAME, AGE)

    @property
    def id(self) -> ResourceId:
        """The identity of the resource, whatever its version."""
        return ResourceId(f"{self.plural}.{self.group}" if self.group else self.plural)

    @property
    def api_version(self) -> str:
        """The `apiVersion` of its objects."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def selectable_fields(self) -> tuple[str, ...]:
        """Every field path that a field selector may name."""
        scope = ("metadata.name", "metadata.namespace") if self.namespaced else ("metadata.name",)
        return scope + self.field_labels

    def details(self, name: str) -> dict[str, Any]:
        """Return the `details` of a Status about one of its objects."""
        return {"name": name, "group": self.group, "kind": self.plural}


def required(*names: str, **properties: Any) -> dict[str, Any]:
    """Return the schema of an object that must have some properties."""
    return {"type": "object", "required": list(names), "properties": properties, "default": {}}


_TEXT = {"type": "string", "minLength": 1}
_SOME_CONTAINERS = {"type": "array", "minItems": 1, "items": required("name", "image", name=_TEXT)}

NAMESPACES = Resource(
    plural="namespaces",
    kind="Namespace",
    singular="namespace",
    short_names=("ns",),
    namespaced=False,
    status=True,
    field_labels=("status.phase",),
    schema=required(
        spec=required(finalizers={"type": "array", "default": ["kubernetes"]}),
        status=required(phase={"type": "string", "default": "Active"}),
    ),
    columns=(NAME, Column(name="Status", cell=path(".status.phase")), AGE),
)
PODS = Resource(
    plural="pods",
    kind="Pod",
    singular="pod",
    short_names=("po",),
    status=True,
    returns_deleted=True,
    field_labels=("spec.nodeName", "spec.restartPolicy", "status.phase", "status.podIP"),
    schema=required(
        spec=required(
            "containers",
            containers=_SOME_CONTAINERS,
            restartPolicy={"type": "string", "default": "Always"},
        ),
        status=required(phase={"type": "string", "default": "Pending"}),
    ),
    columns=(
        NAME,
        Column(name="Ready", cell=columns.ready_containers),
        Column(name="Status", cell=columns.pod_status),
        Column(name="Restarts", type="integer", cell=columns.restarts),
        AGE,
        Column(name="IP", cell=path(".status.podIP"), priority=1),
        Column(name="Node", cell=path(".spec.nodeName"), priority=1),
    ),
)
SERVICES = Resource(
    plural="services",
    kind="Service",
    singular="service",
    short_names=("svc",),
    status=True,
    returns_deleted=True,
    schema=required(
        spec=required(
            "ports",
            ports={"type": "array", "minItems": 1, "items": required("port")},
            type={"type": "string", "default": "ClusterIP"},
        ),
        status=required(loadBalancer=required()),
    ),
    columns=(
        NAME,
        Column(name="Type", cell=path(".spec.type")),
        Column(name="Cluster-IP", cell=path(".spec.clusterIP")),
        Column(name="External-IP", cell=columns.joined(".spec.externalIPs")),
        Column(name="Port(s)", cell=columns.service_ports),
        AGE,
    ),
)
VOLUME_CLAIMS = Resource(
    plural="persistentvolumeclaims",
    kind="PersistentVolumeClaim",
    singular="persistentvolumeclaim",
    short_names=("pvc",),
    status=True,
    returns_deleted=True,
    schema=required(
        spec=required(
            "accessModes",
            "resources",
            accessModes={"type": "array", "minItems": 1},
            resources={"type": "object"},
            volumeMode={"type": "string", "default": "Filesystem"},
        ),
        status=required(phase={"type": "string", "default": "Pending"}),
    ),
    columns=(
        NAME,
        Column(name="Status", cell=path(".status.phase")),
        Column(name="Volume", cell=path(".spec.volumeName")),
        Column(name="Capacity", cell=path(".status.capacity.storage")),
        Column(name="Access Modes", cell=columns.joined(".spec.accessModes")),
        Column(name="StorageClass", cell=path(".spec.storageClassName")),
        AGE,
    ),
)
SECRETS = Resource(
    plural="secrets",
    kind="Secret",
    singular="secret",
    field_labels=("type",),
    schema=required(type={"type": "string", "default": "Opaque"}),
    columns=(NAME, Column(name="Type", cell=path(".type")), AGE),
)
CONFIG_MAPS = Resource(
    plural="configmaps",
    kind="ConfigMap",
    singular="configmap",
    short_names=("cm",),
    columns=(NAME, Column(name="Data", type="integer", cell=columns.count(".data")), AGE),
)
EVENTS = Resource(
    plural="events",
    kind="Event",
    singular="event",
    short_names=("ev",),
    field_labels=(
        "involvedObject.apiVersion",
        "involvedObject.fieldPath",
        "involvedObject.kind",
        "involvedObject.name",
        "involvedObject.namespace",
        "involvedObject.resourceVersion",
        "involvedObject.uid",
        "reason",
        "reportingComponent",
        "type",
    ),
    schema=required(involvedObject=required()),
    columns=(
        Column(name="Last Seen", type="date", cell=columns.event_time),
        Column(name="Type", cell=path(".type")),
        Column(name="Reason", cell=path(".reason")),
        Column(name="Object", cell=columns.event_object),
        Column(name="Message", cell=path(".message")),
        Column(name="Name", cell=path(".metadata.name"), priority=1),
    ),
)
LEASES = Resource(
    group="coordination.k8s.io",
    plural="leases",
    kind="Lease",
    singular="lease",
    unconditional_update=False,
    columns=(NAME, Column(name="Holder", cell=path(".spec.holderIdentity")), AGE),
)
DEFINITIONS = Resource(
    group="apiextensions.k8s.io",
    plural="customresourcedefinitions",
    kind="CustomResourceDefinition",
    singular="customresourcedefinition",
    short_names=("crd", "crds"),
    namespaced=False,
    status=True,
    generation=True,
    unconditional_update=False,
    returns_deleted=True,
    schema=required(
        spec=required(
            "group",
            "names",
            "scope",
            "versions",
            group=_TEXT,
            names=required("plural", "kind", plural=_TEXT, kind=_TEXT),
            scope={"type": "string", "enum": ["Cluster", "Namespaced"]},
            versions={"type": "array", "minItems": 1, "items": required("name", "schema", schema={"type": "object"})},
        ),
    ),
    columns=(
        NAME,
        Column(name="Created At", cell=path(".metadata.creationTimestamp")),
    ),
)
BUILT_IN = (NAMESPACES, PODS, SERVICES, VOLUME_CLAIMS, SECRETS, CONFIG_MAPS, EVENTS, LEASES, DEFINITIONS)


def defined_by(crd: Mapping[str, Any]) -> Resource:
    """Return the resource that a CustomResourceDefinition defines, at its storage version."""
    spec = crd["spec"]
    names = spec["names"]
    version = next((v for v in spec["versions"] if v.get("storage")), spec["versions"][0])
    return Resource(
        group=spec["group"],
        version=version["name"],
        plural=names["plural"],
        kind=names["kind"],
        singular=names.get("singular") or names["kind"].lower(),
        short_names=tuple(names.get("shortNames", ())),
        namespaced=spec["scope"] == "Namespaced",
        status="status" in version.get("subresources", {}),
        custom=True,
        generation=True,
        unconditional_update=False,
        schema=version["schema"].get("openAPIV3Schema", {}),
        columns=_printed(version),
    )


def _printed(version: Mapping[str, Any]) -> tuple[Column, ...]:
    wanted = [
        Column(
            name=column["name"],
            type=column["type"],
            cell=path(column["jsonPath"]),
            priority=column.get("priority", 0),
            description=column.get("description", ""),
        )
        for column in version.get("additionalPrinterColumns", ())
    ]
    return (NAME, *(wanted or [AGE]))
