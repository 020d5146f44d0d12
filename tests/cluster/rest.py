"""A Kubernetes API for fixtures, with nothing of ours in between: a kubeconfig, JSON in, JSON out."""

import json
import ssl
import tempfile
import urllib.error
import urllib.request
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

CALL_S = 15


class Rest:
    """One API server, with the identity of a kubeconfig's current context: a certificate or a token."""

    def __init__(self, kubeconfig: Path) -> None:
        config = yaml.safe_load(kubeconfig.read_text())
        context = _named(config, "context", config["current-context"])
        cluster, user = _named(config, "cluster", context["cluster"]), _named(config, "user", context["user"])
        self.server: str = cluster["server"]
        self.ca_pem = _pem(cluster, "certificate-authority") or ""
        self._tls = ssl.create_default_context(cadata=self.ca_pem or None)
        self._token = user.get("token")
        certificate, key = _pem(user, "client-certificate"), _pem(user, "client-key")
        if certificate and key:
            with tempfile.NamedTemporaryFile("w") as file:
                file.write(certificate + key)
                file.flush()
                self._tls.load_cert_chain(file.name)

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Returns the answer's body; a merge patch for PATCH.

        Raises:
            urllib.error.HTTPError: The API server refused.
            OSError: It did not answer.
        """
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {self._token}"} if self._token else {})
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.server + path, method=method, data=content, headers=headers)  # noqa: S310 - a kubeconfig's HTTPS address
        with urllib.request.urlopen(request, context=self._tls, timeout=CALL_S) as answer:  # noqa: S310 - as above
            text = answer.read()
        answered: dict[str, Any] = json.loads(text) if text.startswith(b"{") else {"text": text.decode()}
        return answered

    def code(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> int:
        """Returns the answer's status, 0 where there is none."""
        try:
            self.call(method, path, body)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0
        return 200


def _named(config: Mapping[str, Any], kind: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item[kind] for item in config[f"{kind}s"] if item["name"] == name)
    return found


def _pem(entry: Mapping[str, Any], key: str) -> str | None:
    if data := entry.get(f"{key}-data"):
        return b64decode(data).decode()
    return Path(entry[key]).read_text() if key in entry else None
