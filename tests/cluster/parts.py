"""Where the binaries of a control plane are."""

import os
import shutil
from pathlib import Path

import pytest

BUILT = Path(__file__).parents[2] / ".tools" / "bin"
"""Where `make tools` builds them."""

FINDINGS = pytest.StashKey[list[str]]()
"""Lines that a test run shows at its end: versions, measurements, tables."""

CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager")

NODE = (*CONTROL_PLANE, "kube-scheduler", "kube-proxy", "kubelet", "kubectl")

image = BUILT.parent / "images" / "vdi-prober.tar"
"""The image of this checkout, as `.ci/image` leaves it."""


def advice() -> str:
    """Says what is missing, and how to get it."""
    missing = ", ".join(name for name in CONTROL_PLANE if not find(name))
    if assets := os.environ.get("KUBEBUILDER_ASSETS"):
        return f"KUBEBUILDER_ASSETS={assets} has no {missing}; without the variable `make tools` builds all (needs Go)"
    return (
        f"no {missing}: `make tools` builds them (needs Go 1.24 or newer), or name a folder of binaries with "
        "KUBEBUILDER_ASSETS, or a cluster for tests with PROBER_TEST_KUBECONFIG"
    )


def find(name: str) -> Path | None:
    """Returns a binary of KUBEBUILDER_ASSETS where that is set, else our own, else that of PATH."""
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    found = shutil.which(name, path=assets or os.pathsep.join([str(BUILT), os.environ.get("PATH", "")]))
    return Path(found) if found else None


def has_control_plane() -> bool:
    """Tells whether a control plane can be started."""
    return all(find(name) for name in CONTROL_PLANE)


def has_node() -> bool:
    """Tells whether a cluster whose Pods run can be started: the host's network and cgroups change for it."""
    return all(find(name) for name in NODE) and os.geteuid() == 0 and shutil.which("buildah") is not None


def foreign_kubeconfig() -> Path | None:
    """Returns the kubeconfig of the cluster that tests shall use instead of one of their own."""
    path = os.environ.get("PROBER_TEST_KUBECONFIG")
    return Path(path) if path else None
