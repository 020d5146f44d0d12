"""Who Alertmanager tells: an HTTP server on loopback that remembers every notification."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Alert = Mapping[str, Any]
"""One alert of a notification, as Alertmanager's webhook format has it: status, labels, annotations, times."""

LOOK_EVERY_S = 0.2

_ANY: Mapping[str, str] = {}


class Webhook:
    """Listens while the context is open."""

    def __init__(self) -> None:
        self._received: list[tuple[float, dict[str, Any]]] = []
        received = self._received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.append((time.time(), json.loads(body)))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="webhook", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def notifications(self) -> list[dict[str, Any]]:
        """Returns the bodies of all notifications, oldest first."""
        return [body for _, body in list(self._received)]

    def alerts(self, labels: Mapping[str, str] = _ANY, *, since: float = 0.0) -> list[Alert]:
        """Returns all alerts that were told with these labels, oldest first.

        Args:
            labels: What they must have.
            since: Leaves out what came before, in seconds of the Unix epoch.
        """
        return [
            alert
            for at, body in list(self._received)
            if at >= since
            for alert in body["alerts"]
            if labels.items() <= alert["labels"].items()
        ]

    def seconds_to(self, alert: Alert, *, since: float) -> float:
        """Returns how long after a second of the Unix epoch an alert was first told."""
        return next(at for at, body in list(self._received) if alert in body["alerts"]) - since

    def wait_for(
        self,
        status: str,
        labels: Mapping[str, str],
        *,
        within_s: float,
        since: float = 0.0,
        why: Callable[[], object] = lambda: "",
    ) -> Alert:
        """Waits until an alert with these labels is told with that status, `firing` or `resolved`.

        Args:
            status: The status.
            labels: What the alert must have.
            within_s: How long to wait at most, in seconds.
            since: Leaves out what came before, in seconds of the Unix epoch.
            why: Says more when it never comes.
        """
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            for alert in self.alerts(labels, since=since):
                if alert["status"] == status:
                    return alert
            time.sleep(LOOK_EVERY_S)
        told = sorted({(alert["labels"]["alertname"], alert["status"]) for alert in self.alerts()})
        raise AssertionError(f"{labels} was not told as {status} within {within_s:g} s, but {told}; {why()}")
