"""A real cluster with a kubelet, the lab as its VDI platform, the chart installed with the image that was built."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import parts
from tests.helm.rendering import CHART
from tests.node import cluster


@pytest.fixture(scope="session")
def told(pytestconfig: pytest.Config) -> list[str]:
    """Lines that the test run shows at its end."""
    return pytestconfig.stash.setdefault(parts.FINDINGS, [])


@pytest.fixture(scope="package")
def node(told: list[str]) -> Iterator[Path]:
    """The cluster; its administrator's kubeconfig."""
    began = time.monotonic()
    cluster.up()
    try:
        told.append(f"a cluster with a kubelet was up in {time.monotonic() - began:.0f} s, the image imported")
        yield cluster.KUBECONFIG
    finally:
        cluster.down()


@pytest.fixture(scope="package")
def platform(node: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The lab's operator and desktops outside the Pods; the file with the desktops' password."""
    state = tmp_path_factory.mktemp("lab")
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "prober",
        "lab",
        "--state",
        state,
        "--kubeconfig",
        node,
        "--address",
        cluster.ADDRESS,
    ]
    log = state.with_suffix(".log")
    with log.open("w") as output:
        lab = subprocess.Popen(command, stdout=output, stderr=output, cwd=cluster.ROOT)
    try:
        cluster.wait_for("the lab", lambda: "lab ready" in log.read_text() or lab.poll() is not None, within_s=90)
        assert lab.poll() is None, log.read_text()
        yield state / "desktop-password"
    finally:
        lab.terminate()
        try:
            lab.wait(60)
        except subprocess.TimeoutExpired:
            lab.kill()
            lab.wait()


@pytest.fixture(scope="package")
def release(platform: Path, told: list[str]) -> Iterator[cluster.Release]:
    """The chart, installed; whoever uninstalls it does so at the end."""
    cluster.restricted_namespace(cluster.PROBING)
    cluster.kubectl(
        "create", "secret", "generic", "vdi-probe", "-n", cluster.PROBING, f"--from-file=password={platform}"
    )
    with cluster.helm() as helm:
        values = cluster.values(password=platform)
        began = time.monotonic()
        helm.install(CHART, cluster.RELEASE, values, namespace=cluster.PROBING, wait="watcher", timeout=180)
        told.append(f"helm install to ready: {time.monotonic() - began:.1f} s")
        yield cluster.Release(helm=helm, values=values)
