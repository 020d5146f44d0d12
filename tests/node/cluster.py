"""What the tests of the installed chart do to their cluster, as its administrator would: with kubectl and Helm."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import helm_python
import pytest
import yaml

from tests.cluster import parts
from tests.cluster.parts import find
from tests.helm.rendering import CHART

_Found = TypeVar("_Found")

ROOT = Path(__file__).parents[2]

SCRIPTS = Path(__file__).parent / "cluster"
KUBECONFIG = ROOT / ".tools" / "cluster" / "admin.kubeconfig"
UNTOUCHED = 3
"""How up.sh ends where it must not change the host: there is a Kubernetes already."""

ADDRESS = "10.250.0.1"
"""The host's address that Pods reach: on loopback, of this host alone."""

SESSIONS, PROBING = "vdi", "probing"
RELEASE, NAME = "probe", "probe-vdi-prober"
SERVICE = "app.kubernetes.io/component=service"


def kubectl(*arguments: str, stdin: str | None = None, check: bool = True) -> str:
    """Returns what kubectl says on standard output.

    Raises:
        AssertionError: It failed, and `check` is set.
    """
    program = find("kubectl")
    assert program is not None, "no kubectl: `make tools` builds it"
    done = subprocess.run(
        [program, "--kubeconfig", KUBECONFIG, *arguments], check=False, capture_output=True, text=True, input=stdin
    )
    assert not check or done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def objects(kind: str, *arguments: str) -> list[dict[str, Any]]:
    """Returns objects of a kind."""
    found: list[dict[str, Any]] = json.loads(kubectl("get", kind, *arguments, "-o", "json"))["items"]
    return found


def sessions() -> list[str]:
    """Returns the names of the VDISessions that there are."""
    return [session["metadata"]["name"] for session in objects("vdisessions", "-n", SESSIONS)]


def prober_pods() -> list[dict[str, Any]]:
    """Returns the prober's Pods, those that are ending included."""
    return objects("pods", "-n", PROBING, "-l", SERVICE)


def events(name: str, *, pod: str | None = None) -> list[dict[str, Any]]:
    """Returns the prober's log events of a name."""
    pods = [pod] if pod else [pod["metadata"]["name"] for pod in prober_pods()]
    lines = [line for one in pods for line in kubectl("logs", one, "-n", PROBING, check=False).splitlines()]
    found = [json.loads(line) for line in lines if line.startswith("{")]
    return [event for event in found if event["event"] == name]


def wait_for(what: str, found: Callable[[], _Found], *, within_s: float) -> _Found:
    """Returns what is found as soon as it is.

    Raises:
        AssertionError: It was not in time.
    """
    deadline = time.monotonic() + within_s
    while not (value := found()):
        assert time.monotonic() < deadline, f"{what}: not within {within_s:g} s"
        time.sleep(0.25)
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The chart, installed."""

    helm: helm_python.Config
    values: dict[str, Any]

    def upgrade(self, **changes: Any) -> None:
        """Upgrades to other values; returns when the new Pod is ready."""
        self.helm.upgrade(CHART, RELEASE, self.values | changes, namespace=PROBING, wait="watcher", timeout=180)


def helm() -> helm_python.Config:
    """Returns Helm's access to the cluster."""
    return helm_python.Config(kubeconfig_path=KUBECONFIG, namespace=PROBING)


def values(*, password: Path, fault: str = "none") -> dict[str, Any]:
    """Returns the values that probe the lab with the image of this machine.

    Args:
        password: A file with the desktops' password, which a Secret of the cluster has too.
        fault: One of the lab's, for the sessions of these values.
    """
    assert password.is_file()
    target = {
        "name": "ubuntu-desktop",
        "schedule": {"every": "1m15s"},
        "session": {
            "cluster": "here",
            "namespace": SESSIONS,
            "user": "probe-ubuntu@example.com",
            "template": "ubuntu-desktop",
            "timeout": "5m",
            "annotations": {"lab.vdi-prober.io/fault": fault},
        },
        "client": "generic",
        "url": {"schemes": ["http"], "hosts": [ADDRESS]},
        "access": {"basic": {"username": "probe", "password": {"env": "PROBE_PASSWORD"}}},
        "stream": {"window": "4s", "settle": "1s"},
        "input": {"repetitions": 3},
        "budgets": {
            "create": "3s",
            "running": "10s",
            "url": "4s",
            "login": "8s",
            "connect": "8s",
            "first_frame": "8s",
            "stream": "4s",
            "input": "6s",
            "terminate": "8s",
            "cleanup": "8s",
        },
    }
    return {
        "image": {"registry": "vdi-prober.io", "repository": "vdi-prober", "pullPolicy": "Never"},
        "config": {"clusters": {"here": {"in_cluster": True}}, "targets": [target], "shutdown_grace": "40s"},
        "secretEnv": {"PROBE_PASSWORD": {"name": "vdi-probe", "key": "password"}},
        "podDisruptionBudget": {"enabled": True},
        "networkPolicy": {"enabled": True},
    }


def up() -> None:
    """Starts the cluster."""
    images = KUBECONFIG.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    link = images / parts.image.name
    link.unlink(missing_ok=True)
    os.link(parts.image, link)
    for script in ("parts.sh", "up.sh"):
        done = subprocess.run([SCRIPTS / script], check=False, capture_output=True, text=True)
        if done.returncode:
            if done.returncode != UNTOUCHED:
                down()
            pytest.fail(f"{script}: {done.stdout[-2000:]}{done.stderr[-2000:]}", pytrace=False)


def down() -> None:
    """Ends it."""
    subprocess.run([SCRIPTS / "down.sh"], check=True, capture_output=True)


def restricted_namespace(name: str) -> None:
    """Makes a namespace in which the Pod Security Standard `restricted` is enforced."""
    metadata = {"name": name, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}
    kubectl("apply", "-f", "-", stdin=yaml.safe_dump({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}))
