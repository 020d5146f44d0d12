"""The platform's shape in a cluster's API, where it differs from what its documents say."""

from typing import Annotated

from pydantic import Field

from prober.adapters.kubernetes.resources import KASM, FieldPath
from prober.app.config.models.base import Model
from prober.app.config.models.fields import DnsLabel, DnsName, LabelKey, Matches


def _dotted(path: FieldPath) -> str:
    return ".".join(path)


Path = Annotated[
    str,
    Matches(
        pattern=r"[A-Za-z][-A-Za-z0-9_]*(\.[A-Za-z][-A-Za-z0-9_]*)*",
        problem="is no path of a field",
        mend="write it like status.phase",
    ),
]
"""Where a field is in an object, its keys joined by dots."""

Kind = Annotated[
    str, Matches(pattern="[A-Z][A-Za-z0-9]*", problem="is no kind", mend="write it like PersistentVolumeClaim")
]
"""What objects call their kind."""

Version = Annotated[
    str,
    Matches(pattern="v[0-9]+((alpha|beta)[0-9]+)?", problem="is no version of an API", mend="write it like v1alpha1"),
]
"""A version of an API group."""

ChildResource = Annotated[
    str,
    Matches(
        pattern=r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
        problem="is no resource as kubectl spells them",
        mend="write it like pods or ingressroutes.traefik.io",
    ),
]
"""A kind of object by its plural, with its group where it has one."""

ChildName = Annotated[
    str,
    Matches(
        pattern=r"[-a-z0-9.]*\{session\}[-a-z0-9.]*",
        problem="is no name of a child",
        mend="write it like vdi-data-{session}, with {session} for the session's name",
    ),
]
"""A name that a session's object has."""


class SessionResourceModel(Model):
    """The resource that a session is."""

    group: DnsName = KASM.sessions.group
    """Its API group."""
    version: Version = KASM.sessions.version
    """The version spoken."""
    kind: Kind = KASM.sessions.kind
    """Its name in objects."""
    plural: DnsLabel = KASM.sessions.plural
    """Its name in paths."""


class TemplateResourceModel(Model):
    """The resource that a template is, which lives in no namespace; only targets that discover ask for it."""

    group: DnsName | None = None
    """Its API group; the session's by default."""
    version: Version | None = None
    """The version spoken; the session's by default."""
    kind: Kind = KASM.templates.kind
    """Its name in objects."""
    plural: DnsLabel = KASM.templates.plural
    """Its name in paths."""


class StatusModel(Model):
    """Where a session says what it is doing."""

    phase: Path = _dotted(KASM.status.phase)
    """The phase: Pending, Creating, Running, Terminating, Failed."""
    url: Path = _dotted(KASM.status.url)
    """The desktop's URL."""
    message: Path = _dotted(KASM.status.message)
    """The platform's own words."""
    pod_name: Path = _dotted(KASM.status.pod_name)
    """The name of the session's Pod."""


class PlatformModel(Model):
    """The platform's shape in the API; by default that of its documents."""

    sessions: SessionResourceModel = SessionResourceModel()
    """The resource that a session is."""
    templates: TemplateResourceModel = TemplateResourceModel()
    """The resource that a template is."""
    status: StatusModel = StatusModel()
    """Where a session says what it is doing."""
    children: tuple[ChildResource, ...] = Field(
        default=tuple(map(str, KASM.children)), strict=False, examples=[["pods", "ingressroutes.traefik.io"]]
    )
    """The kinds of object that a session may own, as kubectl spells them: all that is to be gone after a run."""
    child_names: tuple[ChildName, ...] = Field(default=KASM.child_names, strict=False)
    """The names that such an object may have, `{session}` for the session's own."""
    session_label: LabelKey = KASM.session_label
    """The label by which such an object names its session."""
