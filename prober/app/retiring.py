"""Ends the prober before its permissions go: the first step of `helm uninstall`, in a Pod of its own.

Helm deletes the Deployment and the Roles in one go, and a run under way could not end its session any more. This asks
for no replicas, and returns when the Pods are gone; it takes the Pod of `helm test` away too, which Helm keeps for
its log. `python -m prober.app.retiring NAMESPACE DEPLOYMENT SELECTOR SECONDS`.
"""

import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where a Pod finds its account's token."""

EVERY_S = 1.0
"""How often the Pods are looked for, in seconds."""

Ask = Callable[[str, str, Mapping[str, Any] | None], Mapping[str, Any]]
"""Sends a method, a path and a body; returns the API server's answer."""


def asker(environ: Mapping[str, str], *, account: Path = ACCOUNT) -> Ask:
    """Returns how the API server of the cluster that we are in is asked.

    Raises:
        KeyError: We are in no Pod.
    """
    host, port = environ["KUBERNETES_SERVICE_HOST"], environ["KUBERNETES_SERVICE_PORT"]
    server = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    trust = ssl.create_default_context(cafile=account / "ca.crt")

    def ask(method: str, path: str, body: Mapping[str, Any] | None) -> Mapping[str, Any]:
        headers = {"Authorization": f"Bearer {(account / 'token').read_text()}"}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/merge-patch+json"
        request = urllib.request.Request(server + path, data=data, headers=headers, method=method)  # noqa: S310 - https
        with urllib.request.urlopen(request, timeout=10, context=trust) as answer:  # noqa: S310 - as above
            content: Mapping[str, Any] = json.load(answer)
            return content

    return ask


def retire(
    namespace: str, deployment: str, selector: str, *, patience_s: float, ask: Ask, say: Callable[[str], object]
) -> bool:
    """Asks for no replicas, and waits for the Pods' end.

    Args:
        namespace: Where the Deployment is.
        deployment: Its name.
        selector: Chooses its Pods.
        patience_s: How long to wait, in seconds.
        ask: Asks the API server.
        say: Called with each line for the user.

    Returns:
        Whether they are gone.

    Raises:
        OSError: The API server did not answer, or refused.
    """
    deadline = time.monotonic() + patience_s
    scale = f"/apis/apps/v1/namespaces/{namespace}/deployments/{deployment}/scale"
    try:
        ask("PATCH", scale, {"spec": {"replicas": 0}})
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.NOT_FOUND:
            raise
        say(f"there is no Deployment {deployment}: an install that did not get so far")
    pods = f"/api/v1/namespaces/{namespace}/pods?{urllib.parse.urlencode({'labelSelector': selector})}"
    while left := [pod["metadata"]["name"] for pod in ask("GET", pods, None)["items"]]:
        if time.monotonic() >= deadline:
            say(f"{', '.join(left)} did not end within {patience_s:g} s: its sessions end by their own timeout")
            return False
        say(f"waiting for {', '.join(left)} to end its runs")
        time.sleep(EVERY_S)
    with suppress(urllib.error.HTTPError):  # there is none where nobody tested
        ask("DELETE", f"/api/v1/namespaces/{namespace}/pods/{deployment}-test", None)
    say("the prober has ended")
    return True


def main() -> int:
    """Reads the arguments; returns the exit code."""
    namespace, deployment, selector, seconds = sys.argv[1:]

    def say(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    ask = asker(os.environ)
    return 0 if retire(namespace, deployment, selector, patience_s=float(seconds), ask=ask, say=say) else 1


if __name__ == "__main__":
    sys.exit(main())
