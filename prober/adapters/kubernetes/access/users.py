"""Makes the identity that a kubeconfig's user describes.

What is refused rather than left out: what would let us act as somebody else than the kubeconfig means.
"""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from prober.adapters.kubernetes.access.faults import unusable
from prober.adapters.kubernetes.access.identity import (
    ClientCertificate,
    Credential,
    FileIdentity,
    FixedIdentity,
    Identity,
    clean_token,
)
from prober.adapters.kubernetes.access.kubeconfig import Context, Entry, read_text
from prober.adapters.kubernetes.access.plugins import API_VERSIONS, Plugin, PluginIdentity
from prober.adapters.kubernetes.access.tls import check_pair

_T = TypeVar("_T")

_UNSUPPORTED = {
    "username": "Kubernetes takes no passwords since 1.19",
    "password": "Kubernetes takes no passwords since 1.19",
    "auth-provider": "Kubernetes gave those up for credentials plugins",
    "as": "the prober does not impersonate anybody",
    "as-uid": "the prober does not impersonate anybody",
    "as-groups": "the prober does not impersonate anybody",
    "as-user-extra": "the prober does not impersonate anybody",
}
"""Fields of a user that are not understood, and why."""

_KINDS = {
    "token": ("tokenFile", "token"),
    "client certificate": ("client-certificate", "client-certificate-data", "client-key", "client-key-data"),
}
"""What a user may show, and in which fields."""

_CLUSTER_INFO = (
    "server",
    "tls-server-name",
    "insecure-skip-tls-verify",
    "certificate-authority-data",
    "proxy-url",
    "disable-compression",
)
"""What a plugin may know about the cluster, under the same names."""

_CONFIG_EXTENSION = "client.authentication.k8s.io/exec"


def token_file_identity(path: Path) -> Identity:
    """Makes the identity whose token is in a file that somebody rotates."""
    return FileIdentity(partial(_token_credential, path), name=f"the token of {path}")


def user_identity(context: Context, *, environ: Mapping[str, str]) -> Identity:
    """Makes a user's identity; reads no files yet.

    Args:
        context: The context that names the user.
        environ: The environment, for a plugin.

    Raises:
        ProberFailed: `internal`, when the user cannot be understood.
    """
    user = context.user
    for key, cause in _UNSUPPORTED.items():
        if user.content.get(key):
            advice = "use a token, a tokenFile, a client certificate or a credentials plugin (exec)"
            raise unusable(f"{user.place} has a user with {key}: {cause}; {advice}")
    if user.content.get("exec"):
        return PluginIdentity(_plugin(context, environ=environ))
    shown = [kind for kind, keys in _KINDS.items() if any(user.text(key) for key in keys)]
    if not shown:
        return FixedIdentity(Credential(), name=f"nothing: {user.place} has a user without credentials")
    name = f"the {' and the '.join(shown)} of {user.place}"
    read = partial(_credential, user)
    if any(user.text(key) for key in ("tokenFile", "client-certificate", "client-key")):
        return FileIdentity(read, name=name, check=partial(_check, place=user.place))
    return FixedIdentity(read(), name=f"{name}, which nothing renews")


def _credential(user: Entry) -> Credential:
    """Reads what a user shows; of a token and a tokenFile the file counts, as it does for `kubectl`."""
    path, token = user.file("tokenFile"), user.text("token")
    if path is not None:
        token = read_text(path, what=f"tokenFile of {user.place}")
    return Credential(
        token=None if token is None else clean_token(token, place=user.place), certificate=_certificate(user)
    )


def _check(credential: Credential, *, place: str) -> None:
    if credential.certificate is not None:
        check_pair(credential.certificate, place=place)


def _certificate(user: Entry) -> ClientCertificate | None:
    chain, key = user.pem("client-certificate"), user.pem("client-key")
    if chain is None and key is None:
        return None
    if chain is None or key is None:
        missing = "client-certificate" if chain is None else "client-key"
        raise unusable(f"{user.place} has a user without {missing}: certificate and key go together")
    return ClientCertificate(chain=chain, key=key)


def _token_credential(path: Path) -> Credential:
    return Credential(token=clean_token(read_text(path, what="the token"), place=str(path)))


def _plugin(context: Context, *, environ: Mapping[str, str]) -> Plugin:
    user = context.user
    place = f"exec of {user.place}"
    content = _typed(user.content["exec"], dict, f"{place} is no mapping")
    entry = Entry(place=place, folder=user.folder, content=content)
    command, version = entry.text("command"), entry.text("apiVersion")
    if command is None or version not in API_VERSIONS:
        raise unusable(f"{place} needs a command, and an apiVersion out of: {', '.join(sorted(API_VERSIONS))}")
    if entry.text("interactiveMode") == "Always":
        raise unusable(f"{place} has interactiveMode Always: there is nobody whom it could ask")
    arguments = _typed(content.get("args") or [], list, f"args in {place} is no list")
    return Plugin(
        place=user.place,
        command=(_located(command, folder=user.folder), *(str(argument) for argument in arguments)),
        api_version=version,
        environ={**environ, **_variables(content.get("env") or [], place=place)},
        cluster=_cluster_info(context.cluster) if entry.flag("provideClusterInfo") else None,
    )


def _located(command: str, *, folder: Path) -> str:
    """Returns a command with a relative path made absolute; a bare name is looked for on the PATH."""
    return str(folder / command) if os.sep in command else command


def _variables(raw: Any, *, place: str) -> Mapping[str, str]:
    what = f"env in {place} is no list of name and value"
    items = [_typed(item, dict, what) for item in _typed(raw, list, what)]
    return {_typed(item.get("name"), str, what): _typed(item.get("value"), str, what) for item in items}


def _cluster_info(cluster: Entry) -> Mapping[str, Any]:
    info = {key: cluster.content[key] for key in _CLUSTER_INFO if cluster.content.get(key)}
    for extension in cluster.content.get("extensions") or ():
        if isinstance(extension, dict) and extension.get("name") == _CONFIG_EXTENSION:
            info["config"] = extension.get("extension")
    return info


def _typed(value: Any, kind: type[_T], complaint: str) -> _T:
    if not isinstance(value, kind):
        raise unusable(complaint)
    return value
