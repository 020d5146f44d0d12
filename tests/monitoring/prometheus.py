"""A real Prometheus on loopback, asked through its HTTP API."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import yaml

from tests.cluster.daemon import Daemon
from tests.cluster.ports import free_ports
from tests.monitoring.alertmanager import answers

SCRAPE_S = 2
"""Seconds between two scrapes, and between two evaluations of rules."""

ASK_TIMEOUT_S = 20.0

Series = Mapping[str, Any]
"""One result of a query: `metric` with the labels, `value` or `values`."""


class QueryRefusedError(AssertionError):
    """Prometheus refused a query."""


class Prometheus:
    """A Prometheus that runs while the context is open, with exemplars; scrapes and evaluates every two seconds.

    Attributes:
        url: Where it is, without a slash at the end.
        config: Its configuration file.
    """

    def __init__(
        self, folder: Path, *, jobs: Mapping[str, Sequence[str]], rules: Sequence[Path], alertmanagers: Sequence[str]
    ) -> None:
        """Describes a Prometheus; nothing starts yet.

        Args:
            folder: Where its files are; made where it is missing.
            jobs: Whom it scrapes: addresses by the job's name.
            rules: The files of rules.
            alertmanagers: Whom it tells of alerts, host and port of each.
        """
        folder.mkdir(parents=True, exist_ok=True)
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        self.config = folder / "prometheus.yml"
        self.config.write_text(yaml.safe_dump(_config(jobs, rules=rules, alertmanagers=alertmanagers)))
        flags = [
            f"--config.file={self.config}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--enable-feature=exemplar-storage",
            "--log.level=warn",
        ]
        self._daemon = Daemon("prometheus", ["prometheus", *flags], log=folder / "prometheus.log")

    def __enter__(self) -> Self:
        try:
            self._daemon.start()
            self._daemon.wait_for(lambda: answers(f"{self.url}/-/ready"))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._daemon.stop()

    def ask(self, path: str, **parameters: str) -> Any:
        """Returns the data of an answer of the API, such as of `/api/v1/alerts`.

        Raises:
            QueryRefusedError: The API refused; the message says why.
        """
        url = f"{self.url}{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=ASK_TIMEOUT_S) as answer:  # noqa: S310 - our own server
                return json.load(answer)["data"]
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise QueryRefusedError(f"{parameters}: {refusal.read().decode()}") from None

    def query(self, expression: str) -> list[Series]:
        """Returns what an expression comes to now."""
        data = self.ask("/api/v1/query", query=expression)
        if data["resultType"] == "scalar":
            return [{"metric": {}, "value": data["result"]}]
        result: list[Series] = data["result"]
        return result

    def query_range(self, expression: str, *, start: float, end: float, step_s: float = SCRAPE_S) -> list[Series]:
        """Returns what an expression came to over time, from a second of the Unix epoch to another."""
        times = {"start": str(start), "end": str(end), "step": str(step_s)}
        result: list[Series] = self.ask("/api/v1/query_range", query=expression, **times)["result"]
        return result

    def rules(self) -> list[dict[str, Any]]:
        """Returns all rules as the API tells them: name, type, health, query, the error of the last evaluation."""
        return [rule for group in self.ask("/api/v1/rules")["groups"] for rule in group["rules"]]

    def exemplars(self, selector: str, *, start: float, end: float) -> list[dict[str, Any]]:
        """Returns the exemplars of the series that a selector matches: labels, value, timestamp."""
        found = self.ask("/api/v1/query_exemplars", query=selector, start=str(start), end=str(end))
        return [exemplar for series in found for exemplar in series["exemplars"]]

    def last_words(self) -> str:
        """Returns the end of its log."""
        return self._daemon.last_words()


def _config(
    jobs: Mapping[str, Sequence[str]], *, rules: Sequence[Path], alertmanagers: Sequence[str]
) -> dict[str, Any]:
    every = f"{SCRAPE_S}s"
    return {
        "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
        "rule_files": [str(path) for path in rules],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": list(alertmanagers)}]}]},
        "scrape_configs": [
            {"job_name": name, "static_configs": [{"targets": list(addresses)}]} for name, addresses in jobs.items()
        ],
    }
