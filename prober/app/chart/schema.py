"""values.schema.json: what Helm holds a user's values against before anything is rendered."""

import re
from typing import Any

from prober.app.chart.values import Value
from prober.app.config.schema import json_schema

_SECRET_KEY = {
    "type": "object",
    "required": ["name", "key"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "key": {"type": "string", "minLength": 1},
        "optional": {"type": "boolean"},
    },
}

_SCALARS: dict[tuple[str, ...], dict[str, Any]] = {
    ("image", "pullPolicy"): {"enum": ["Always", "IfNotPresent", "Never"]},
    ("image", "digest"): {"type": "string", "pattern": "^$|^sha256:[0-9a-f]{64}$"},
    ("podDisruptionBudget", "maxUnavailable"): {"type": ["integer", "string"]},
    ("service", "type"): {"enum": ["ClusterIP", "NodePort", "LoadBalancer"]},
}

_LOOKAHEAD = re.compile(r"\(\?[=!](?:[^()]|\([^()]*\))*\)")

_ELEMENTS = {
    ("networkPolicy", "tcpPorts"): {"type": "integer", "minimum": 1, "maximum": 65535},
    ("networkPolicy", "turnPorts"): {"type": "integer", "minimum": 1, "maximum": 65535},
    ("networkPolicy", "mediaPorts"): {"type": "integer", "minimum": 1, "maximum": 65535},
    ("imagePullSecrets",): {"type": "string", "minLength": 1},
    ("test", "targets"): {"type": "string", "minLength": 1},
    ("extraArgs",): {"type": "string"},
    ("extraManifests",): {"type": ["object", "string"]},
}


def values_schema(values: list[Value]) -> dict[str, Any]:
    """Returns the JSON Schema of the values; unknown keys are refused, and `config` is the prober's own schema."""
    configuration = _without_lookaheads(json_schema())
    definitions = configuration.pop("$defs", {})
    for key in ("$schema", "$id", "required"):
        # Without targets the template says what is missing, in more words than a schema has.
        configuration.pop(key, None)
    root: dict[str, Any] = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Values of the chart vdi-prober",
        "type": "object",
        "additionalProperties": False,
        "properties": {},
        "$defs": definitions,
    }
    for value in values:
        place = root
        for name in value.path[:-1]:
            place = place["properties"][name]
        if "properties" not in place or "configuration" in place.get("$comment", ""):
            continue  # within a mapping that is open, or the prober's own
        if "configuration" in value.marks:
            place["properties"][value.path[-1]] = configuration | {"$comment": "configuration"}
        else:
            place["properties"][value.path[-1]] = _described(value)
    # As every chart may have it; Helm passes it down to charts within charts.
    root["properties"]["global"]["additionalProperties"] = True
    return root


def _described(value: Value) -> dict[str, Any]:
    schema = _typed(value)
    return schema | {"description": value.text} if value.text else schema


def _typed(value: Value) -> dict[str, Any]:
    default = value.default
    if "secret-keys" in value.marks:
        return {
            "type": "object",
            "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
            "additionalProperties": _SECRET_KEY,
        }
    if isinstance(default, dict):
        if not default or "open" in value.marks:
            return {"type": ["object", "null"] if value.path[-1].endswith("Probe") else "object"}
        return {"type": "object", "additionalProperties": False, "properties": {}}
    if isinstance(default, list):
        pair = {"minItems": 2, "maxItems": 2} if value.path == ("networkPolicy", "mediaPorts") else {}
        return {"type": "array", "items": _ELEMENTS.get(value.path, {"type": ["object", "string"]}), **pair}
    kinds = {bool: "boolean", int: "integer", str: "string", type(None): ["integer", "null"]}
    return _SCALARS.get(value.path, {"type": kinds[type(default)]})


def _without_lookaheads(schema: Any) -> Any:
    """Returns a schema whose patterns Go can read; what a lookahead refused, the prober refuses at its start."""
    if isinstance(schema, dict):
        return {_LOOKAHEAD.sub("", key): _without_lookaheads(value) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_without_lookaheads(value) for value in schema]
    return _LOOKAHEAD.sub("", schema) if isinstance(schema, str) else schema
