"""OpenAPI v3: just enough of it for kubectl to validate on the server, or to explain a kind.

`kubectl create` asks here whether a kind's PATCH knows `fieldValidation`, and if so leaves the
validation to the server. https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3
"""

from collections.abc import Mapping
from typing import Any

from prober.lab.kube.catalog import Catalog
from prober.lab.kube.discovery import UNKNOWN_PATH
from prober.lab.kube.errors import PageNotFoundError
from prober.lab.kube.resources import Resource

ROOT = "/openapi/v3"


def index(catalog: Catalog) -> Mapping[str, Any]:
    """Return the document of `/openapi/v3`: where each group's document is."""
    return {"paths": {base: {"serverRelativeURL": f"{ROOT}/{base}"} for base in sorted(map(_base, catalog))}}


def document(base: str, *, catalog: Catalog) -> Mapping[str, Any]:
    """Return the document of one group and version, as `apis/GROUP/VERSION` or `api/v1`.

    Raises:
        PageNotFoundError: the version is not served.
    """
    served = [resource for resource in catalog if _base(resource) == base]
    if not served:
        raise PageNotFoundError(UNKNOWN_PATH)
    return {
        "openapi": "3.0.0",
        "info": {"title": "vdi-prober lab", "version": served[0].version},
        "paths": {_object_path(resource): {"patch": _patch(resource)} for resource in served},
        "components": {"schemas": {_schema_name(resource): _schema(resource) for resource in served}},
    }


def _base(resource: Resource) -> str:
    return f"apis/{resource.api_version}" if resource.group else f"api/{resource.version}"


def _object_path(resource: Resource) -> str:
    scope = "namespaces/{namespace}/" if resource.namespaced else ""
    return f"/{_base(resource)}/{scope}{resource.plural}/{{name}}"


def _patch(resource: Resource) -> Mapping[str, Any]:
    options = ("dryRun", "fieldValidation")
    return {
        "parameters": [{"name": name, "in": "query", "schema": {"type": "string"}} for name in options],
        "responses": {"200": {"description": "OK"}},
        "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": _type(resource),
    }


def _schema(resource: Resource) -> Mapping[str, Any]:
    return {**resource.schema, "x-kubernetes-group-version-kind": [_type(resource)]}


def _schema_name(resource: Resource) -> str:
    reversed_group = ".".join(reversed((resource.group or "core").split(".")))
    return f"{reversed_group}.{resource.version}.{resource.kind}"


def _type(resource: Resource) -> Mapping[str, str]:
    return {"group": resource.group, "version": resource.version, "kind": resource.kind}
