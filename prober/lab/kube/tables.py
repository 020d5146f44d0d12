"""Representations: an object or list as JSON, as a table, as metadata alone.

kubectl prints tables that the server renders, so that it need not know the resource.
https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prober.lab.kube.columns import NAME, Column
from prober.lab.kube.errors import NotAcceptableError
from prober.lab.kube.paging import Page
from prober.lab.kube.resources import Obj, Resource

_JSON_TYPES = frozenset({"application/json", "application/*", "*/*", ""})
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_AGE_UNITS = (  # below how many seconds an age is told in which units
    (120, "s", ""),
    (600, "m", "s"),
    (3 * 3600, "m", ""),
    (8 * 3600, "h", "m"),
    (48 * 3600, "h", ""),
    (8 * 86400, "d", "h"),
    (math.inf, "d", ""),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How a client wants to see objects.

    Attributes:
        shape: `Table`, `PartialObjectMetadata`, or empty for the objects themselves.
        meta_version: the version of the `meta.k8s.io` kinds that it understands.
        include: how much of the object a table row carries: `None`, `Metadata`, `Object`.
    """

    shape: str = ""
    meta_version: str = "v1"
    include: str = "Metadata"


def negotiate(accept: str, *, include: str = "") -> View:
    """Return the first representation of an `Accept` header that is served.

    Raises:
        NotAcceptableError: none is.
    """
    for choice in accept.split(","):
        media_type, *rest = (part.strip() for part in choice.split(";"))
        parameters = dict(part.split("=", 1) for part in rest if "=" in part)
        shape = parameters.get("as", "").removesuffix("List")
        if media_type in _JSON_TYPES and shape in ("", "Table", "PartialObjectMetadata"):
            return View(
                shape=shape,
                meta_version=parameters.get("v", "v1"),
                include=include or "Metadata",
            )
    raise NotAcceptableError("only the following media types are accepted: application/json, application/json;as=Table")


def render(obj: Obj, *, resource: Resource, view: View, now: datetime) -> Obj:
    """Return one object as the client wants to see it."""
    if view.shape == "Table":
        return _table([obj], resource=resource, view=view, now=now, metadata=_version_of(obj))
    if view.shape == "PartialObjectMetadata":
        return _partial(obj, view=view)
    return obj


def render_list(page: Page, *, resource: Resource, view: View, now: datetime) -> Obj:
    """Return a list, or one page of it, as the client wants to see it."""
    items, metadata = page.items, page.metadata()
    if view.shape == "Table":
        return _table(items, resource=resource, view=view, now=now, metadata=metadata)
    if view.shape == "PartialObjectMetadata":
        return {
            "kind": "PartialObjectMetadataList",
            "apiVersion": f"meta.k8s.io/{view.meta_version}",
            "metadata": metadata,
            "items": [_partial(item, view=view) for item in items],
        }
    return {
        "kind": f"{resource.kind}List",
        "apiVersion": resource.api_version,
        "metadata": metadata,
        "items": [_list_item(item, resource=resource) for item in items],
    }


def human_age(seconds: float) -> str:
    """Return a duration in seconds as kubectl prints ages (k8s.io/apimachinery HumanDuration)."""
    whole = max(0, int(seconds))
    large, small = next(units for limit, *units in _AGE_UNITS if whole < limit)
    count, rest = divmod(whole, _SECONDS[large])
    remainder = rest // _SECONDS[small] if small else 0
    return f"{count}{large}{remainder}{small}" if remainder else f"{count}{large}"


def _list_item(item: Obj, *, resource: Resource) -> Obj:
    """Return an item as lists carry it: typed lists do not repeat the type of their items."""
    if resource.custom:
        return item
    return {key: value for key, value in item.items() if key not in ("kind", "apiVersion")}


def _partial(obj: Obj, *, view: View) -> Obj:
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": f"meta.k8s.io/{view.meta_version}",
        "metadata": obj["metadata"],
    }


def _version_of(obj: Obj) -> dict[str, Any]:
    return {"resourceVersion": obj["metadata"].get("resourceVersion", "")}


def _table(
    items: Sequence[Obj],
    *,
    resource: Resource,
    view: View,
    now: datetime,
    metadata: Mapping[str, Any],
) -> Obj:
    columns = resource.columns
    return {
        "kind": "Table",
        "apiVersion": f"meta.k8s.io/{view.meta_version}",
        "metadata": metadata,
        "columnDefinitions": [_definition(column) for column in columns],
        "rows": [
            {"cells": [_cell(column, obj=item, now=now) for column in columns]} | _row_object(item, view=view)
            for item in items
        ],
    }


def _definition(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.type,
        "format": "name" if column is NAME else "",
        "description": column.description,
        "priority": column.priority,
    }


def _cell(column: Column, *, obj: Obj, now: datetime) -> Any:
    value = column.cell(obj)
    if column.type != "date" or not value:
        return value
    try:
        return human_age((now - datetime.fromisoformat(value)).total_seconds())
    except (TypeError, ValueError):
        return "<invalid>"


def _row_object(obj: Obj, *, view: View) -> dict[str, Any]:
    if view.include == "None":
        return {}
    return {"object": obj if view.include == "Object" else _partial(obj, view=view)}
