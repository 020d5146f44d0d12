"""What pydantic found, in plain words.

Pydantic names its error types; each gets a sentence and a mend here. No value is repeated, only its kind and what
would be right.
"""

import types
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from prober.app.config.models.base import REFUSED
from prober.app.config.models.file import FileModel
from prober.app.config.problems import Finding, KeyPath
from prober.app.config.spelling import nearest

_KEY_ITSELF = "[key]"
"""Pydantic's last location part where a mapping's key is at fault, not its value."""

_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    ((int, float), "a number"),
    (str, "text"),
    (Mapping, "a mapping"),
    (list, "a list"),
)

_WANTED = {
    "string_type": ("text", "put it in quotes"),
    "bool_type": ("true or false", "write true or false"),
    "int_type": ("a whole number", "write it without quotes and fraction"),
    "int_from_float": ("a whole number", "write it without a fraction"),
    "float_type": ("a number", "write it without quotes and unit"),
    "finite_number": ("a finite number", "write a finite number"),
    "model_type": ("a mapping", "write `key: value` lines below it"),
    "dict_type": ("a mapping", "write `key: value` lines below it"),
    "tuple_type": ("a list", "write [...] or lines that begin with a dash"),
}
"""What was wanted instead, with the mend, by pydantic's error type."""

_BOUNDS = {
    "greater_than_equal": ("ge", "at least", "more"),
    "less_than_equal": ("le", "at most", "less"),
}


def findings_of(error: ValidationError) -> list[Finding]:
    """Returns each of the error's parts as a finding."""
    return [_finding(details) for details in error.errors(include_url=False) if not _follows(details)]


def _follows(details: ErrorDetails) -> bool:
    """Tells whether an error only follows from others: pydantic calls a list of nothing but faulty items too short."""
    return details["type"] == "too_short" and len(details["input"]) > 0


def _finding(details: ErrorDetails) -> Finding:
    path = tuple(part for part in details["loc"] if part != _KEY_ITSELF)
    problem, mend = _WORDS.get(details["type"], _of_type)(details, path)
    return Finding(path=path, problem=problem, mend=mend)


def _refused(details: ErrorDetails, _path: KeyPath) -> tuple[str, str]:
    return details["ctx"]["problem"], details["ctx"]["mend"]


def _missing(_details: ErrorDetails, path: KeyPath) -> tuple[str, str]:
    field = _fields_at(path[:-1])[str(path[-1])]
    example = f", for example `{path[-1]}: {_flow(field.examples[0])}`" if field.examples else ""
    return "is missing", f"add it{example}"


def _flow(value: Any) -> str:
    """Returns an example of ours as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _unknown(_details: ErrorDetails, path: KeyPath) -> tuple[str, str]:
    known = _fields_at(path[:-1])
    close = nearest(str(path[-1]), among=known)
    return "is no known key", f"write {close}" if close else f"known keys here: {', '.join(known)}"


def _literal(details: ErrorDetails, _path: KeyPath) -> tuple[str, str]:
    allowed = str(details["ctx"]["expected"]).replace("'", "").replace("True", "true")
    return "has a value that is not allowed", f"write {allowed}"


def _bound(details: ErrorDetails, _path: KeyPath) -> tuple[str, str]:
    key, words, direction = _BOUNDS[details["type"]]
    bound = f"{details['ctx'][key]:g}"
    return f"must be {words} {bound}", f"write {bound} or {direction}"


def _too_short(_details: ErrorDetails, _path: KeyPath) -> tuple[str, str]:
    return "is empty", "give at least one"


def _of_type(details: ErrorDetails, _path: KeyPath) -> tuple[str, str]:
    wanted, mend = _WANTED.get(details["type"], ("something else", "see `prober config schema`"))
    given = next((words for kind, words in _KINDS if isinstance(details["input"], kind)), "nothing")
    same = given.removeprefix("a ") in wanted
    return (f"must be {wanted}" if same else f"must be {wanted}, not {given}"), mend


_WORDS: dict[str, Callable[[ErrorDetails, KeyPath], tuple[str, str]]] = {
    REFUSED: _refused,
    "missing": _missing,
    "extra_forbidden": _unknown,
    "literal_error": _literal,
    "too_short": _too_short,
    **dict.fromkeys(_BOUNDS, _bound),
}


def _fields_at(path: KeyPath) -> dict[str, FieldInfo]:
    """Returns the keys of the mapping at a path.

    Positions in lists, with keys that a person chose (the clusters' names), lead from a field to the model inside it.
    """
    model: type[BaseModel] = FileModel
    inside_named = False
    for part in path:
        if isinstance(part, int) or inside_named:
            inside_named = False
            continue
        annotation = model.model_fields[part].annotation
        inside_named = get_origin(annotation) is dict
        model = _model_in(annotation) or model
    return dict(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in {Annotated, Union, types.UnionType, dict, tuple}:
        return next(filter(None, map(_model_in, get_args(annotation))), None)
    return None
