"""`prober serve` as a process that can be ended and started again at the same address."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import yaml

from tests.cluster.daemon import Daemon
from tests.cluster.ports import free_ports
from tests.e2e.conftest import PROBER, START_S

STOP_S = 60
"""How long runs may take to tear down, in seconds, on a machine that is busy."""


class Service:
    """A service that runs while the context is open, once it serves; may be stopped and started meanwhile.

    Attributes:
        address: Where it is scraped, host and port.
        name: What its files are called.
    """

    def __init__(
        self, folder: Path, *, name: str, config: Mapping[str, Any], env: Mapping[str, str] | None = None
    ) -> None:
        (port,) = free_ports(1)
        self.address = f"127.0.0.1:{port}"
        self.name = name
        written = folder / f"{name}.yaml"
        written.write_text(yaml.safe_dump({**config, "web": {"listen": self.address}}))
        self._log = folder / f"{name}.jsonl"
        command = [*PROBER, "serve", "--config", str(written)]
        self._daemon = Daemon(name, command, log=self._log, env=env, end_s=STOP_S)
        self._starts = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Starts it."""
        self._daemon.start()
        self._starts += 1

    def wait(self) -> None:
        """Waits until it serves."""
        self._daemon.wait_for(lambda: len(self.events("serving")) >= self._starts, within_s=START_S)

    def stop(self) -> None:
        """Tells it to end, waits until it has; its sessions are torn down."""
        self._daemon.stop()

    def events(self, name: str) -> list[dict[str, Any]]:
        """Returns the log's events of one name, oldest first."""
        lines = [line for line in self._log.read_text().splitlines() if line.startswith("{")]
        return [event for event in map(_parsed, lines) if event.get("event") == name]

    def runs(self, target: str) -> list[dict[str, Any]]:
        """Returns the finished runs of a target, as logged, oldest first."""
        return [event for event in self.events("run_finished") if event["target"] == target]


def _parsed(line: str) -> dict[str, Any]:
    try:
        event: dict[str, Any] = json.loads(line)
    except ValueError:  # half a line: it is being written
        return {}
    return event
