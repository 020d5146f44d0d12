"""What requests ask for, in the words of roles."""

from collections.abc import Iterable

from prober.adapters.kubernetes.permissions import Permission

Use = tuple[str, str, str]
"""API group, resource with its subresource, verb."""

_OBJECT_VERBS = {"GET": "get", "DELETE": "delete", "PUT": "update", "PATCH": "patch"}
_COLLECTION_VERBS = {"GET": "list", "WATCH": "watch", "POST": "create", "DELETE": "deletecollection"}


def use_of(request: str) -> Use | None:
    """Returns what a request "METHOD path" asks for; `None` for a discovery document."""
    method, path = request.split()
    match path.strip("/").split("/"):
        case ["api", _, *rest]:
            group = ""
        case ["apis", group, _, *rest]:
            pass
        case _:
            return None
    if rest[:1] == ["namespaces"]:
        rest = rest[2:]
    match rest:
        case []:
            return None
        case [plural]:
            return group, plural, _COLLECTION_VERBS[method]
        case [plural, _, *subresource]:
            return group, "/".join([plural, *subresource]), _OBJECT_VERBS[method]
        case _:
            raise AssertionError(request)


def uses_of(requests: Iterable[str]) -> set[Use]:
    """Returns what requests ask for, discovery documents left out."""
    return {use for use in map(use_of, requests) if use is not None}


def granted(rows: Iterable[Permission]) -> set[Use]:
    """Returns what permissions allow to ask for."""
    return {(row.resource.group, row.kind, row.verb) for row in rows}
