"""Structural schemas: prunes, defaults, validates an object by its resource's OpenAPI v3 schema.

Follows https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/.
OpenAPI 3.0 is JSON Schema draft 4 with `nullable`, so that is how it is validated. The causes of a
violation use the words of a real API server.
"""

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jsonschema
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator

from prober.lab.kube.errors import Cause
from prober.lab.kube.resources import Obj

_ALWAYS_KNOWN = ("apiVersion", "kind", "metadata")
_PRESERVE = "x-kubernetes-preserve-unknown-fields"

_RULES: Mapping[str, str] = {
    # k8s.io/kube-openapi/pkg/validation/errors/schema.go
    "pattern": "should match '{rule}'",
    "minimum": "should be greater than or equal to {rule}",
    "maximum": "should be less than or equal to {rule}",
    "minLength": "should be at least {rule} chars long",
    "maxLength": "should be at most {rule} chars long",
    "minItems": "should have at least {rule} items",
    "maxItems": "should have at most {rule} items",
}
_JSON_TYPES: Mapping[type, str] = {
    bool: "boolean",
    dict: "object",
    float: "number",
    int: "integer",
    list: "array",
    str: "string",
    type(None): "null",
}


def prune(obj: Obj, *, schema: Mapping[str, Any]) -> list[str]:
    """Remove in place what the schema does not know; return the removed paths."""
    known = dict(schema)
    known["properties"] = {
        **schema.get("properties", {}),
        **{name: {_PRESERVE: True} for name in _ALWAYS_KNOWN},
    }
    return list(_prune(obj, known, ""))


def apply_defaults(value: Any, *, schema: Mapping[str, Any]) -> None:
    """Fill in place what is absent and has a default."""
    if isinstance(value, list):
        for item in value:
            apply_defaults(item, schema=schema.get("items", {}))
    elif isinstance(value, dict):
        for name, rule in schema.get("properties", {}).items():
            replaceable_null = value.get(name) is None and not rule.get("nullable")
            if "default" in rule and replaceable_null:
                value[name] = copy.deepcopy(rule["default"])
            if name in value:
                apply_defaults(value[name], schema=rule)
        extra = schema.get("additionalProperties")
        if isinstance(extra, Mapping):
            for item in value.values():
                apply_defaults(item, schema=extra)


def violations(obj: Obj, *, schema: Mapping[str, Any]) -> list[Cause]:
    """Return a cause for each field that breaks the schema, in the order of the paths."""
    errors = _OPENAPI_VALIDATOR(schema).iter_errors(obj)
    causes = (_cause(error) for error in errors)
    return sorted(dict.fromkeys(causes), key=lambda cause: cause.field)


def _prune(value: Any, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _prune(item, schema.get("items", {_PRESERVE: True}), f"{where}[{index}]")
    elif isinstance(value, dict):
        for name in list(value):
            place = f"{where}.{name}" if where else name
            rule = _rule_of(name, schema=schema)
            if rule is None:
                del value[name]
                yield place
            else:
                yield from _prune(value[name], rule, place)


def _rule_of(name: str, *, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    preserved = {_PRESERVE: True}
    if name in schema.get("properties", {}):
        rule: Mapping[str, Any] = schema["properties"][name]
        return rule
    extra = schema.get("additionalProperties")
    if isinstance(extra, Mapping):
        return extra
    return preserved if extra or schema.get(_PRESERVE) else None


def _cause(error: ValidationError) -> Cause:
    field = _field(error.absolute_path)
    if error.validator == "required":
        return Cause.required(field)
    rule: Any = error.validator_value
    if error.validator == "type":
        found = _JSON_TYPES.get(type(error.instance), "unknown")
        return Cause.wrong_type(field, found=found, expected=rule)
    value = json.dumps(error.instance, default=str)
    if error.validator == "enum":
        return Cause.unsupported(field, value=value, supported=rule)
    template = _RULES.get(str(error.validator), f"must satisfy {error.validator}")
    return Cause.invalid(field, value=value, why=f"{field} in body {template.format(rule=rule)}")


def _field(path: Sequence[str | int]) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def _check_type(
    validator: Validator, types: str, instance: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    allowed_null = instance is None and schema.get("nullable")
    if not allowed_null and not validator.is_type(instance, types):
        yield ValidationError(f"not of type {types}")


def _check_required(
    validator: Validator, names: Sequence[str], instance: Any, _schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    """Check as the library does, but point at the missing field instead of at its parent."""
    if validator.is_type(instance, "object"):
        for name in names:
            if name not in instance:
                yield ValidationError("required", path=(name,))


_OPENAPI_VALIDATOR = jsonschema.validators.extend(  # type: ignore[no-untyped-call] # the stubs leave it so
    jsonschema.Draft4Validator, {"type": _check_type, "required": _check_required}
)
