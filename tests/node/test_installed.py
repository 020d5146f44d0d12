"""The chart in a real cluster with a kubelet: it probes, is restricted, leaves nothing. One story, in this order."""

import json
import os
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

import helm_python
import pytest
import yaml

from prober.adapters.kubernetes.permissions import Feature, permissions
from tests.cluster import parts
from tests.cluster.ports import free_ports
from tests.helm.rendering import example, render
from tests.node import cluster
from tests.node.cluster import NAME, PROBING, SERVICE, SESSIONS, Release, events, kubectl, objects, sessions, wait_for
from tests.node.security_page import as_markdown

pytestmark = [pytest.mark.node, pytest.mark.image, pytest.mark.timeout(600)]

RUN_S = 150
"""Within how many seconds a run ends: its interval, and its time on a busy machine."""


def test_a_pod_probes(release: Release, told: list[str]) -> None:
    """The Pod is ready under `restricted`, and a run from inside shows a desktop and leaves nothing."""
    pod = wait_for("the Pod", cluster.prober_pods, within_s=10)[0]
    wait_for("a run", lambda: events("run_finished"), within_s=RUN_S)
    # A machine that is busy with something else may starve one, which the prober says; the next one succeeds.
    runs = wait_for(
        "a success", lambda: [run for run in events("run_finished") if run["outcome"] == "success"], within_s=RUN_S
    )
    run = runs[0]
    assert {other["outcome"] for other in events("run_finished")} <= {"success", "error"}
    assert run["webrtc"]["transport"] == "webrtc_video"
    assert run["webrtc"]["path"]["local"] != "relay"
    started = pod["status"]["containerStatuses"][0]["state"]["running"]["startedAt"]
    ready = next(item for item in pod["status"]["conditions"] if item["type"] == "Ready")["lastTransitionTime"]
    told.append(f"container started {started}, ready {ready}; a run took {run['duration_s']:.1f} s")


def test_the_image_is_sound(release: Release, told: list[str]) -> None:
    """Within the image: no pip, no compiler, no lab; the configuration is accepted; it is not larger than it says."""
    where = f"deploy/{NAME}"
    accepted = kubectl("exec", where, "-n", PROBING, "--", "prober", "check", "config", "/etc/vdi-prober/prober.yaml")
    assert "1 target(s): ubuntu-desktop" in accepted
    tools = ("pip", "gcc", "cc", "make", "git", "curl")
    found = kubectl("exec", where, "-n", PROBING, "--", "sh", "-c", f"command -v {' '.join(tools)}; true")
    assert found == ""
    modules = (
        "import importlib.util as u; print([m for m in ('pip', 'aiortc', 'kopf', 'prober.lab') if u.find_spec(m)])"
    )
    assert kubectl("exec", where, "-n", PROBING, "--", "python", "-c", modules).strip() == "[]"
    refused = kubectl("exec", where, "-n", PROBING, "--", "sh", "-c", "prober lab 2>&1; true")
    assert "this installation leaves the lab out" in refused
    size = parts.image.stat().st_size
    told.append(f"image: {size / 1e6:.0f} MB unpacked")
    assert size < 800e6, "larger than the README says"


def test_what_the_container_may(release: Release) -> None:
    """Not root, no capability, no new privileges, a seccomp filter, a read-only root, an init that reaps."""
    status = kubectl("exec", f"deploy/{NAME}", "-n", PROBING, "--", "cat", "/proc/1/status")
    facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert facts["Name"] == "tini"
    assert set(facts["Uid"].split()) == {"65532"}
    assert {facts[name].strip("0") for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {""}
    assert facts["NoNewPrivs"] == "1"
    assert facts["Seccomp"] == "2"
    wrote = kubectl(
        "exec", f"deploy/{NAME}", "-n", PROBING, "--", "sh", "-c", "touch /x 2>&1; touch /tmp/x", check=False
    )
    assert "Read-only file system" in wrote
    assert events("browser_without_sandbox")[0]["mend"]


def test_what_the_account_may(release: Release) -> None:
    """The ServiceAccount may do what the table of permissions says, in the sessions' namespace, nothing elsewhere."""
    features = {Feature.RUNS, Feature.CLEANUP} | {feature for feature in Feature if feature.startswith("evidence.")}
    features -= {Feature.EVIDENCE_SECRETS, Feature.EVIDENCE_LEASES, Feature.EVIDENCE_NODES}
    wanted = {(row.resource.group, row.kind, row.verb) for row in permissions() if row.feature in features}
    assert _granted(SESSIONS) - _granted("default") == wanted
    assert _granted(PROBING) == _granted("default")


def _granted(namespace: str) -> set[tuple[str, str, str]]:
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": namespace},
    }
    account = f"system:serviceaccount:{PROBING}:{NAME}"
    said = kubectl(
        "create", "--validate=false", "-f", "-", "-o", "json", f"--as={account}", "--as-group=system:serviceaccounts",
        "--as-group=system:authenticated", stdin=json.dumps(review),
    )  # fmt: skip
    rules: list[dict[str, Any]] = json.loads(said)["status"]["resourceRules"]
    return {
        (group, resource, verb)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def test_the_security_page_is_true(release: Release) -> None:
    """docs/security.md says what is found here; PROBER_SECURITY_PAGE names a file to write it to."""
    page = as_markdown()
    if path := os.environ.get("PROBER_SECURITY_PAGE"):
        Path(path).write_text(page)
    assert page == (cluster.ROOT / "docs" / "security.md").read_text()


def test_the_api_server_accepts_everything(release: Release) -> None:
    """With everything switched on, a real API server accepts each object of a kind that it knows, to the last field."""
    operators = "monitoring.coreos.com"  # whose kinds no cluster has by itself
    rendered = [thing for thing in render(example("full")) if not thing["apiVersion"].startswith(operators)]
    for thing in rendered:
        thing["metadata"]["namespace"] = PROBING
        if thing["kind"] == "Pod":
            thing["spec"].pop("priorityClassName")  # admission asks for a class that is there
    assert len(rendered) > 15
    text = yaml.safe_dump_all(rendered)
    kubectl("apply", "--dry-run=server", "--validate=strict", "-f", "-", stdin=text)


@pytest.mark.prometheus
def test_a_prometheus_sees_the_run(release: Release, tmp_path: Path) -> None:
    """A real Prometheus scrapes the Service and has the run's success."""
    address = objects("services", "-n", PROBING, "-l", "app.kubernetes.io/name=vdi-prober")[0]["spec"]["clusterIP"]
    config = tmp_path / "prometheus.yml"
    job = {"job_name": "vdi-prober", "scrape_interval": "1s", "static_configs": [{"targets": [f"{address}:9464"]}]}
    (port,) = free_ports(1)
    config.write_text(json.dumps({"scrape_configs": [job | {"honor_labels": True}]}))
    command = [
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={tmp_path}/data",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (tmp_path / "log").open("w") as log:
        prometheus = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        query = quote('vdi_probe_runs_total{target="ubuntu-desktop", outcome="success"} > 0')
        url = f"http://127.0.0.1:{port}/api/v1/query?query={query}"
        wait_for("the run in Prometheus", lambda: _result(url), within_s=60)
    finally:
        prometheus.terminate()
        prometheus.wait(20)


def _result(url: str) -> list[Any]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own Prometheus
            found: list[Any] = json.load(answer)["data"]["result"]
            return found
    except OSError:
        return []


def test_helm_test_shows_a_report(release: Release, told: list[str]) -> None:
    """`helm test` does one real run and shows its report."""
    done = release.helm.test(cluster.RELEASE, timeout=240, logs=True)
    assert "ubuntu-desktop: success in" in done["logs"], done["logs"]
    told.extend(_measured())


def _measured() -> list[str]:
    """Memory and CPU of the service's Pod, by its cgroup."""
    memory, cpu = "/sys/fs/cgroup/memory/memory", "/sys/fs/cgroup/cpuacct/cpuacct.usage"
    read = f"cat {memory}.usage_in_bytes {memory}.max_usage_in_bytes {cpu}"
    now, most, busy = map(int, kubectl("exec", f"deploy/{NAME}", "-n", PROBING, "--", "sh", "-c", read).split())
    runs = len(events("run_finished"))
    memory = f"memory {now / 2**20:.0f} MiB, at most {most / 2**20:.0f} MiB"
    return [f"{memory}; {busy / 1e9:.0f} s of CPU for the start and {runs} run(s)"]


def test_a_broken_platform_fails_helm_test(release: Release, platform: Path) -> None:
    """An upgrade with changed values takes effect: `helm test` on a desktop that stays black fails with that reason."""
    before = cluster.prober_pods()[0]["metadata"]["name"]
    release.upgrade(config=cluster.values(password=platform, fault="black")["config"])
    assert [pod["metadata"]["name"] for pod in cluster.prober_pods()] != [before]
    with pytest.raises(helm_python.HelmError):
        release.helm.test(cluster.RELEASE, timeout=240)
    report = kubectl("logs", f"{NAME}-test", "-n", PROBING)
    assert "failure" in report
    assert "black" in report


def test_a_rollback_takes_effect(release: Release) -> None:
    """The release before comes back with its configuration; no session is lost on the way."""
    release.helm.rollback(cluster.RELEASE, wait="watcher", timeout=180)
    shown = kubectl("get", "configmap", NAME, "-n", PROBING, "-o", "yaml")
    assert "lab.vdi-prober.io/fault: none" in shown
    wait_for("the sessions' end", lambda: not sessions(), within_s=30)


def _running() -> list[Any]:
    found = objects("vdisessions", "-n", SESSIONS)
    return [session for session in found if session.get("status", {}).get("phase") == "Running"]


def _in_the_middle_of_a_run() -> str:
    """Waits until a run shows its desktop; returns the Pod's name."""
    wait_for("a session that runs", _running, within_s=RUN_S)
    time.sleep(1)  # into the steps of the browser
    return str(cluster.prober_pods()[0]["metadata"]["name"])


def test_a_deleted_pod_leaves_no_session(release: Release) -> None:
    """A Pod that is deleted in the middle of a run ends its session before it goes; the next one is ready."""
    name = _in_the_middle_of_a_run()
    kubectl("delete", "pod", name, "-n", PROBING, "--timeout=120s")
    assert sessions() == []
    kubectl("rollout", "status", f"deploy/{NAME}", "-n", PROBING, "--timeout=120s")


def test_a_drained_node_leaves_no_session(release: Release) -> None:
    """So does one whose node is drained; when the node is back, the prober is."""
    _in_the_middle_of_a_run()
    try:
        kubectl(
            "drain",
            "node1",
            "--ignore-daemonsets",
            "--delete-emptydir-data",
            "--force",
            f"--pod-selector={SERVICE}",
            "--timeout=150s",
        )
        assert sessions() == []
    finally:
        kubectl("uncordon", "node1")
    kubectl("rollout", "status", f"deploy/{NAME}", "-n", PROBING, "--timeout=120s")


def test_an_upgrade_loses_no_session(release: Release) -> None:
    """An upgrade in the middle of a run ends the session of the old Pod; the new one probes on."""
    old = _in_the_middle_of_a_run()
    lived = sessions()
    assert lived
    release.upgrade(config=release.values["config"] | {"concurrency": 3})
    assert [pod["metadata"]["name"] for pod in cluster.prober_pods()] != [old]
    assert "concurrency: 3" in kubectl("get", "configmap", NAME, "-n", PROBING, "-o", "yaml")
    assert set(lived).isdisjoint(sessions())
    wait_for("a run of the new Pod", lambda: events("run_finished"), within_s=RUN_S)


def test_an_uninstall_leaves_nothing(release: Release, told: list[str]) -> None:
    """Uninstalled in the middle of a run: no session, no object of the release, no permission is left."""
    _in_the_middle_of_a_run()
    began = time.monotonic()
    release.helm.uninstall(cluster.RELEASE, wait="watcher", timeout=240)
    told.append(f"helm uninstall in the middle of a run: {time.monotonic() - began:.1f} s")
    assert sessions() == []
    kinds = "all,configmaps,secrets,serviceaccounts,roles,rolebindings,networkpolicies,poddisruptionbudgets"
    left = [
        f"{thing['kind']} {thing['metadata']['name']}"
        for thing in objects(kinds, "-A", "-l", f"app.kubernetes.io/instance={cluster.RELEASE}")
    ]
    assert left == []
