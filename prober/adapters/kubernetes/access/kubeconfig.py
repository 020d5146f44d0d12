"""Reads what one context of a kubeconfig says, as far as to the entries of its cluster and its user.

A kubeconfig holds credentials at any place, so a fault quotes no value of it but the names of its contexts.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from prober.adapters.kubernetes.access.faults import unusable

_MOST_NAMES = 10
"""How many names of contexts a fault tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kubeconfig:
    """A cluster that a kubeconfig file names.

    Attributes:
        path: The file.
        context: Which of its contexts; without one, its current one.
        environ: The environment of its credentials plugin, which also names proxies; empty unless given.
    """

    path: Path
    context: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return f"the kubeconfig {self.path}" + (f" (context {self.context})" if self.context else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a kubeconfig says of one cluster or one user.

    Attributes:
        place: The file and the context, for faults.
        folder: What paths in it are relative to.
        content: The entry.
    """

    place: str
    folder: Path
    content: Mapping[str, Any] = field(repr=False)

    def text(self, key: str) -> str | None:
        """Returns a field, `None` where it is absent or empty.

        Raises:
            ProberFailed: `internal`, when it is no text.
        """
        value = self.content.get(key)
        if value is not None and not isinstance(value, str):
            raise unusable(f"{key} in {self.place} is no text; put it into quotes")
        return value or None

    def flag(self, key: str) -> bool:
        """Returns whether a field is set.

        Raises:
            ProberFailed: `internal`, when it is neither true nor false.
        """
        value = self.content.get(key) or False
        if not isinstance(value, bool):
            raise unusable(f"{key} in {self.place} is neither true nor false")
        return value

    def file(self, key: str) -> Path | None:
        """Returns the path in a field.

        Raises:
            ProberFailed: `internal`, when it is no text.
        """
        name = self.text(key)
        return None if name is None else self.folder / name

    def pem(self, key: str) -> str | None:
        """Returns what `KEY-data` holds, or the file that `KEY` names; reads it now.

        Raises:
            ProberFailed: `internal`, when it cannot be read.
        """
        data, path = self.text(f"{key}-data"), self.file(key)
        if data is None:
            return None if path is None else read_text(path, what=f"{key} of {self.place}")
        try:
            return base64.b64decode(data, validate=False).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise unusable(f"{key}-data in {self.place} is no text in base64") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """A cluster, and a user there."""

    cluster: Entry
    user: Entry


def read_context(where: Kubeconfig) -> Context:
    """Reads a kubeconfig's context; reads the file.

    Raises:
        ProberFailed: `internal`, when it cannot be read, or names what is not there.
    """
    config = _parsed(where)
    context = _context(config, where=where)
    named = {"cluster": context.get("cluster"), "user": context.get("user")}
    cluster, user = (_find(config, kind=kind, name=name) for kind, name in named.items())
    if cluster is None:
        raise unusable(f"{where} names a cluster that it does not describe under clusters")
    if user is None and named["user"]:
        raise unusable(f"{where} names a user that it does not describe under users")
    folder = where.path.absolute().parent
    return Context(
        cluster=Entry(place=str(where), folder=folder, content=cluster),
        user=Entry(place=str(where), folder=folder, content=user or {}),
    )


def read_text(path: Path, *, what: str) -> str:
    """Reads a file.

    Raises:
        ProberFailed: `internal`, naming what it is and where, when it cannot be read or is empty.
    """
    try:
        text = path.read_text()
    except OSError as error:
        raise unusable(f"{what} cannot be read: {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise unusable(f"{what} cannot be read: {path} is no text") from None
    if not text.strip():
        raise unusable(f"{what} cannot be read: {path} is empty")
    return text


def _parsed(where: Kubeconfig) -> Mapping[str, Any]:
    if not where.path.exists():
        raise unusable(f"the kubeconfig {where.path} does not exist")
    text = read_text(where.path, what="the kubeconfig")
    try:
        config = yaml.safe_load(text)
    except yaml.YAMLError:
        config = None
    if not isinstance(config, dict):
        raise unusable(f"the kubeconfig {where.path} is no YAML of a kubeconfig")
    return config


def _context(config: Mapping[str, Any], *, where: Kubeconfig) -> Mapping[str, Any]:
    found = _find(config, kind="context", name=where.context or config.get("current-context"))
    if found is not None:
        return found
    names = [str(item["name"]) for item in _items(config, kind="context") if "name" in item]
    known = f"it has: {', '.join(names[:_MOST_NAMES])}" if names else "it has none"
    if where.context is None:
        raise unusable(f"{where} has no current-context that it describes ({known}); name one of them")
    raise unusable(f"the kubeconfig {where.path} has no context {where.context} ({known})")


def _find(config: Mapping[str, Any], *, kind: str, name: object) -> Mapping[str, Any] | None:
    """Returns the first entry of a name: `kubectl` takes it too."""
    found = (item.get(kind) for item in _items(config, kind=kind) if name and item.get("name") == name)
    return next((entry if isinstance(entry, dict) else {} for entry in found), None)


def _items(config: Mapping[str, Any], *, kind: str) -> list[dict[str, Any]]:
    items = config.get(f"{kind}s")
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
