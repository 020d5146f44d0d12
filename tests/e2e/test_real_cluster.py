"""`prober lab --kubeconfig` with `prober run`: the whole flow against a real Kubernetes, with a real browser."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest

from prober.lab.faults import FAULTS
from tests.cluster import furniture
from tests.cluster.rest import Rest
from tests.e2e.conftest import ORDER, RunningLab, report_of, run_prober, started, wait_for, wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.browser]

EVERYTHING = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
REPRESENTATIVE = ("never_running", "phase_failed", "finalizer_stuck", "child_left")
CHILDREN = (
    "/api/v1/namespaces/{}/pods",
    "/api/v1/namespaces/{}/services",
    "/api/v1/namespaces/{}/persistentvolumeclaims",
    "/apis/traefik.io/v1alpha1/namespaces/{}/ingressroutes",
)


@pytest.fixture(scope="module")
def rest(cluster_kubeconfig: Path) -> Rest:
    """The cluster, with nothing of ours in between."""
    return Rest(cluster_kubeconfig)


@pytest.fixture(scope="module")
def token_kubeconfig(rest: Rest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The kubeconfig of a ServiceAccount that may do everything."""
    home = f"e2e-{uuid4().hex[:8]}"
    furniture.make_namespace(rest, home)
    token = furniture.make_account(rest, name="lab", namespace=home, rules=[], cluster_rules=EVERYTHING)
    path = tmp_path_factory.mktemp("account") / "kubeconfig"
    yield furniture.token_kubeconfig(path, server=rest.server, ca_pem=rest.ca_pem, token=token, namespace=home)
    furniture.remove_namespace(rest, home)


class RealLab(RunningLab):
    """A lab that works in a real cluster.

    Attributes:
        namespace: Where its sessions live.
        version: The cluster's version, as the lab says it.
    """

    def __init__(self, state: Path, process: "subprocess.Popen[str]", *, namespace: str, version: str) -> None:
        super().__init__(state, process)
        self.namespace = namespace
        self.version = version


@contextmanager
def _running(kubeconfig: Path, *, state: Path, namespace: str) -> Iterator[RealLab]:
    options = ("--state", str(state), "--kubeconfig", str(kubeconfig), "--namespace", namespace)
    with started("lab", *options, env={**os.environ}) as process:
        place = wait_for(process.stdout, "cluster: ")
        wait_for(process.stdout, "lab ready")
        version = place.split("Kubernetes ")[1].split(",")[0]
        yield RealLab(state, process, namespace=namespace, version=version)


@pytest.fixture(scope="module")
def real(token_kubeconfig: Path, findings: list[str]) -> Iterator[RealLab]:
    """A lab in a real cluster, for the tests of this module."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        namespace = f"e2e-{uuid4().hex[:8]}"
        lab = stack.enter_context(_running(token_kubeconfig, state=folder / "lab", namespace=namespace))
        findings.append(f"the whole flow ran against kube-apiserver {lab.version}")
        yield lab


def _children(rest: Rest, namespace: str) -> list[str]:
    return [
        f"{collection.rpartition('/')[2]}/{item['metadata']['name']}"
        for collection in CHILDREN
        for item in rest.call("GET", collection.format(namespace))["items"]
    ]


def _sessions(rest: Rest, namespace: str) -> list[str]:
    answer = rest.call("GET", f"/apis/vdi.kasm.io/v1alpha1/namespaces/{namespace}/vdisessions")
    return [item["metadata"]["name"] for item in answer["items"]]


def test_a_sound_platform_is_a_success(real: RealLab, rest: Rest) -> None:
    """All ten steps against a real API server, by a real browser; nothing is left."""
    done = run_prober("run", "ubuntu-desktop", "--config", str(real.config()), "--output", "json")
    report = report_of(done)
    assert done.returncode == 0, report
    assert [step["name"] for step in report["steps"]] == ORDER
    assert all(step["outcome"] == "success" for step in report["steps"])
    assert report["webrtc"]["frames_per_second"] > 20
    assert report["session"]["namespace"] == real.namespace
    assert _sessions(rest, real.namespace) == []
    assert _children(rest, real.namespace) == []


@pytest.mark.parametrize("name", REPRESENTATIVE)
def test_a_fault_is_named_as_on_the_embedded_api(real: RealLab, rest: Rest, name: str) -> None:
    """Step, layer and reason are the cluster's own in neither case."""
    fault = FAULTS[name]
    assert fault.step is not None
    assert fault.reason is not None
    config = str(real.config(fault=name))
    report = report_of(run_prober("run", "ubuntu-desktop", "--config", config, "--output", "json"))
    found = report.get("step"), report.get("layer"), report.get("reason")
    assert found == (fault.step.value, fault.reason.layer.value, fault.reason.value), report
    session = report["session"]["name"]
    assert (session in _sessions(rest, real.namespace)) == (name == "finalizer_stuck")
    assert _children(rest, real.namespace) == ([f"services/{session}"] if name == "child_left" else [])
    if name == "child_left":
        rest.call("DELETE", f"/api/v1/namespaces/{real.namespace}/services/{session}")
    if name == "finalizer_stuck":
        cured = {"metadata": {"annotations": {"lab.vdi-prober.io/fault": "none"}}}
        path = f"/apis/vdi.kasm.io/v1alpha1/namespaces/{real.namespace}/vdisessions/{session}"
        rest.call("PATCH", path, cured)
        wait_until(lambda: not _sessions(rest, real.namespace))


@pytest.mark.kubectl
def test_kubectl_shows_the_life_of_a_session(real: RealLab, rest: Rest, findings: list[str]) -> None:
    """`kubectl get vdi -w` shows all phases in their order; the object leads to the run that made it."""
    kubectl = [shutil.which("kubectl") or "kubectl", "--kubeconfig", str(real.state / "kubeconfig")]
    with subprocess.Popen([*kubectl, "get", "vdi", "-A", "-w"], text=True, stdout=subprocess.PIPE) as watch:
        assert watch.stdout is not None
        # The watch prints nothing before there is something; kubectl is on long before Python has started.
        with started("run", "ubuntu-desktop", "--config", str(real.config()), "--output", "json") as run:
            wait_until(lambda: _sessions(rest, real.namespace))
            (name,) = _sessions(rest, real.namespace)
            path = f"/apis/vdi.kasm.io/v1alpha1/namespaces/{real.namespace}/vdisessions/{name}"
            marks = rest.call("GET", path)["metadata"]
            printed, _ = run.communicate(timeout=120)
            report = report_of(subprocess.CompletedProcess(run.args, run.returncode, printed, ""))
        watch.send_signal(signal.SIGINT)
        header, *lines = watch.stdout.read().splitlines()
    findings += ["kubectl get vdi -A -w during `prober run`:", header, *lines]
    assert header.split() == ["NAMESPACE", "NAME", "USER", "TEMPLATE", "PHASE", "URL", "AGE"]
    rows = [line.split() for line in lines if line.split()[:2] == [real.namespace, name]]
    phases = [row[4] for row in rows if row[4] in {"Pending", "Creating", "Running", "Terminating"}]
    assert list(dict.fromkeys(phases)) == ["Pending", "Creating", "Running", "Terminating"]
    running = next(row for row in rows if row[4] == "Running")
    assert running[2:4] == ["probe-ubuntu-desktop@example.com", "ubuntu-desktop"]
    assert running[5].startswith("http://127.0.0.1:")
    labels, annotations = marks["labels"], marks["annotations"]
    assert report["session"]["name"] == name
    assert labels["vdi-prober.io/run-id"] == report["run_id"]
    assert labels["vdi-prober.io/target"] == "ubuntu-desktop"
    assert labels["vdi-prober.io/instance"]
    assert datetime.fromisoformat(annotations["vdi-prober.io/deadline"]) > datetime.fromisoformat(report["started_at"])


def test_a_killed_lab_comes_back_then_leaves_nothing(token_kubeconfig: Path, rest: Rest, tmp_path: Path) -> None:
    """After kill -9 the next lab serves the session that was left, then takes everything away at Ctrl-C."""
    namespace = f"e2e-{uuid4().hex[:8]}"
    sessions = f"/apis/vdi.kasm.io/v1alpha1/namespaces/{namespace}/vdisessions"
    body = {
        "apiVersion": "vdi.kasm.io/v1alpha1",
        "kind": "VDISession",
        "metadata": {"name": "left"},
        "spec": {"user": "left@example.com", "template": "ubuntu-desktop", "persistence": {"enabled": False}},
    }

    def url() -> str:
        return str(rest.call("GET", f"{sessions}/left").get("status", {}).get("url", ""))

    with _running(token_kubeconfig, state=tmp_path / "lab", namespace=namespace) as lab:
        rest.call("POST", sessions, body)
        wait_until(url)
        lab.process.kill()
        lab.process.wait(10)
    before = url()
    with _running(token_kubeconfig, state=tmp_path / "lab", namespace=namespace) as lab:
        wait_until(lambda: url() != before)
        lab.process.send_signal(signal.SIGINT)
        assert lab.process.wait(60) == 0
    assert rest.code("GET", f"/api/v1/namespaces/{namespace}") == 404
    assert list((tmp_path / "lab").iterdir()) == []


def test_a_second_lab_is_a_usage_error(real: RealLab, token_kubeconfig: Path, tmp_path: Path) -> None:
    """The namespace is taken: exit code 3, one line that says by whom, what to do."""
    options = ("--state", str(tmp_path / "lab"), "--kubeconfig", str(token_kubeconfig), "--namespace", real.namespace)
    done = run_prober("lab", *options)
    assert done.returncode == 3
    assert f"already serves namespace '{real.namespace}'; end it, or choose another" in done.stderr
    assert str(real.process.pid) in done.stderr
