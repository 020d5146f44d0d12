"""The configuration's JSON Schema, for editors.

Made from the models, so that it cannot drift from them. It knows what one mapping can be wrong about; what needs two
(names that lead somewhere, times that fit) only `prober check config` finds.
"""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from prober.app.config.durations import format_duration
from prober.app.config.models.file import FileModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_REFERENCE = "#/$defs/{}"

_SPREAD = ("TargetModel", "SessionModel", "TemplateModel", "ScheduleModel", "AccessModel", "BasicModel")
"""Mappings that a file may spread over `defaults` and a target, so that neither half needs every key."""


def json_schema() -> dict[str, Any]:
    """Returns the schema of the configuration file, in draft 2020-12."""
    schema = FileModel.model_json_schema(schema_generator=_Generator)
    schema["$defs"] |= {_part(name): _relaxed(schema["$defs"][name]) for name in _SPREAD}
    target, part = ({"$ref": _REFERENCE.format(name)} for name in ("TargetModel", _part("TargetModel")))
    properties = schema["properties"]
    properties["defaults"] = {"description": properties["defaults"]["description"], **part}
    properties["targets"]["items"] = part
    return {
        "$schema": DIALECT,
        **schema,
        "if": {"not": {"required": ["defaults"]}},
        "then": {"properties": {"targets": {"items": target}}},
    }


class _Generator(GenerateJsonSchema):
    """Pydantic's generator, less what says nothing to a person who writes YAML."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Leaves null out: a key is given a value or left away."""
        return self.generate_inner(schema["schema"])

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Refuses keys that do not match; pydantic only says what belongs behind those that do."""
        mapping = super().dict_schema(schema)
        return {**mapping, "additionalProperties": False} if "patternProperties" in mapping else mapping

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Spells the defaults of durations, and leaves those of whole sections to the sections."""
        inner: CoreSchema = schema["schema"]
        default = schema.get("default")
        if isinstance(default, str | bool | int | float):
            described = self.generate_inner(inner)
            if isinstance(default, float) and described.get("type") == "string":
                default = format_duration(default)
            return {**described, "default": default}
        return self.generate_inner(inner)


def _part(name: str) -> str:
    return f"Part{name}"


def _relaxed(definition: dict[str, Any]) -> dict[str, Any]:
    """Returns a mapping's definition without the demand to be complete, pointing at its parts' relaxed definitions."""
    return {key: _redirected(value) for key, value in definition.items() if key not in {"required", "oneOf", "not"}}


def _redirected(value: Any) -> Any:
    if isinstance(value, list):
        return [_redirected(item) for item in value]
    if not isinstance(value, dict):
        return value
    parts = {_REFERENCE.format(name): _REFERENCE.format(_part(name)) for name in _SPREAD}
    return {key: parts.get(inner, inner) if key == "$ref" else _redirected(inner) for key, inner in value.items()}
