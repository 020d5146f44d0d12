"""What users lay over the chart's own choices."""

from copy import deepcopy
from typing import Any

import pytest

from prober.app.config.defaults import lay_under_targets
from tests.helm.rendering import MINIMAL, chart, example, only, pods, render, with_
from tests.helm.test_roles import flat, granted


def deployed(values: dict[str, Any]) -> dict[str, Any]:
    """Returns the spec of the service's Pod."""
    return dict(pods(render(values)))["Deployment"]


def test_probes_of_ones_own() -> None:
    """A handler of one's own replaces the chart's, other fields are kept, null leaves a probe out."""
    container = deployed(
        with_(
            livenessProbe={"tcpSocket": {"port": "http"}},
            readinessProbe={"httpGet": {"path": "/readyz", "port": "http"}, "periodSeconds": 7},
            startupProbe=None,
        )
    )["containers"][0]
    liveness = container["livenessProbe"]
    assert liveness["tcpSocket"] == {"port": "http"}
    assert liveness["failureThreshold"] == 4
    assert "httpGet" not in liveness
    assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http"}
    assert container["readinessProbe"]["periodSeconds"] == 7
    assert "startupProbe" not in container


def test_labels_of_the_pod_cannot_change_what_selects_it() -> None:
    """A label that the chart needs stays the chart's; others are added."""
    deployment = only(render(with_(podLabels={"app.kubernetes.io/component": "x", "team": "vdi"})), "Deployment")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert labels["app.kubernetes.io/component"] == "service"
    assert labels["team"] == "vdi"


@pytest.mark.parametrize(
    ("names", "name"),
    [
        ({"nameOverride": "watch"}, "probe-watch"),
        ({"nameOverride": "probe"}, "probe"),
        ({"fullnameOverride": "vdi-watch"}, "vdi-watch"),
        ({"fullnameOverride": "x" * 80}, "x" * 52),
    ],
    ids=["another name", "within the release's", "the whole name", "too long"],
)
def test_names(names: dict[str, str], name: str) -> None:
    """Every object is called by the release's name, or as told; with room for what is added to it."""
    objects = render(with_(**names))
    assert only(objects, "Deployment")["metadata"]["name"] == name
    assert all(len(thing["metadata"]["name"]) <= 63 for thing in objects)


def test_an_account_of_ones_own() -> None:
    """An account that is there is used and not made; whatever is granted is granted to it."""
    objects = render(with_(serviceAccount={"create": False, "name": "ours"}, retire={"enabled": False}))
    assert "ServiceAccount" not in {thing["kind"] for thing in objects}
    assert dict(pods(objects))["Deployment"]["serviceAccountName"] == "ours"
    assert only(objects, "RoleBinding")["subjects"][0]["name"] == "ours"


def test_where_pods_run() -> None:
    """What places one Pod of the chart places all of them."""
    values = with_(imagePullSecrets=["registry"], runtimeClassName="gvisor", nodeSelector={"zone": "a"})
    for _, spec in pods(render(values)):
        assert spec["imagePullSecrets"] == [{"name": "registry"}]
        assert spec["runtimeClassName"] == "gvisor"
        assert spec["nodeSelector"] == {"zone": "a"}


def test_kinds_of_a_platform_of_ones_own() -> None:
    """With another platform the rules that are given are all that is granted."""
    rule = {"apiGroups": ["vdi.example.com"], "resources": ["desktops"], "verbs": ["list", "create", "delete"]}
    values = deepcopy(MINIMAL)
    values["config"]["clusters"]["staging"]["platform"] = {"sessions": {"group": "vdi.example.com"}}
    assert granted(render(values | {"rbac": {"extraRules": [rule]}}), "vdi") == flat([rule])
    more = granted(render(with_(rbac={"extraRules": [rule]})), "vdi")
    assert more > flat([rule])


@pytest.mark.parametrize(
    "access",
    [
        {"basic": {"username": "probe", "password": {"env": "PROBE_PASSWORD"}}},
        {},
        {"basic": {"username": "probe", "password": {"kubernetes_secret": {"name": "own", "key": "password"}}}},
        None,
    ],
    ids=["another source", "none", "another Secret", "the default"],
)
def test_defaults_are_laid_as_the_prober_does(access: dict[str, Any] | None) -> None:
    """A Secret of the defaults is granted where a target uses it, not where its own choice replaces it."""
    values = deepcopy(MINIMAL)
    shared = {"kubernetes_secret": {"name": "shared", "key": "password"}}
    values["config"]["defaults"] = {"access": {"basic": {"username": "probe", "password": shared}}}
    target = values["config"]["targets"][0]
    target.pop("access")
    if access is not None:
        target["access"] = access
    merged = lay_under_targets(values["config"])["targets"][0]["access"]
    used = merged.get("basic", {}).get("password", {}).get("kubernetes_secret", {}).get("name")
    names = {names for _, resource, _, names in granted(render(values), "vdi") if resource == "secrets"}
    assert names == ({(used,)} if used else set())


def test_the_default_network_policy() -> None:
    """DNS, API and URLs, TURN, media: to anywhere, from anybody who scrapes."""
    policy = only(render(with_(networkPolicy={"enabled": True})), "NetworkPolicy")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert policy["ingress"] == [{"ports": [{"port": "http", "protocol": "TCP"}]}]
    ports = {(port["protocol"], port["port"]) for rule in policy["egress"] for port in rule["ports"]}
    assert ports >= {("UDP", 53), ("TCP", 443), ("TCP", 6443), ("UDP", 3478), ("UDP", 1024)}
    assert all("to" not in rule for rule in policy["egress"])


def test_notes_warn() -> None:
    """NOTES.txt says what is missing: nobody who scrapes, no permission to find templates, no operator."""

    def notes(values: dict[str, Any]) -> str:
        rendered = chart().render(values, name="probe", namespace="probing")
        return next(text for path, text in rendered.items() if path.endswith("NOTES.txt"))

    assert "nobody scrapes it yet" in notes(MINIMAL)
    assert "this cluster has no Prometheus operator" in notes(with_(serviceMonitor={"enabled": True}))
    full = example("full") | {"rbac": {"templates": False}}
    assert "target each looks for templates, which needs rbac.templates" in notes(full)
    assert "NOTE" not in notes(example("full"))
    assert "rbac.create is off" in notes(with_(rbac={"create": False}))
