"""The `defaults` section, laid under each target.

Mappings are merged, everything else is replaced by what the target says. Two exceptions keep the result what its
writer meant: an empty mapping replaces too (`access: {}` opens a target where the defaults have a login), and where
only one of several keys may stand, the target's choice drops the defaults' choice.
"""

from typing import Any

_CHOICES = (
    frozenset({"name", "all", "selector"}),
    frozenset({"every", "cron"}),
    frozenset({"env", "file", "kubernetes_secret"}),
)
"""Keys of which a mapping may have one."""


def lay_under_targets(data: dict[str, Any]) -> dict[str, Any]:
    """Returns the file's data with the defaults in every target; parts of a wrong type stay as they are."""
    defaults, targets = data.get("defaults"), data.get("targets")
    if not isinstance(defaults, dict) or not isinstance(targets, list):
        return data
    merged = [_merge(defaults, target) if isinstance(target, dict) else target for target in targets]
    return {**data, "targets": merged}


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = {key: value for key, value in below.items() if not _chosen_otherwise(key, above)}
    for key, value in above.items():
        lower = merged.get(key)
        both = isinstance(lower, dict) and isinstance(value, dict) and value
        merged[key] = _merge(lower, value) if both and isinstance(lower, dict) else value
    return merged


def _chosen_otherwise(key: str, above: dict[str, Any]) -> bool:
    return any(key in choice and choice & above.keys() for choice in _CHOICES)
