"""Label selectors, field selectors: which objects a list or watch is about.

The grammar of label selectors is that of k8s.io/apimachinery/pkg/labels: `a=b`, `a==b`, `a!=b`, `a in (b,c)`,
`a notin (b,c)`, `a`, `!a`, joined by commas. Negative requirements hold for objects that lack the label.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from prober.lab.kube.errors import BadRequestError

_KEY = r"[A-Za-z0-9][-A-Za-z0-9_./]*"
_VALUE = r"[-A-Za-z0-9_.]*"
_SET = re.compile(rf"^(?P<key>{_KEY})\s+(?P<op>in|notin)\s*\((?P<values>[^()]*)\)$")
_EQUALITY = re.compile(rf"^(?P<key>{_KEY})\s*(?P<op>==|=|!=)\s*(?P<value>{_VALUE})$")
_EXISTENCE = re.compile(rf"^(?P<op>!?)\s*(?P<key>{_KEY})$")
_OUTSIDE_PARENTHESES = re.compile(r",(?![^()]*\))")
_FIELD = re.compile(r"^(?P<path>[^=!]+)(?P<op>==|=|!=)(?P<value>.*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One condition on one label or field.

    Attributes:
        key: the label's key or the field's path.
        values: the values that are meant; `None` stands for every value, so for presence.
        negated: whether the condition is turned around.
    """

    key: str
    values: frozenset[str] | None
    negated: bool = False

    def holds(self, value: str | None) -> bool:
        """Tell whether a value, or its absence, meets the condition."""
        met = value is not None and (self.values is None or value in self.values)
        return met is not self.negated


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """A conjunction of conditions on the labels as well as the fields of an object."""

    labels: tuple[Requirement, ...] = ()
    fields: tuple[Requirement, ...] = ()

    def matches(self, obj: Mapping[str, Any]) -> bool:
        """Tell whether the object meets every condition."""
        labels = obj["metadata"].get("labels") or {}
        return all(need.holds(labels.get(need.key)) for need in self.labels) and all(
            need.holds(field_value(obj, path=need.key)) for need in self.fields
        )


EVERYTHING = Selector()


def parse_selector(labels: str = "", *, fields: str = "", known: Collection[str] = ()) -> Selector:
    """Parse the two query parameters of a list or watch.

    Args:
        labels: the `labelSelector`.
        fields: the `fieldSelector`.
        known: the field paths that the resource can be selected by.

    Raises:
        BadRequestError: a selector is malformed or names an unknown field.
    """
    return Selector(
        labels=tuple(_label_requirement(part) for part in _parts(labels)),
        fields=tuple(_field_requirement(part, known=known) for part in _parts(fields)),
    )


def field_value(obj: Mapping[str, Any], *, path: str) -> str:
    """Return the field at a dotted path; an absent field counts as the empty string."""
    value: Any = obj
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return "" if value is None else str(value)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _OUTSIDE_PARENTHESES.split(text) if part.strip()]


def _label_requirement(text: str) -> Requirement:
    if match := _SET.match(text):
        values = frozenset(value.strip() for value in match["values"].split(","))
        return Requirement(key=match["key"], values=values, negated=match["op"] == "notin")
    if match := _EQUALITY.match(text):
        return Requirement(key=match["key"], values=frozenset({match["value"]}), negated=match["op"] == "!=")
    if match := _EXISTENCE.match(text):
        return Requirement(key=match["key"], values=None, negated=match["op"] == "!")
    raise BadRequestError(f"unable to parse requirement: {text}")


def _field_requirement(text: str, *, known: Collection[str]) -> Requirement:
    match = _FIELD.match(text)
    if match is None:
        raise BadRequestError(
            f"invalid selector: '{text}'; can't understand '{text}'",
        )
    if match["path"] not in known:
        raise BadRequestError(f"field label not supported: {match['path']}")
    return Requirement(key=match["path"], values=frozenset({match["value"]}), negated=match["op"] == "!=")
