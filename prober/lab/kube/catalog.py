"""The catalogue of served resources: the built-in ones plus those that CRDs define."""

from collections.abc import Iterable, Iterator
from itertools import chain

from prober.lab.kube.errors import Cause
from prober.lab.kube.resources import BUILT_IN, Obj, Resource, defined_by

CRD_FINALIZER = "customresourcecleanup.apiextensions.k8s.io"
"""Holds a CustomResourceDefinition until its last custom object is gone."""


class Catalog:
    """Finds resources by what a request says; grows or shrinks with the CRDs."""

    def __init__(self, built_in: Iterable[Resource] = BUILT_IN) -> None:
        self._built_in = tuple(built_in)
        self._custom: dict[str, Resource] = {}

    def __iter__(self) -> Iterator[Resource]:
        return chain(self._built_in, self._custom.values())

    def find(self, plural: str, *, group: str, version: str) -> Resource | None:
        """Return the resource behind a path, `None` if nothing is served there."""
        for resource in self:
            if (resource.plural, resource.group, resource.version) == (plural, group, version):
                return resource
        return None

    def has_built_in(self, group: str) -> bool:
        """Tell whether an API group is the server's own, whatever CRDs there are."""
        return any(resource.group == group for resource in self._built_in)

    def groups(self) -> dict[str, list[str]]:
        """Return the versions of each API group, the core group left out."""
        groups: dict[str, list[str]] = {}
        for resource in self:
            versions = groups.setdefault(resource.group, [])
            if resource.version not in versions:
                versions.append(resource.version)
        groups.pop("", None)
        return groups

    def serve(self, crd: Obj) -> None:
        """Serve what a CustomResourceDefinition defines, in place of what it defined before."""
        self._custom[crd["metadata"]["name"]] = defined_by(crd)

    def withdraw(self, crd: Obj) -> None:
        """Serve no longer what a CustomResourceDefinition defines."""
        self._custom.pop(crd["metadata"]["name"], None)


def misnamed(crd: Obj) -> list[Cause]:
    """Return a cause if a CustomResourceDefinition is not named after what it defines."""
    name = crd["metadata"]["name"]
    expected = f"{crd['spec']['names']['plural']}.{crd['spec']['group']}"
    if name == expected:
        return []
    why = 'must be spec.names.plural+"."+spec.group'
    return [Cause.invalid("metadata.name", value=f'"{name}"', why=why)]


def establish(crd: Obj) -> None:
    """Fill in place what the API server itself writes into a CustomResourceDefinition."""
    now = crd["metadata"]["creationTimestamp"]
    names = crd["spec"]["names"]
    names.setdefault("singular", names["kind"].lower())
    names.setdefault("listKind", f"{names['kind']}List")
    crd["metadata"].setdefault("finalizers", []).append(CRD_FINALIZER)
    conditions = {
        "NamesAccepted": ("NoConflicts", "no conflicts found"),
        "Established": ("InitialNamesAccepted", "the initial names have been accepted"),
    }
    crd["status"] = {
        "acceptedNames": dict(names),
        "storedVersions": [v["name"] for v in crd["spec"]["versions"] if v.get("storage")],
        "conditions": [
            {
                "type": kind,
                "status": "True",
                "reason": reason,
                "message": message,
                "lastTransitionTime": now,
            }
            for kind, (reason, message) in conditions.items()
        ],
    }
