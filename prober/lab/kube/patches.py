"""Patch formats: pure functions from a document to the patched document.

- JSON patch, RFC 6902, with the pointers of RFC 6901.
- JSON merge patch, RFC 7396.
- Strategic merge patch of built-in resources: a merge patch in which lists of known names are merged by a key
  (https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply); its `$` directives are refused.

No function changes its arguments.
"""

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from prober.lab.kube.errors import BadRequestError, InvalidError

_MERGE_KEYS: Mapping[str, tuple[str, ...]] = {
    # The patchMergeKey tags of k8s.io/api/core/v1/types.go, for lists that the lab's objects have.
    "conditions": ("type",),
    "containers": ("name",),
    "env": ("name",),
    "initContainers": ("name",),
    "ownerReferences": ("uid",),
    "ports": ("containerPort", "port"),
    "volumeMounts": ("mountPath",),
    "volumes": ("name",),
}
_SETS = frozenset({"finalizers"})  # lists of plain values that are united instead of replaced
_INDEX = re.compile(r"^(0|[1-9][0-9]*)$")
_REJECTED = "the server rejected our request due to an error in our request"


def merge_patch(target: Any, *, patch: Any) -> Any:
    """Apply a JSON merge patch: null removes, objects merge, everything else replaces."""
    if not isinstance(patch, Mapping):
        return copy.deepcopy(patch)
    result = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), patch=value)
    return result


def strategic_merge_patch(target: Any, *, patch: Any, field: str = "") -> Any:
    """Apply a strategic merge patch to the value of a field.

    Raises:
        BadRequestError: the patch holds a directive, such as `$patch`.
    """
    if isinstance(patch, Sequence) and not isinstance(patch, str):
        return _merged_list(target or [], patch=patch, field=field)
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if key.startswith("$"):
            raise BadRequestError(f"the directive {key} of strategic merge patches is not served")
        if value is None:
            result.pop(key, None)
        else:
            result[key] = strategic_merge_patch(result.get(key), patch=value, field=key)
    return result


def json_patch(target: Any, *, patch: Any) -> Any:
    """Apply a JSON patch as a whole.

    Raises:
        BadRequestError: the patch is not a list of operations.
        InvalidError: a `test` failed, or an operation is unknown or has nothing to work on.
    """
    if not isinstance(patch, list) or not all(isinstance(item, Mapping) for item in patch):
        raise BadRequestError("a JSON patch must be a list of operations")
    result = copy.deepcopy(target)
    for item in patch:
        operation = _OPERATIONS.get(str(item.get("op")))
        if operation is None:
            raise InvalidError(_REJECTED)
        result = operation(result, item)
    return result


def _merged_list(target: Sequence[Any], *, patch: Sequence[Any], field: str) -> list[Any]:
    if field in _SETS:
        return list(dict.fromkeys([*target, *patch]))
    keys = _MERGE_KEYS.get(field, ())
    key = next((key for key in keys if all(key in item for item in patch)), None)
    if key is None:
        return copy.deepcopy(list(patch))
    merged = {item.get(key): item for item in target}
    for item in patch:
        merged[item[key]] = strategic_merge_patch(merged.get(item[key]), patch=item)
    return list(merged.values())


def _tokens(item: Mapping[str, Any], *, member: str = "path") -> list[str]:
    pointer = item.get(member)
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
        raise InvalidError(_REJECTED)
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def _value(item: Mapping[str, Any]) -> Any:
    if "value" not in item:
        raise BadRequestError(f"the operation {item['op']} of a JSON patch needs a value")
    return copy.deepcopy(item["value"])


def _child(parent: Any, *, token: str) -> Any:
    if isinstance(parent, dict) and token in parent:
        return parent[token]
    if isinstance(parent, list) and _INDEX.match(token) and int(token) < len(parent):
        return parent[int(token)]
    raise InvalidError(_REJECTED)


def _find(document: Any, *, tokens: Sequence[str]) -> Any:
    for token in tokens:
        document = _child(document, token=token)
    return document


def _added(document: Any, *, tokens: Sequence[str], value: Any) -> Any:
    if not tokens:
        return value
    parent, last = _find(document, tokens=tokens[:-1]), tokens[-1]
    if isinstance(parent, dict):
        parent[last] = value
    elif isinstance(parent, list) and last == "-":
        parent.append(value)
    elif isinstance(parent, list) and _INDEX.match(last) and int(last) <= len(parent):
        parent.insert(int(last), value)
    else:
        raise InvalidError(_REJECTED)
    return document


def _removed(document: Any, *, tokens: Sequence[str]) -> Any:
    if not tokens:
        return None
    parent, last = _find(document, tokens=tokens[:-1]), tokens[-1]
    _child(parent, token=last)
    del parent[int(last) if isinstance(parent, list) else last]
    return document


def _add(document: Any, item: Mapping[str, Any]) -> Any:
    return _added(document, tokens=_tokens(item), value=_value(item))


def _remove(document: Any, item: Mapping[str, Any]) -> Any:
    return _removed(document, tokens=_tokens(item))


def _replace(document: Any, item: Mapping[str, Any]) -> Any:
    document = _removed(document, tokens=_tokens(item))
    return _added(document, tokens=_tokens(item), value=_value(item))


def _move(document: Any, item: Mapping[str, Any]) -> Any:
    source = _tokens(item, member="from")
    value = _find(document, tokens=source)
    return _added(_removed(document, tokens=source), tokens=_tokens(item), value=value)


def _copy(document: Any, item: Mapping[str, Any]) -> Any:
    value = copy.deepcopy(_find(document, tokens=_tokens(item, member="from")))
    return _added(document, tokens=_tokens(item), value=value)


def _test(document: Any, item: Mapping[str, Any]) -> Any:
    if _find(document, tokens=_tokens(item)) != _value(item):
        raise InvalidError(_REJECTED)
    return document


_OPERATIONS: Mapping[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "add": _add,
    "copy": _copy,
    "move": _move,
    "remove": _remove,
    "replace": _replace,
    "test": _test,
}
