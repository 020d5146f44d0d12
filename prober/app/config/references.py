"""Names that must be unique, with names that must lead somewhere.

These checks look at the raw data, so that one target's mistake elsewhere does not hide them. What a discovering target
finds is not known here: its targets' names and hosts are held against one another as they are found.
"""

from collections.abc import Callable, Hashable, Iterator
from typing import Any

from prober.app.config.problems import Finding, KeyPath, render
from prober.app.config.raw import discovers, fixed_template, targets_in, text_at
from prober.app.config.spelling import nearest
from prober.domain.client import CLIENTS
from prober.domain.discovery import PLACEHOLDER, host_label


def check_references(data: dict[str, Any]) -> list[Finding]:
    """Returns what is wrong with the names of clusters, clients, targets and users."""
    return [
        *_unknown_clusters(data),
        *_unknown_clients(data),
        *_same_names(data),
        *_same_hosts(data),
        *_shared_users(data),
    ]


def _unknown_clusters(data: dict[str, Any]) -> Iterator[Finding]:
    clusters = data.get("clusters")
    if not isinstance(clusters, dict):
        return
    users: tuple[tuple[str, ...], ...] = (
        ("session", "cluster"),
        ("access", "basic", "password", "kubernetes_secret", "cluster"),
    )
    for target_path, target in targets_in(data):
        for path in users:
            name = text_at(target, *path)
            if name and name not in clusters:
                close = nearest(name, among=clusters)
                mend = f"write {close}" if close else f"name one of {', '.join(clusters)}, or add the cluster"
                yield Finding(path=(*target_path, *path), problem="is not among clusters", mend=mend)


def _unknown_clients(data: dict[str, Any]) -> Iterator[Finding]:
    own = data.get("clients")
    known = [*CLIENTS, *(own if isinstance(own, dict) else ())]
    for target_path, target in targets_in(data):
        path = ("client",) if isinstance(target.get("client"), str) else ("client", "preset")
        name = text_at(target, *path)
        if name and name not in known:
            close = nearest(name, among=known)
            mend = f"write {close}" if close else f"write one of {', '.join(known)}, or add it to clients"
            yield Finding(path=(*target_path, *path), problem="is no client", mend=mend)


def _same_names(data: dict[str, Any]) -> Iterator[Finding]:
    for earlier, path in _repeated(data, key=lambda target: text_at(target, "name")):
        problem = f"is the name of {render(earlier)} too"
        yield Finding(path=(*path, "name"), problem=problem, mend="give each target its own name")


def _same_hosts(data: dict[str, Any]) -> Iterator[Finding]:
    for earlier, path in _repeated(data, key=_host):
        problem = f"has the same host as the user of {render(earlier)}, whatever their namespaces"
        mend = (
            "give each target of a cluster its own user: the platform derives the host from the user alone, in lower"
            " case and with a dash for each character that is no letter or digit"
        )
        yield Finding(path=(*path, "session", "user"), problem=problem, mend=mend)


def _host(target: dict[str, Any]) -> tuple[str, str] | None:
    """Returns the cluster with the part of the session's host that stands for the user.

    Two discovering targets with one pattern of users count as one host: they may find the same template.
    """
    cluster, user = (text_at(target, "session", key) for key in ("cluster", "user"))
    if not (cluster and user):
        return None
    return cluster, host_label(user.replace(PLACEHOLDER, fixed_template(target) or PLACEHOLDER))


def _shared_users(data: dict[str, Any]) -> Iterator[Finding]:
    for path, target in targets_in(data):
        user = text_at(target, "session", "user")
        if user and PLACEHOLDER not in user and discovers(target):
            problem = "would be shared by all targets that are discovered, whose sessions would have one host"
            mend = f"put {PLACEHOLDER} before its @, as in probe-{PLACEHOLDER}@example.com"
            yield Finding(path=(*path, "session", "user"), problem=problem, mend=mend)


def _repeated(
    data: dict[str, Any],
    *,
    key: Callable[[dict[str, Any]], Hashable | None],
) -> Iterator[tuple[KeyPath, KeyPath]]:
    """Yields the path of each target whose key an earlier one has, after that earlier one's path."""
    first: dict[Hashable, KeyPath] = {}
    for path, target in targets_in(data):
        value = key(target)
        if value is None:
            continue
        if value in first:
            yield first[value], path
        first.setdefault(value, path)
