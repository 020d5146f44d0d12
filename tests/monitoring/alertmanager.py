"""A real Alertmanager on loopback."""

import json
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import yaml

from tests.cluster.daemon import Daemon
from tests.cluster.ports import free_ports


class Alertmanager:
    """An Alertmanager that runs while the context is open.

    Attributes:
        address: Host and port.
    """

    def __init__(self, folder: Path, *, config: str) -> None:
        """Describes one; nothing starts yet.

        Args:
            folder: Where its files are; made where it is missing.
            config: Its configuration.
        """
        folder.mkdir(parents=True, exist_ok=True)
        (port,) = free_ports(1)
        self.address = f"127.0.0.1:{port}"
        written = folder / "alertmanager.yml"
        written.write_text(config)
        flags = [
            f"--config.file={written}",
            f"--storage.path={folder / 'data'}",
            f"--web.listen-address={self.address}",
            "--cluster.listen-address=",  # no other one to talk to
            "--log.level=warn",
        ]
        self._daemon = Daemon("alertmanager", ["prometheus-alertmanager", *flags], log=folder / "alertmanager.log")

    def __enter__(self) -> Self:
        try:
            self._daemon.start()
            self._daemon.wait_for(lambda: answers(f"http://{self.address}/-/ready"))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._daemon.stop()

    def inhibited(self) -> list[Mapping[str, str]]:
        """Returns the labels of the alerts that another one hides."""
        with urllib.request.urlopen(f"http://{self.address}/api/v2/alerts", timeout=10) as answer:
            return [alert["labels"] for alert in json.load(answer) if alert["status"]["inhibitedBy"]]


def answers(url: str) -> bool:
    """Tells whether somebody answers 200 there."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own server
            return bool(answer.status == 200)
    except OSError:
        return False


def telling_all(webhook: str) -> str:
    """Returns a configuration by which a webhook is told of each alert at once: each is a group of its own."""
    config: dict[str, Any] = {
        "route": {
            "receiver": "webhook",
            "group_by": ["..."],
            "group_wait": "0s",
            "group_interval": "1s",
            "repeat_interval": "1h",
        },
        "receivers": [{"name": "webhook", "webhook_configs": [{"url": webhook, "send_resolved": True}]}],
    }
    return yaml.safe_dump(config)
