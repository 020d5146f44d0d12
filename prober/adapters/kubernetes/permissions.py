"""What we ask of the API server, feature by feature: the one table of permissions.

From it come the rules of the chart's roles (`rules`), the words of a gap (`Permission.needed`), and the page for
administrators (`permissions_page`). A row is one verb on one resource, since that is what can be missing; tests hold
the rows to the requests that are really made, in both directions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from prober.adapters.kubernetes.resources import (
    EVENTS,
    INGRESS_ROUTES,
    KASM,
    LEASES,
    NODES,
    PODS,
    SECRETS,
    SERVICES,
    VOLUME_CLAIMS,
    Platform,
    ResourceName,
)
from prober.domain.evidence import Source


class Feature(StrEnum):
    """What a permission is for; each may be left out but `runs`."""

    RUNS = "runs"
    """Probing: create a session, see it run, end it; also the sweep of orphans."""
    CLEANUP = "cleanup"
    """The proof that nothing is left of a session."""
    EVIDENCE_SESSION = "evidence.session"
    """The session's own words, when a run failed."""
    EVIDENCE_PODS = "evidence.pods"
    """The Pod's state."""
    EVIDENCE_EVENTS = "evidence.events"
    """What the cluster said."""
    EVIDENCE_LOGS = "evidence.logs"
    """The last lines of the Pod's containers."""
    EVIDENCE_VOLUME_CLAIMS = "evidence.persistentvolumeclaims"
    """The volume's state."""
    EVIDENCE_SERVICES = "evidence.services"
    """The Services' ports."""
    EVIDENCE_INGRESS_ROUTES = "evidence.ingressroutes"
    """The routes' hosts."""
    EVIDENCE_NODES = "evidence.nodes"
    """The nodes of the session's Pods, where the configuration asks for them."""
    EVIDENCE_SECRETS = "evidence.secrets"
    """Whether Secrets that the configuration names exist, with which keys."""
    EVIDENCE_LEASES = "evidence.leases"
    """Whether the operator's leader gives signs of life."""
    SECRET_REFERENCES = "secret_references"  # noqa: S105 - a feature's name
    """Credentials that the configuration refers to by `kubernetes_secret`."""
    TEMPLATES = "templates"
    """Targets made of the templates found."""


class Scope(StrEnum):
    """Where a permission must hold."""

    SESSIONS = "sessions"
    """In the namespaces of the sessions: a Role."""
    NAMED = "named"
    """In the namespace that the configuration names beside the object: a Role there."""
    CLUSTER = "cluster"
    """In the whole cluster: a ClusterRole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One verb on one resource, for one feature.

    Attributes:
        feature: What for.
        verb: get, list, watch, create or delete.
        resource: On which kind.
        subresource: On which part of it, such as `log`.
        scope: Where.
        restricted: Whether a role can and should be restricted to the names that the configuration has.
        required: Whether nothing can be probed without it; without another one a gap is stated.
        lost: What is lost without it, as the rest of a sentence.
    """

    feature: Feature
    verb: str
    resource: ResourceName
    subresource: str = ""
    scope: Scope = Scope.SESSIONS
    restricted: bool = False
    required: bool = False
    lost: str

    @property
    def kind(self) -> str:
        """What roles and refusals call the resource, without its group: `pods/log`."""
        return f"{self.resource.plural}/{self.subresource}" if self.subresource else self.resource.plural

    def needed(self, namespace: str = "") -> str:
        """Says what is needed, for a gap: `list on ingressroutes.traefik.io in namespace vdi`."""
        group = f".{self.resource.group}" if self.resource.group else ""
        where = "in the whole cluster" if self.scope is Scope.CLUSTER else f"in namespace {namespace}"
        return f"{self.verb} on {self.kind}{group} {where}"


PolicyRule = dict[str, list[str]]
"""A rule of a Role, with the API's own keys."""


def permissions(platform: Platform = KASM) -> tuple[Permission, ...]:
    """Returns the table for a platform."""
    return (*_runs(platform), *_cleanup(platform), *_evidence(platform), *_configured(platform))


def evidence_permission(source: Source, *, platform: Platform = KASM) -> Permission:
    """Returns the one permission that a source of evidence needs."""
    return next(row for row in _evidence(platform) if row.feature == f"evidence.{source}")


def run_permission(verb: str, *, platform: Platform = KASM) -> Permission:
    """Returns the permission for one of the verbs that a run uses on its session."""
    return next(row for row in _runs(platform) if row.verb == verb)


def rules(
    rows: Iterable[Permission], *, scope: Scope, names: Mapping[Feature, Sequence[str]] | None = None
) -> list[PolicyRule]:
    """Returns the rules of the role that grants the table's rows of one scope, as few as possible.

    Args:
        rows: The table, or some of it.
        scope: Whose role: rows of another scope are left out.
        names: The names of the objects of features that can be restricted to them; without names a feature's rules
            hold for every name.
    """
    verbs: dict[tuple[str, str, tuple[str, ...]], dict[str, None]] = {}
    for row in rows:
        if row.scope is scope:
            restriction = tuple((names or {}).get(row.feature, ())) if row.restricted else ()
            verbs.setdefault((row.resource.group, row.kind, restriction), {})[row.verb] = None
    kinds: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for (group, kind, restriction), granted in verbs.items():
        kinds.setdefault((group, tuple(granted), restriction), []).append(kind)
    return [
        {"apiGroups": [group], "resources": resources, "verbs": list(granted)}
        | ({"resourceNames": list(restriction)} if restriction else {})
        for (group, granted, restriction), resources in kinds.items()
    ]


def _runs(platform: Platform) -> tuple[Permission, ...]:
    lost = {
        "get": "a wait in vain ends as `rbac_denied`, since the last look behind it is not allowed",
        "list": "no session is created: how many of ours live is not known",
        "watch": "the times of `running` and `terminate` are a second coarse: the session is listed instead",
        "create": "nothing can be probed",
        "delete": "sessions are left to their timeout",
    }
    return tuple(
        Permission(
            feature=Feature.RUNS,
            verb=verb,
            resource=platform.sessions.name,
            required=verb not in {"get", "watch"},
            lost=loss,
        )
        for verb, loss in lost.items()
    )


def _cleanup(platform: Platform) -> tuple[Permission, ...]:
    return tuple(
        Permission(
            feature=Feature.CLEANUP,
            verb="list",
            resource=name,
            lost=f"{name.plural} that outlive their session go unnoticed",
        )
        for name in platform.children
    )


def _evidence(platform: Platform) -> tuple[Permission, ...]:
    return (
        Permission(
            feature=Feature.EVIDENCE_SESSION,
            verb="get",
            resource=platform.sessions.name,
            lost="what the session says of itself at the time of the fault",
        ),
        Permission(
            feature=Feature.EVIDENCE_PODS,
            verb="list",
            resource=PODS.name,
            lost="why a Pod does not start; logs of Pods with several containers",
        ),
        Permission(
            feature=Feature.EVIDENCE_EVENTS,
            verb="list",
            resource=EVENTS.name,
            lost="what scheduler, kubelet and operator said",
        ),
        Permission(
            feature=Feature.EVIDENCE_LOGS,
            verb="get",
            resource=PODS.name,
            subresource="log",
            lost="the last words of the desktop's containers",
        ),
        Permission(
            feature=Feature.EVIDENCE_VOLUME_CLAIMS,
            verb="list",
            resource=VOLUME_CLAIMS.name,
            lost="whether the volume is bound",
        ),
        Permission(
            feature=Feature.EVIDENCE_SERVICES,
            verb="list",
            resource=SERVICES.name,
            lost="whether the Service exists, with which ports",
        ),
        Permission(
            feature=Feature.EVIDENCE_INGRESS_ROUTES,
            verb="list",
            resource=INGRESS_ROUTES.name,
            lost="whether the route exists, for which host, and who else has that host",
        ),
        Permission(
            feature=Feature.EVIDENCE_NODES,
            verb="get",
            resource=NODES.name,
            scope=Scope.CLUSTER,
            lost="whether the Pod's node is ready, under pressure, or closed",
        ),
        Permission(
            feature=Feature.EVIDENCE_SECRETS,
            verb="get",
            resource=SECRETS.name,
            restricted=True,
            lost="whether the session's Secret exists, with which keys",
        ),
        Permission(
            feature=Feature.EVIDENCE_LEASES,
            verb="get",
            resource=LEASES.name,
            scope=Scope.NAMED,
            restricted=True,
            lost="whether the operator is alive",
        ),
    )


def _configured(platform: Platform) -> tuple[Permission, ...]:
    secrets = Permission(
        feature=Feature.SECRET_REFERENCES,
        verb="get",
        resource=SECRETS.name,
        scope=Scope.NAMED,
        restricted=True,
        lost="targets whose password is a `kubernetes_secret` cannot be probed",
    )
    templates = Permission(
        feature=Feature.TEMPLATES,
        verb="list",
        resource=platform.templates.name,
        scope=Scope.CLUSTER,
        lost="targets with `template: all` or a selector have no templates to probe",
    )
    return secrets, templates
