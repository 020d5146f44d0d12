"""The page for cluster administrators that says what the prober needs, made from the table of permissions.

`python -m prober.adapters.kubernetes.permissions_page` prints it; a test holds docs/permissions.md to it.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence

import yaml

from prober.adapters.kubernetes.permissions import Feature, Permission, Scope, permissions, rules

_SCOPES = {
    Scope.SESSIONS: "session namespaces",
    Scope.NAMED: "the object's namespace",
    Scope.CLUSTER: "cluster",
}

_NAMES = {
    Feature.EVIDENCE_SECRETS: ("<evidence.secrets>",),
    Feature.EVIDENCE_LEASES: ("<evidence.leases>",),
    Feature.SECRET_REFERENCES: ("<kubernetes_secret.name>",),
}
"""What stands for the names that a configuration has."""

_HEAD = """\
# Permissions

<!-- Made by `python -m prober.adapters.kubernetes.permissions_page`; do not edit. -->

What the prober asks of the API server, and what is lost without it. Without the permissions marked *required* nothing
can be probed. Without the others this is what happens, each time with the permission that is needed:

- `cleanup` and `evidence`: runs go on and say what they could not see, as a note of the step or as a gap in the
  evidence.
- `get` and `watch` on sessions: runs go on, see the last column. A wait that would have ended as a timeout ends as
  `rbac_denied` without `get`.
- `secret_references` and `templates`: the targets whose password or templates cannot be read are not probed. The
  first end as `internal`; the second are told in the log and in the metrics.

The names are those of the KASM platform's resources; a cluster whose `platform` is configured otherwise needs the same
on its own. Its `children` have to be kinds that live in namespaces: no Role could permit others, and no session owns
them. They are not looked at, which each cleanup states.

Beside these the prober reads the API's discovery documents for kinds of object that it does not know by itself. Every
authenticated account may do that by default (ClusterRole `system:discovery`).
"""

_LEAST = """\
## The least role

Bind this Role to the prober's ServiceAccount in each namespace in which sessions are made. `get` and `watch` are not
required, and their cost is small: grant them.
"""

_FULL = """\
## Everything

The same with the proof of the cleanup, and with evidence. Leave out what you do not want to be looked at. Evidence is
read only after a run has failed, except for the objects that the cleanup lists. Two rows deserve a thought:

- `get` on secrets shows their values to whoever holds the permission, although the prober drops them where they arrive
  and tells names of keys only. RBAC knows no patterns: a Secret with `{session}` in its name needs the permission
  without `resourceNames`. Without `evidence.secrets` in the configuration it is not used.
- `get` on pods/log shows what the desktop's containers print. What looks like a secret is masked, the rest is kept.
"""

_NAMED = """\
## Objects elsewhere

Secrets that the configuration refers to (`kubernetes_secret`), and Leases of evidence: a Role in their namespaces, with
the names that the configuration has.
"""

_CLUSTER = """\
## The whole cluster

VDITemplates live in no namespace. Targets with `template: all` or a selector need this ClusterRole, others do not.
"""

_NODES = """\
Nodes live in none either. Targets whose `evidence.sources` has `nodes` need this one, others do not.
"""


def as_markdown() -> str:
    """Returns the page."""
    table = permissions()
    least = [row for row in table if row.feature is Feature.RUNS]
    parts = (
        _HEAD,
        _table(table),
        _LEAST,
        _manifest("Role", name="vdi-prober", rows=least, scope=Scope.SESSIONS),
        _FULL,
        _manifest("Role", name="vdi-prober", rows=table, scope=Scope.SESSIONS),
        _NAMED,
        _manifest("Role", name="vdi-prober-named", rows=table, scope=Scope.NAMED),
        _CLUSTER,
        _cluster_role("vdi-prober-templates", Feature.TEMPLATES),
        _NODES,
        _cluster_role("vdi-prober-nodes", Feature.EVIDENCE_NODES),
    )
    return "\n".join(parts)


def _table(rows: Sequence[Permission]) -> str:
    head = ("For", "API group", "Resource", "Verb", "Where", "Required", "Without it")
    lines = [head, ("---",) * len(head), *map(_cells, rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def _cells(row: Permission) -> tuple[str, ...]:
    names = ", by name" if row.restricted else ""
    required = "required" if row.required else ""
    where = _SCOPES[row.scope] + names
    return (f"`{row.feature}`", row.resource.group or "core", row.kind, row.verb, where, required, row.lost)


def _cluster_role(name: str, feature: Feature) -> str:
    rows = [row for row in permissions() if row.feature is feature]
    return _manifest("ClusterRole", name=name, rows=rows, scope=Scope.CLUSTER)


def _manifest(kind: str, *, name: str, rows: Iterable[Permission], scope: Scope) -> str:
    names: Mapping[Feature, Sequence[str]] = _NAMES
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": name},
        "rules": rules(rows, scope=scope, names=names),
    }
    text = yaml.safe_dump(role, sort_keys=False, default_flow_style=None, width=120)
    return f"```yaml\n{text}```\n"


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
