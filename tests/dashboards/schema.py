"""Holds JSON against Grafana's published schema, as the types of grafana-foundation-sdk have it.

The SDK reads whatever it is given and leaves out what it does not know. Here each value is held against the hints of
the type that it belongs to: a key that the type lacks is a problem, as is a value of another type or outside an enum.
Options and custom fields of a panel, and its queries, have the types of their plugin.
"""

import inspect
import types
import typing
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from grafana_foundation_sdk.models import (
    bargauge,
    common,
    dashboard,
    heatmap,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)

_PLUGINS: Mapping[str, types.ModuleType] = {
    "bargauge": bargauge,
    "heatmap": heatmap,
    "stat": stat,
    "state-timeline": statetimeline,
    "table": table,
    "timeseries": timeseries,
}

_PLAIN: Mapping[Any, tuple[type, ...]] = {bool: (bool,), int: (int,), float: (int, float), str: (str,)}


def problems(value: Any) -> list[str]:
    """Returns what is wrong with a dashboard in the classic JSON; empty is valid."""
    return list(_problems(value, dashboard.Dashboard, "dashboard"))


def _problems(value: Any, hint: Any, where: str) -> Iterator[str]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        yield from _of_either(value, arguments, where)
    elif origin is list:
        yield from _of_list(value, arguments[0], where)
    elif hint is dashboard.Panel:
        yield from _of_panel(value, where)
    elif hasattr(hint, "from_json"):
        yield from _of_model(value, hint, where)
    elif not _fits(value, hint):
        yield f"{where}: {value!r} is no {hint}"


def _fits(value: Any, hint: Any) -> bool:
    if typing.get_origin(hint) is typing.Literal:
        return value in typing.get_args(hint)
    if typing.get_origin(hint) is dict:
        return isinstance(value, dict)
    if hint in _PLAIN:
        return isinstance(value, _PLAIN[hint]) and (hint is bool or not isinstance(value, bool))
    return hint in {object, typing.Any} or value in {member.value for member in hint}


def _of_either(value: Any, hints: tuple[Any, ...], where: str) -> Iterator[str]:
    if value is None and type(None) in hints:
        return
    if isinstance(value, dict) and value.get("type") == "row" and dashboard.RowPanel in hints:
        hints = (dashboard.RowPanel,)
    found = [list(_problems(value, hint, where)) for hint in hints if hint is not type(None)]
    yield from min(found, key=len)


def _of_list(value: Any, hint: Any, where: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{where}: {value!r} is no list"
        return
    for place, item in enumerate(value):
        yield from _problems(item, hint, f"{where}[{place}]")


def _of_model(value: Any, model: Any, where: str, *, besides: frozenset[str] = frozenset()) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: {value!r} is no {model.__name__}"
        return
    known = _keys(model)
    for key, item in value.items():
        if key not in known:
            yield f"{where}: {model.__name__} has no {key!r}"
        elif key not in besides:
            yield from _problems(item, known[key], f"{where}.{key}")


def _of_panel(value: Any, where: str) -> Iterator[str]:
    yield from _of_model(value, dashboard.Panel, where, besides=frozenset({"targets", "options"}))
    plugin = _PLUGINS.get(str(value.get("type"))) if isinstance(value, dict) else None
    if plugin is None:
        yield f"{where}: no panel of a known type"
        return
    yield from _problems(value["options"], plugin.Options, f"{where}.options")
    yield from _problems(value["targets"], list[prometheus.Dataquery], f"{where}.targets")
    custom = value["fieldConfig"]["defaults"].get("custom")
    if custom is not None:
        fields = common.TableFieldOptions if plugin is table else plugin.FieldConfig
        yield from _problems(custom, fields, f"{where}.custom")


@cache
def _keys(model: Any) -> Mapping[str, Any]:
    """Returns the hint of each key that a type writes, which is found by having it written.

    What a type writes of its own accord, such as the kind of a value mapping, is a constant.
    """
    hints = typing.get_type_hints(model)
    found: dict[str, Any] = {
        key: typing.Literal[value] for key, value in model().to_json().items() if isinstance(value, str)
    }
    for name in inspect.signature(model).parameters:
        mark = object()
        key = next(key for key, value in model(**{name: mark}).to_json().items() if value is mark)
        found[key] = hints[name]
    return found
