"""Where the binaries of a control plane are."""

import os
import shutil
from pathlib import Path

BUILT = Path(__file__).parents[2] / ".tools" / "bin"
"""Where `make tools` builds them."""

CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager")

ADVICE = (
    "no Kubernetes: `make tools` builds one (needs Go), or name a folder of binaries with KUBEBUILDER_ASSETS, "
    "or a cluster for tests with PROBER_TEST_KUBECONFIG"
)


def find(name: str) -> Path | None:
    """Returns a binary: that of KUBEBUILDER_ASSETS, else our own, else that of PATH."""
    folders = [os.environ.get("KUBEBUILDER_ASSETS", ""), str(BUILT), os.environ.get("PATH", "")]
    found = shutil.which(name, path=os.pathsep.join(folder for folder in folders if folder))
    return Path(found) if found else None


def has_control_plane() -> bool:
    """Tells whether a control plane can be started."""
    return all(find(name) for name in CONTROL_PLANE)


def foreign_kubeconfig() -> Path | None:
    """Returns the kubeconfig of the cluster that tests shall use instead of one of their own."""
    path = os.environ.get("PROBER_TEST_KUBECONFIG")
    return Path(path) if path else None
