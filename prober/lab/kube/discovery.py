"""Discovery: the documents that tell clients what is served.

https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api. The aggregated form is
not served; clients then fall back to these documents.
"""

import platform
from collections.abc import Mapping, Sequence
from typing import Any

from prober.lab.kube.catalog import Catalog
from prober.lab.kube.errors import PageNotFoundError
from prober.lab.kube.resources import VERBS, Resource

MINOR_VERSION = 34
"""The release of Kubernetes whose semantics are served: 1.34, against which the contract suite was held."""

REVIEW_GROUP = "authorization.k8s.io"
REVIEW_KIND = "SelfSubjectAccessReview"
REVIEW_PLURAL = "selfsubjectaccessreviews"
UNKNOWN_PATH = "the server could not find the requested resource"


def version() -> Mapping[str, Any]:
    """Return the document of `/version`."""
    return {
        "major": "1",
        "minor": str(MINOR_VERSION),
        "gitVersion": f"v1.{MINOR_VERSION}.0+vdi-lab",
        "platform": f"{platform.system().lower()}/{platform.machine()}",
    }


def core_versions(address: str) -> Mapping[str, Any]:
    """Return the document of `/api`; the address is the server's `host:port`."""
    return {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}],
    }


def group_list(catalog: Catalog) -> Mapping[str, Any]:
    """Return the document of `/apis`."""
    groups = _groups(catalog)
    return {
        "kind": "APIGroupList",
        "apiVersion": "v1",
        "groups": [_group(name, versions=versions) for name, versions in groups.items()],
    }


def group(name: str, *, catalog: Catalog) -> Mapping[str, Any]:
    """Return the document of `/apis/GROUP`.

    Raises:
        PageNotFoundError: the group is not served.
    """
    versions = _groups(catalog).get(name)
    if versions is None:
        raise PageNotFoundError(UNKNOWN_PATH)
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name, versions=versions)}


def resource_list(group_name: str, *, version_name: str, catalog: Catalog) -> Mapping[str, Any]:
    """Return the document of `/apis/GROUP/VERSION`, or of `/api/v1` for the empty group.

    Raises:
        PageNotFoundError: the version is not served.
    """
    entries = [
        entry
        for resource in catalog
        if (resource.group, resource.version) == (group_name, version_name)
        for entry in _entries(resource)
    ]
    if (group_name, version_name) == (REVIEW_GROUP, "v1"):
        entries = [_review_entry()]
    if not entries:
        raise PageNotFoundError(UNKNOWN_PATH)
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{group_name}/{version_name}" if group_name else version_name,
        "resources": entries,
    }


def review() -> dict[str, Any]:
    """Return the answer to every question whether something is allowed."""
    return {
        "kind": REVIEW_KIND,
        "apiVersion": f"{REVIEW_GROUP}/v1",
        "status": {"allowed": True, "reason": "every user of the lab may do everything"},
    }


def _groups(catalog: Catalog) -> dict[str, list[str]]:
    return {**catalog.groups(), REVIEW_GROUP: ["v1"]}


def _group(name: str, *, versions: Sequence[str]) -> dict[str, Any]:
    listed = [{"groupVersion": f"{name}/{one}", "version": one} for one in versions]
    return {"name": name, "versions": listed, "preferredVersion": listed[0]}


def _entries(resource: Resource) -> list[dict[str, Any]]:
    entry = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(VERBS),
    }
    if resource.short_names:
        entry["shortNames"] = list(resource.short_names)
    if not resource.status:
        return [entry]
    status = {
        "name": f"{resource.plural}/status",
        "singularName": "",
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": ["get", "patch", "update"],
    }
    return [entry, status]


def _review_entry() -> dict[str, Any]:
    return {
        "name": REVIEW_PLURAL,
        "singularName": REVIEW_KIND.lower(),
        "namespaced": False,
        "kind": REVIEW_KIND,
        "verbs": ["create"],
    }
