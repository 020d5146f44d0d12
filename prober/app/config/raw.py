"""The file's data before anybody knows whether they are sound.

Checks that look here, instead of at the models, are not hidden by a mistake elsewhere in the same target. What has a
wrong type is left out: that it has is a finding of the models.
"""

from collections.abc import Iterator
from typing import Any

from prober.app.config.problems import KeyPath


def targets_in(data: dict[str, Any]) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """Yields each target that is a mapping, after its path."""
    targets = data.get("targets")
    for index, target in enumerate(targets if isinstance(targets, list) else []):
        if isinstance(target, dict):
            yield ("targets", index), target


def fixed_template(target: dict[str, Any]) -> str | None:
    """Returns the name of the one template that a target is about, or `None` where it discovers, or says neither."""
    plain, named = text_at(target, "session", "template"), text_at(target, "session", "template", "name")
    return named or (None if plain == "all" else plain)


def discovers(target: dict[str, Any]) -> bool:
    """Tells whether a target becomes one for each template that is found."""
    session = target.get("session")
    template = session.get("template") if isinstance(session, dict) else None
    return template == "all" or (isinstance(template, dict) and bool(template.keys() & {"all", "selector"}))


def text_at(data: Any, *path: str) -> str | None:
    """Returns the text at a path, or `None` where there is none."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, str) else None


def count_at(data: dict[str, Any], key: str, *, default: int) -> int | None:
    """Returns the count, at least 1, that a key has, the default where the key is absent, else `None`."""
    value = data.get(key, default)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 1 else None
