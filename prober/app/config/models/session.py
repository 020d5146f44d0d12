"""The sessions of a target, with the template or the templates that they are made of."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from prober.app.config.models.base import Model, refusal
from prober.app.config.models.fields import (
    OBJECT_NAME,
    AnnotationKey,
    DnsLabel,
    DnsName,
    LabelSelector,
    Matches,
    Text,
    User,
)

DISCOVERY_LIMIT = 10
"""The default of a discovering target's `limit`."""

TEMPLATE_WAYS = ("name", "all", "selector")
"""How a target says which templates it is about."""

_OURS = ("user", "template", "timeout")
_MARKS = "vdi-prober.io/"


def _template(value: Any) -> Any:
    if isinstance(value, str):
        return {"all": True} if value == "all" else {"name": OBJECT_NAME.check(value)}
    if not isinstance(value, dict):
        raise refusal("must be text or a mapping", mend="put a template's name in quotes, or write all")
    return value


def _overlay(overlay: dict[str, Any]) -> dict[str, Any]:
    for key in _OURS:
        if key in overlay:
            raise refusal(f"must not set {key}", mend=f"set session.{key} instead")
    return overlay


def _annotations(annotations: dict[str, str]) -> dict[str, str]:
    if any(key.startswith(_MARKS) for key in annotations):
        raise refusal(f"has keys under {_MARKS}, which are the prober's own", mend="use another prefix")
    return annotations


class TemplateModel(Model):
    """Which templates are probed: one by name, or each that is found, as a target `<this target>-<template>`."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": [way]} for way in TEMPLATE_WAYS],
            "not": {"required": ["name", "limit"]},
        },
    )

    name: DnsName | None = None
    """The one VDITemplate of this name, for one that is called `all`."""
    all: Literal[True] | None = None
    """Every VDITemplate of the cluster."""
    selector: LabelSelector | None = None
    """The VDITemplates with these labels."""
    limit: int = Field(default=DISCOVERY_LIMIT, ge=1, le=1000)
    """How many targets there may be at most, the first by name; templates beyond are logged and counted."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = self.model_fields_set.intersection(TEMPLATE_WAYS)
        if len(ways) != 1:
            raise refusal("needs exactly one of name, all and selector", mend="write all, or {selector: tier=gold}")
        if "name" in ways and "limit" in self.model_fields_set:
            raise refusal("has a limit for one template", mend="remove limit")
        return self


TemplateField = Annotated[TemplateModel, BeforeValidator(_template, json_schema_input_type=DnsName | TemplateModel)]


class SessionModel(Model):
    """What the target's sessions look like."""

    cluster: Text = Field(examples=["staging"])
    """Where sessions are made, a name from `clusters`."""
    namespace: DnsLabel = Field(examples=["vdi"])
    """In which namespace."""
    user: User = Field(examples=["probe-ubuntu@example.com"])
    """The synthetic user; the platform derives the host from it, so that each target of a cluster needs its own.
    `{template}` stands for the template's name."""
    template: TemplateField = Field(examples=["ubuntu-desktop"])
    """The VDITemplate's name; `all`, or a mapping with a selector, for a target for each template that is found."""
    timeout: (
        Annotated[
            str,
            Matches(
                pattern="(?=.*[1-9])([0-9]+h)?([0-9]+m)?([0-9]+s)?",
                problem="is no duration as the platform spells them",
                mend="write it like 15m or 1h30m",
            ),
        ]
        | None
    ) = None
    """The platform's own limit for a session, our dead-man switch; must be longer than all budgets together. By default
    it is that by a minute or two."""
    annotations: Annotated[dict[AnnotationKey, str], AfterValidator(_annotations)] = Field(default={})
    """Further annotations for each session; `{template}` in a value stands for the template's name."""
    overlay: Annotated[dict[str, Any], AfterValidator(_overlay)] = Field(default={})
    """Further `spec` fields, laid over ours."""
