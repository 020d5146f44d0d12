"""The chart renders what was asked for, in every branch, and refuses what is wrong."""

import shutil
import subprocess
from copy import deepcopy
from pathlib import Path
from typing import Any

import helm_python
import pytest
import yaml

from prober.app.chart.__main__ import write
from prober.app.config.load import load
from tests.helm.rendering import (
    CHART,
    EXAMPLES,
    MINIMAL,
    NAME,
    ROOT,
    chart,
    configuration,
    example,
    only,
    pods,
    render,
    with_,
)

NAMES = [path.name.removesuffix("-values.yaml") for path in EXAMPLES]


def test_examples_are_there() -> None:
    """The examples that the chart's README names are there."""
    assert {"minimal", "full", "several-targets", "two-clusters", "relay", "object-storage"} <= set(NAMES)


def test_files_made_of_others_are_up_to_date(tmp_path: Path) -> None:
    """Schema, README, permissions, rules and dashboards in the chart are what `make docs` makes."""
    made = tmp_path / "vdi-prober"
    shutil.copytree(CHART, made)
    write(made, dashboards=ROOT / "dashboards")
    names = [path.relative_to(made) for path in made.rglob("*") if path.is_file()]
    assert {name for name in names if (made / name).read_bytes() != (CHART / name).read_bytes()} == set()
    stale = {path.name for path in (CHART / "files" / "dashboards").iterdir()}
    assert stale == {path.name for path in (ROOT / "dashboards").glob("*.json")}


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_clean(name: str) -> None:
    """Helm's linter finds nothing in an example, however strict."""
    report = helm_python.lint(CHART, example(name), strict=True, kube_version="v1.34.0")
    assert [message for message in report["messages"] if message["severity"] > 1] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_configuration_goes_through_unchanged(name: str, tmp_path: Path) -> None:
    """The file in the ConfigMap is one that the prober accepts."""
    file = tmp_path / "prober.yaml"
    file.write_text(configuration(render(example(name))))
    settings = load(file, environ={})
    assert [str(target.name) for target in settings.patterns()] == [
        target["name"] for target in example(name)["config"]["targets"]
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_pod_is_restricted(name: str) -> None:
    """Whatever a Pod of the chart is for, it meets the Pod Security Standard `restricted`; its disk is read-only."""
    found = list(pods(render(example(name))))
    assert {kind for kind, _ in found} == {"Deployment", "Job", "Pod"}
    for _, spec in found:
        security = spec["securityContext"]
        assert security["runAsNonRoot"] is True
        assert security["runAsUser"] == 65532
        assert security["seccompProfile"]["type"] in {"RuntimeDefault", "Localhost"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
        for container in spec["containers"]:
            own = container["securityContext"]
            assert own["allowPrivilegeEscalation"] is False
            assert own["readOnlyRootFilesystem"] is True
            assert own["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["limits"]["memory"]
        assert all("hostPath" not in volume for volume in spec.get("volumes", ()))


def test_memory_backs_what_chromium_writes() -> None:
    """What Chromium writes to is memory, with a limit; state is not."""
    spec = dict(pods(render(MINIMAL)))["Deployment"]
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    mounts = {mount["mountPath"]: volumes[mount["name"]] for mount in spec["containers"][0]["volumeMounts"]}
    assert mounts["/tmp"]["emptyDir"] == {"medium": "Memory", "sizeLimit": "256Mi"}  # noqa: S108 - in the Pod
    assert mounts["/dev/shm"]["emptyDir"]["medium"] == "Memory"  # noqa: S108 - as above
    assert mounts["/var/lib/vdi-prober"]["emptyDir"] == {"sizeLimit": "4Gi"}


def test_two_probers_never_run_at_once() -> None:
    """The old one is gone before the new one comes, and has the time to end its sessions."""
    deployment = only(render(MINIMAL), "Deployment")
    assert deployment["spec"]["replicas"] == 1
    assert deployment["spec"]["strategy"] == {"type": "Recreate"}
    assert deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == 150


@pytest.mark.parametrize(("grace", "seconds"), [("2m30s", 180), ("90s", 120), ("1h", 3630), ("1500ms", 32)], ids=str)
def test_the_grace_covers_the_longest_teardown(grace: str, seconds: int) -> None:
    """A shutdown_grace in any spelling is what the kubelet waits, and half a minute."""
    values = deepcopy(MINIMAL)
    values["config"]["shutdown_grace"] = grace
    for kind, spec in pods(render(values)):
        if kind != "Job":
            assert spec["terminationGracePeriodSeconds"] == seconds


def test_a_changed_configuration_makes_a_new_pod() -> None:
    """The Pod's annotation changes with the configuration, and with nothing else."""

    def checksum(values: dict[str, Any]) -> str:
        template = only(render(values), "Deployment")["spec"]["template"]
        return str(template["metadata"]["annotations"]["checksum/config"])

    changed = deepcopy(MINIMAL)
    changed["config"]["concurrency"] = 3
    assert checksum(changed) != checksum(MINIMAL)
    assert checksum(with_(service={"port": 80})) == checksum(MINIMAL)


def test_the_tests_pod_is_no_endpoint() -> None:
    """The Service, the budget and the Deployment choose the service's Pod, not the one of `helm test`."""
    objects = render(with_(podDisruptionBudget={"enabled": True}))
    test = only(objects, "Pod")["metadata"]["labels"]
    served = only(objects, "Deployment")["spec"]["template"]["metadata"]["labels"]
    chosen = (
        only(objects, "Service")["spec"]["selector"],
        only(objects, "Deployment")["spec"]["selector"]["matchLabels"],
        only(objects, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
    )
    for selector in chosen:
        assert selector.items() <= served.items()
        assert not selector.items() <= test.items()


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ({}, "ghcr.io/vdi-prober/vdi-prober:0.1.0"),
        ({"tag": "1.2.3"}, "ghcr.io/vdi-prober/vdi-prober:1.2.3"),
        ({"registry": ""}, "vdi-prober/vdi-prober:0.1.0"),
        ({"digest": "sha256:" + "a" * 64}, "ghcr.io/vdi-prober/vdi-prober:0.1.0@sha256:" + "a" * 64),
    ],
    ids=["default", "tag", "no registry", "digest"],
)
def test_the_image(image: dict[str, str], name: str) -> None:
    """Every Pod has the same image, by tag or by digest."""
    assert {spec["containers"][0]["image"] for _, spec in pods(render(with_(image=image)))} == {name}


def test_a_mirror_of_images() -> None:
    """`global.imageRegistry` replaces the registry, as in other charts."""
    images = {
        spec["containers"][0]["image"] for _, spec in pods(render(with_(**{"global": {"imageRegistry": "m.example"}})))
    }
    assert images == {"m.example/vdi-prober/vdi-prober:0.1.0"}


def test_ports_follow_the_configuration() -> None:
    """The container's port is the configuration's; the Service keeps its own."""
    objects = render(with_(config=MINIMAL["config"] | {"web": {"listen": "[::]:8080"}}))
    container = dict(pods(objects))["Deployment"]["containers"][0]
    assert container["ports"] == [{"name": "http", "containerPort": 8080, "protocol": "TCP"}]
    assert only(objects, "Service")["spec"]["ports"] == [{"name": "http", "port": 9464, "targetPort": "http"}]


def test_probes_ask_the_right_endpoints() -> None:
    """Liveness asks whether the loop turns, readiness whether runs begin."""
    container = dict(pods(render(MINIMAL)))["Deployment"]["containers"][0]
    paths = {name: container[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert paths["startupProbe"]["path"] == paths["livenessProbe"]["path"] == "/-/healthy"
    assert paths["readinessProbe"]["path"] == "/-/ready"


def test_full_has_everything() -> None:
    """With everything switched on, every kind of object is there once more, where it belongs."""
    objects = render(example("full"))
    kinds = {thing["kind"] for thing in objects}
    assert kinds >= {
        "ClusterRole",
        "ClusterRoleBinding",
        "NetworkPolicy",
        "PersistentVolumeClaim",
        "PodDisruptionBudget",
        "PrometheusRule",
        "ServiceMonitor",
    }
    spec = dict(pods(objects))["Deployment"]
    assert spec["containers"][0]["args"] == ["serve", "--verbose"]
    assert spec["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"]["app.kubernetes.io/instance"] == "probe"
    assert spec["terminationGracePeriodSeconds"] == 200
    assert {"name": "OTLP_TOKEN", "valueFrom": {"secretKeyRef": {"name": "otlp", "key": "token"}}} in spec[
        "containers"
    ][0]["env"]
    assert only(objects, "ConfigMap", name="probe-extra")
    assert only(objects, "ConfigMap", name="probe-more")
    assert only(objects, "Pod")["spec"]["containers"][0]["args"] == ["run", "each-ubuntu-desktop"]
    assert only(objects, "ServiceMonitor")["spec"]["endpoints"][0]["honorLabels"] is True
    monitor = only(render(example("several-targets")), "PodMonitor")
    assert monitor["spec"]["podMetricsEndpoints"][0]["honorLabels"] is True
    assert monitor["metadata"]["labels"]["release"] == "kube-prometheus-stack"
    policy = only(objects, "NetworkPolicy")["spec"]
    assert {"port": 1024, "endPort": 65535, "protocol": "UDP"} in policy["egress"][1]["ports"]


def test_minimal_has_no_more_than_is_needed() -> None:
    """Nothing is made that nobody asked for."""
    kinds = sorted(thing["kind"] for thing in render(with_(retire={"enabled": False})))
    assert kinds == ["ConfigMap", "Deployment", "Pod", "Role", "RoleBinding", "Service", "ServiceAccount"]


def test_the_operators_objects_need_their_kinds() -> None:
    """In a cluster that does not know the operator's kinds, its objects are left out: the install does not break."""
    objects = render(with_(serviceMonitor={"enabled": True}, prometheusRule={"enabled": True}))
    assert not {"ServiceMonitor", "PrometheusRule"} & {thing["kind"] for thing in objects}


def test_a_claim_outlives_the_release() -> None:
    """History and evidence on a claim are kept at an uninstall, unless told otherwise; an existing claim is used."""
    claim = only(render(with_(persistence={"enabled": True})), "PersistentVolumeClaim")
    assert claim["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    objects = render(with_(persistence={"existingClaim": "ours"}))
    assert "PersistentVolumeClaim" not in {thing["kind"] for thing in objects}
    state = next(volume for volume in dict(pods(objects))["Deployment"]["volumes"] if volume["name"] == "state")
    assert state["persistentVolumeClaim"] == {"claimName": "ours"}


def test_dashboards_and_alerts_for_grafana() -> None:
    """Each dashboard is a ConfigMap for the sidecar; the alert rules name the data source that was given."""
    objects = render(example("full"))
    maps = [
        thing
        for thing in objects
        if thing["kind"] == "ConfigMap" and "grafana_dashboard" in thing["metadata"].get("labels", {})
    ]
    contents = {name: text for thing in maps for name, text in thing["data"].items()}
    assert contents == {f"vdi-prober-{path.name}": path.read_text() for path in (ROOT / "dashboards").glob("*.json")}
    assert {thing["metadata"]["namespace"] for thing in maps} == {"monitoring"}
    alerts = only(objects, "ConfigMap", name=f"{NAME}-alerts")["data"]["vdi-prober-alerts.yaml"]
    rules = [rule for group in yaml.safe_load(alerts)["groups"] for rule in group["rules"]]
    assert {query["datasourceUid"] for rule in rules for query in rule["data"]} == {"mimir", "__expr__"}
    assert all(rule["annotations"]["runbook_url"].startswith("https://wiki.example.com/vdi#") for rule in rules)


def test_notes_tell_the_next_commands() -> None:
    """NOTES.txt names three commands that are worth typing."""
    rendered = chart().render(MINIMAL, name="probe", namespace="probing")
    notes = next(text for path, text in rendered.items() if path.endswith("NOTES.txt"))
    for command in ("kubectl -n probing logs deploy/probe-vdi-prober -f", "helm test probe -n probing", "port-forward"):
        assert command in notes


@pytest.mark.prometheus
def test_rendered_rules_are_sound(tmp_path: Path) -> None:
    """What the PrometheusRule holds passes promtool, with another runbook as with ours."""
    spec = only(render(example("full")), "PrometheusRule")["spec"]
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump(spec))
    promtool = shutil.which("promtool")
    assert promtool is not None
    done = subprocess.run([promtool, "check", "rules", file], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    links = {
        rule["annotations"]["runbook_url"] for group in spec["groups"] for rule in group["rules"] if "alert" in rule
    }
    assert links
    assert all(link.startswith("https://wiki.example.com/vdi#") for link in links)
