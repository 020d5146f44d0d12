"""Names that must be unique, with names that must lead somewhere.

These checks look at the raw data, so that one target's mistake elsewhere does not hide them.
"""

from collections.abc import Callable, Hashable, Iterator
from typing import Any

from prober.app.config.problems import Finding, KeyPath, render
from prober.app.config.spelling import nearest


def check_references(data: dict[str, Any]) -> list[Finding]:
    """Returns what is wrong with the names of clusters, targets and users."""
    return [*_unknown_clusters(data), *_same_names(data), *_same_users(data)]


def _targets(data: dict[str, Any]) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    targets = data.get("targets")
    for index, target in enumerate(targets if isinstance(targets, list) else []):
        if isinstance(target, dict):
            yield ("targets", index), target


def _at(data: Any, *path: str) -> str | None:
    """Returns the text at a path, or `None` where there is none."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, str) else None


def _unknown_clusters(data: dict[str, Any]) -> Iterator[Finding]:
    clusters = data.get("clusters")
    if not isinstance(clusters, dict):
        return
    users: tuple[tuple[str, ...], ...] = (
        ("session", "cluster"),
        ("access", "basic", "password", "kubernetes_secret", "cluster"),
    )
    for target_path, target in _targets(data):
        for path in users:
            name = _at(target, *path)
            if name and name not in clusters:
                close = nearest(name, among=clusters)
                mend = f"write {close}" if close else f"name one of {', '.join(clusters)}, or add the cluster"
                yield Finding(path=(*target_path, *path), problem="is not among clusters", mend=mend)


def _same_names(data: dict[str, Any]) -> Iterator[Finding]:
    for earlier, path in _repeated(data, key=lambda target: _at(target, "name")):
        problem = f"is the name of {render(earlier)} too"
        yield Finding(path=(*path, "name"), problem=problem, mend="give each target its own name")


def _same_users(data: dict[str, Any]) -> Iterator[Finding]:
    for earlier, path in _repeated(data, key=_place_of_user):
        problem = f"is the user of {render(earlier)} too, in the same cluster and namespace"
        mend = "give each target its own user: the platform derives the session's host from it"
        yield Finding(path=(*path, "session", "user"), problem=problem, mend=mend)


def _place_of_user(target: dict[str, Any]) -> tuple[str, str, str] | None:
    cluster, namespace, user = (_at(target, "session", key) for key in ("cluster", "namespace", "user"))
    return (cluster, namespace, user.casefold()) if cluster and namespace and user else None


def _repeated(
    data: dict[str, Any],
    *,
    key: Callable[[dict[str, Any]], Hashable | None],
) -> Iterator[tuple[KeyPath, KeyPath]]:
    """Yields the path of each target whose key an earlier one has, after that earlier one's path."""
    first: dict[Hashable, KeyPath] = {}
    for path, target in _targets(data):
        value = key(target)
        if value is None:
            continue
        if value in first:
            yield first[value], path
        first.setdefault(value, path)
