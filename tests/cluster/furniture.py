"""What tests bring into a cluster: the platform's kinds, namespaces, accounts with a role of their own."""

import time
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from tests.cluster.rest import Rest

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
SERVED_S = 30
"""How long a new kind may take to be served, in seconds."""

Rule = Mapping[str, Sequence[str]]
"""A PolicyRule of RBAC."""


def install_crds(rest: Rest) -> None:
    """Makes the platform's kinds known, unless they are; returns when they are served."""
    files = resources.files("prober.lab.kube").joinpath("crds").iterdir()
    crds = [yaml.safe_load(file.read_text()) for file in files if file.name.endswith(".yaml")]
    for crd in crds:
        rest.code("POST", CRDS, crd)
    for path in [f"{CRDS}/{crd['metadata']['name']}" for crd in crds]:
        wait_for(partial(_established, rest, path), what=path)


def make_namespace(rest: Rest, name: str) -> None:
    """Makes a namespace with its default account, without which no Pod is accepted.

    The controller manager would make the account too, but after an outage of the API server its informers back off
    for up to a minute: 30 s doubled by jitter.
    """
    rest.call("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    accounts = f"/api/v1/namespaces/{name}/serviceaccounts"
    made = rest.code("POST", accounts, {"metadata": {"name": "default"}})
    assert made in (200, 409), f"{accounts}/default could not be made: {made}"


def remove_namespace(rest: Rest, name: str) -> None:
    """Asks for a namespace's deletion, which nobody waits for."""
    rest.code("DELETE", f"/api/v1/namespaces/{name}")


def make_account(
    rest: Rest, *, name: str, namespace: str, rules: Sequence[Rule], cluster_rules: Sequence[Rule] = ()
) -> str:
    """Makes a ServiceAccount with these permissions; returns a token of it."""
    metadata = {"name": name}
    subject = {"kind": "ServiceAccount", "name": name, "namespace": namespace}
    rest.call("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts", {"metadata": metadata})
    within = f"{RBAC}/namespaces/{namespace}"
    rest.call("POST", f"{within}/roles", {"metadata": metadata, "rules": list(rules)})
    rest.call("POST", f"{within}/rolebindings", _binding(metadata, subject, kind="Role"))
    if cluster_rules:
        # What is owned by the namespace goes with it: nobody else would take these rights away.
        uid = rest.call("GET", f"/api/v1/namespaces/{namespace}")["metadata"]["uid"]
        owner = {"apiVersion": "v1", "kind": "Namespace", "name": namespace, "uid": uid}
        unique = {"name": f"{namespace}-{name}", "ownerReferences": [owner]}
        rest.call("POST", f"{RBAC}/clusterroles", {"metadata": unique, "rules": list(cluster_rules)})
        rest.call("POST", f"{RBAC}/clusterrolebindings", _binding(unique, subject, kind="ClusterRole"))
    request = {"spec": {"expirationSeconds": 3600}}
    answer = rest.call("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token", request)
    return str(answer["status"]["token"])


def token_kubeconfig(path: Path, *, server: str, ca_pem: str, token: str, namespace: str) -> Path:
    """Writes a kubeconfig with a token."""
    cluster = {"server": server, "certificate-authority-data": b64encode(ca_pem.encode()).decode()}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": "test", "user": {"token": token}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test", "namespace": namespace}}],
    }
    path.write_text(yaml.safe_dump(content))
    path.chmod(0o600)
    return path


def wait_for(holds: Callable[[], object], *, what: str, within_s: float = SERVED_S) -> None:
    """Waits for what nothing announces."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, f"{what} was not ready within {within_s:g} s"
        time.sleep(0.05)  # as above


def _established(rest: Rest, path: str) -> bool:
    conditions = rest.call("GET", path).get("status", {}).get("conditions") or ()
    return any(condition["type"] == "Established" and condition["status"] == "True" for condition in conditions)


def _binding(metadata: Mapping[str, Any], subject: Mapping[str, str], *, kind: str) -> dict[str, Any]:
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": metadata["name"]}
    return {"metadata": metadata, "subjects": [subject], "roleRef": reference}
