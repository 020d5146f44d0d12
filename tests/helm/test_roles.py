"""The chart grants what the targets use, by the prober's own table of permissions, and nothing else."""

from copy import deepcopy
from typing import Any

import pytest

from prober.adapters.kubernetes.permissions import Feature, permissions
from tests.helm.rendering import NAME, example, only, render

Granted = set[tuple[str, str, str, tuple[str, ...]]]
"""API group, resource, verb, names."""

UNNAMED = {Feature.RUNS, Feature.CLEANUP}
PLAIN = {feature for feature in Feature if feature.startswith("evidence.")} - {
    Feature.EVIDENCE_SECRETS,
    Feature.EVIDENCE_LEASES,
    Feature.EVIDENCE_NODES,
}


def granted(objects: list[dict[str, Any]], namespace: str) -> Granted:
    """Returns what the prober's account may do in a namespace."""
    role = only(objects, "Role", namespace=namespace)
    binding = only(objects, "RoleBinding", namespace=namespace)
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": NAME, "namespace": "probing"}]
    return flat(role["rules"])


def flat(rules: list[dict[str, Any]]) -> Granted:
    """Returns rules one by one."""
    return {
        (group, resource, verb, tuple(rule.get("resourceNames", ())))
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def table(features: set[Feature]) -> Granted:
    """Returns what the features need, by the table."""
    return {(row.resource.group, row.kind, row.verb, ()) for row in permissions() if row.feature in features}


def namespaces(objects: list[dict[str, Any]]) -> set[str]:
    """Returns where the prober's account has a Role."""
    return {
        thing["metadata"]["namespace"]
        for thing in objects
        if thing["kind"] == "Role" and "namespace" in thing["metadata"]
    }


def values(**target: Any) -> dict[str, Any]:
    """Returns the minimal values with a changed target."""
    changed = deepcopy(example("minimal"))
    changed["config"]["targets"][0] |= target
    return changed


def test_a_target_gets_what_its_run_uses() -> None:
    """Runs, the proof of the cleanup, evidence: in the sessions' namespace, and in no other."""
    objects = render(values())
    assert namespaces(objects) == {"vdi"}
    assert granted(objects, "vdi") == table(UNNAMED | PLAIN)
    assert not {"ClusterRole", "ClusterRoleBinding"} & {thing["kind"] for thing in objects}


def test_sources_that_are_not_asked_are_not_granted() -> None:
    """A target that looks at Pods and events alone gets no logs."""
    objects = render(values(evidence={"sources": ["pods", "events"]}))
    wanted = UNNAMED | {Feature.EVIDENCE_PODS, Feature.EVIDENCE_EVENTS}
    assert granted(objects, "vdi") == table(wanted)


@pytest.mark.parametrize(
    ("rbac", "features"),
    [
        ({"evidence": False}, UNNAMED),
        ({"cleanup": False}, {Feature.RUNS} | PLAIN),
        ({"evidence": False, "cleanup": False}, {Feature.RUNS}),
    ],
    ids=["no evidence", "no cleanup", "neither"],
)
def test_less_may_be_granted(rbac: dict[str, bool], features: set[Feature]) -> None:
    """Whoever does not want sessions to be looked at grants less."""
    assert granted(render(values() | {"rbac": rbac}), "vdi") == table(features)


def test_secrets_are_granted_by_name() -> None:
    """A Secret of evidence, a password and a Lease are granted by their names, where they are."""
    objects = render(
        values(
            evidence={
                "sources": [],
                "secrets": ["desktop-credentials"],
                "leases": [{"namespace": "vdi-system", "name": "vdi-operator"}],
            },
            access={
                "basic": {
                    "username": "probe",
                    "password": {"kubernetes_secret": {"name": "probe", "key": "password", "namespace": "secrets"}},
                }
            },
        )
    )
    assert namespaces(objects) == {"vdi", "vdi-system", "secrets"}
    assert granted(objects, "vdi") == table(UNNAMED) | {("", "secrets", "get", ("desktop-credentials",))}
    assert granted(objects, "secrets") == {("", "secrets", "get", ("probe",))}
    assert granted(objects, "vdi-system") == {("coordination.k8s.io", "leases", "get", ("vdi-operator",))}


def test_a_pattern_of_secrets_has_no_names() -> None:
    """RBAC knows no patterns: the documentation says what that costs."""
    objects = render(values(evidence={"sources": [], "secrets": ["{session}-credentials"]}))
    assert granted(objects, "vdi") == table(UNNAMED) | {("", "secrets", "get", ())}


def test_targets_of_one_namespace_share_a_role() -> None:
    """Several targets, two namespaces, defaults: the union of what the targets of each need."""
    objects = render(example("several-targets"))
    assert namespaces(objects) == {"vdi", "classroom"}
    assert granted(objects, "vdi") == table(UNNAMED | PLAIN)
    assert granted(objects, "classroom") == table(UNNAMED)


def test_other_clusters_are_no_business_of_the_chart() -> None:
    """A target in a cluster that is reached by a kubeconfig needs no Role here."""
    changed = example("two-clusters")
    changed["config"]["targets"] = changed["config"]["targets"][1:]
    changed["config"]["clusters"].pop("here")
    objects = render(changed)
    assert namespaces(objects) == set()
    assert only(objects, "Deployment")["spec"]["template"]["spec"]["automountServiceAccountToken"] is False


def test_the_whole_cluster_is_opted_into() -> None:
    """Templates and nodes live in no namespace: they need a switch each."""
    rules = only(render(values() | {"rbac": {"templates": True}}), "ClusterRole")["rules"]
    assert flat(rules) == table({Feature.TEMPLATES})
    rules = only(render(values() | {"rbac": {"nodes": True}}), "ClusterRole")["rules"]
    assert flat(rules) == table({Feature.EVIDENCE_NODES})


def test_none_where_none_are_wanted() -> None:
    """With `rbac.create` off, somebody else grants."""
    objects = render(values() | {"rbac": {"create": False}, "retire": {"enabled": False}})
    assert not {"Role", "RoleBinding"} & {thing["kind"] for thing in objects}


def test_retiring_may_scale_one_deployment() -> None:
    """The Job of an uninstall may scale the prober's own Deployment and see Pods, in the release's namespace."""
    objects = render(values())
    role = only(objects, "Role", name=f"{NAME}-retire")
    assert flat(role["rules"]) == {
        ("apps", "deployments/scale", "patch", (NAME,)),
        ("", "pods", "list", ()),
        ("", "pods", "delete", (f"{NAME}-test",)),
    }
    for thing in objects:
        if thing["metadata"]["name"] == f"{NAME}-retire":
            assert thing["metadata"]["annotations"]["helm.sh/hook"] == "pre-delete"
