"""One context of a kubeconfig file, made to need no other file.

A foreign cluster is reached by it; whoever uses the lab gets the same. What neither kopf nor the lab's
own client could do with it is refused here, in words, not later as a failed call.
"""

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from prober.lab.cluster.errors import KubeconfigError

_CLUSTER_KEYS = ("server", "insecure-skip-tls-verify", "proxy-url")
_CLUSTER_FILES = ("certificate-authority",)
_USER_FILES = ("client-certificate", "client-key")

_STAYING = (
    "use credentials that stay as they are, such as a ServiceAccount's token (kubectl create token NAME --duration 8h)"
)
_REFUSED = {
    "exec": f"get their value from a program (exec); {_STAYING}",
    "auth-provider": f"get their value from an auth-provider; {_STAYING}",
    "username": f"are a name with a password, which API servers ceased to accept; {_STAYING}",
    "as": "impersonate another user, which the lab's operator cannot; use that user's own credentials",
    "as-uid": "impersonate another user, which the lab's operator cannot; use that user's own credentials",
    "as-groups": "impersonate groups, which the lab's operator cannot; use credentials of such a user",
    "as-user-extra": "impersonate another user, which the lab's operator cannot; use that user's own credentials",
}
"""What the lab cannot do with a user's entry, with the mend."""


def read_kubeconfig(path: Path, *, context: str | None, namespace: str) -> dict[str, Any]:
    """Returns a kubeconfig with one context of a file, complete in itself.

    Args:
        path: The file; files that it names are taken in, relative ones from its own directory.
        context: The context; `None` for the file's current one.
        namespace: The namespace of the context that is returned.

    Raises:
        KubeconfigError: A file cannot be read, is no kubeconfig, lacks the context, or asks for what the lab cannot do.
    """
    return _Reader(path).reduce(context, namespace=namespace)


class _Reader:
    """Reads one file; every error names it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._content = self._parse(self._text(path, what="the kubeconfig"))

    def reduce(self, wanted: str | None, *, namespace: str) -> dict[str, Any]:
        name = wanted or self._content.get("current-context")
        if not name:
            raise self._error(f"no current context; choose one with --context: {self._names('contexts')}")
        context = self._entry("contexts", name)
        cluster_name, user_name = context.get("cluster"), context.get("user")
        if not cluster_name or not user_name:
            raise self._error(f"context {name!r} names no cluster or no user")
        cluster = self._cluster(cluster_name)
        user = self._user(user_name)
        placed = {"cluster": cluster_name, "user": user_name, "namespace": namespace}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": cluster_name, "cluster": cluster}],
            "users": [{"name": user_name, "user": user}],
            "contexts": [{"name": name, "context": placed}],
            "current-context": name,
        }

    def _cluster(self, name: str) -> dict[str, Any]:
        entry = self._entry("clusters", name)
        if not str(entry.get("server", "")).startswith(("https://", "http://")):
            raise self._error(f"cluster {name!r} has no server that starts with https://")
        if entry.get("tls-server-name"):
            raise self._error(
                f"cluster {name!r} sets tls-server-name, which the lab's operator cannot; use a server address that "
                "is in the certificate"
            )
        kept = {key: entry[key] for key in _CLUSTER_KEYS if key in entry}
        return kept | self._taken_in(entry, _CLUSTER_FILES, owner=f"cluster {name!r}")

    def _user(self, name: str) -> dict[str, Any]:
        entry = self._entry("users", name)
        for key, why in _REFUSED.items():
            if entry.get(key):
                raise self._error(f"the credentials of user {name!r} {why}")
        kept = self._taken_in(entry, _USER_FILES, owner=f"user {name!r}")
        if entry.get("token"):
            return kept | {"token": str(entry["token"])}
        if entry.get("tokenFile"):
            token = self._text(self._path.parent / str(entry["tokenFile"]), what=f"tokenFile of user {name!r}")
            return kept | {"token": token.strip()}
        return kept

    def _taken_in(self, entry: Mapping[str, Any], keys: tuple[str, ...], *, owner: str) -> dict[str, str]:
        """The content of the files that an entry names, as the `-data` keys have it; those win where both are given."""
        content = {}
        for key in keys:
            if entry.get(f"{key}-data"):
                content[f"{key}-data"] = str(entry[f"{key}-data"])
            elif entry.get(key):
                text = self._text(self._path.parent / str(entry[key]), what=f"{key} of {owner}")
                content[f"{key}-data"] = b64encode(text.encode()).decode()
        return content

    def _entry(self, plural: str, name: str) -> Mapping[str, Any]:
        found = self._entries(plural).get(name)
        if found is None:
            singular = plural.removesuffix("s")
            raise self._error(f"there is no {singular} {name!r}; there are: {self._names(plural)}")
        return found

    def _entries(self, plural: str) -> Mapping[str, Mapping[str, Any]]:
        listed = self._content.get(plural) or []
        try:
            return {item["name"]: item.get(plural.removesuffix("s")) or {} for item in listed}
        except (AttributeError, KeyError, TypeError):
            raise self._error(f"{plural!r} is no list of named entries") from None

    def _names(self, plural: str) -> str:
        return ", ".join(self._entries(plural)) or "none"

    def _parse(self, text: str) -> Mapping[str, Any]:
        try:
            content = yaml.safe_load(text)
        except yaml.YAMLError:
            # The parser's own words quote the file, secrets among it.
            raise self._error("is no YAML") from None
        if not isinstance(content, dict):
            raise self._error("is no kubeconfig")
        return content

    def _text(self, path: Path, *, what: str) -> str:
        try:
            return path.expanduser().read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            raise KubeconfigError(f"{what} cannot be read: {path}: {why}") from None

    def _error(self, problem: str) -> KubeconfigError:
        return KubeconfigError(f"kubeconfig {self._path}: {problem}")
