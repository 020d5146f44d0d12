"""The files by which a running lab is found.

`kubeconfig` and `prober.yaml` point kubectl and the prober at the lab; `desktop-password` holds the
one secret that the prober needs; `tls` is the API server's, `turn` the TURN server's, `desktops` that of
real desktops. All are for their owner's eyes only, and none outlives the lab: what a killed one left behind
goes when the next one starts.

The password is random, with odd signs at its end, and the same for all desktops of a lab: a target knows one for all of
its sessions.
"""

import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from prober.domain.transport import NetworkPolicy
from prober.lab.kinds import DesktopKind
from prober.lab.kube.server import CERTIFICATE_NAME
from prober.lab.kube.tls import ServerCertificate
from prober.lab.turn.settings import TurnFiles

DESKTOP_USER = "probe"
CLUSTER = "lab"
DESKTOP_CERTIFICATE = "desktops"

PRIVATE_DIRECTORY = 0o700
PRIVATE_FILE = 0o600

_CLIENTS = {DesktopKind.SYNTHETIC: "generic", DesktopKind.SELKIES: "selkies"}
"""How a prober drives each kind of desktop, by the prober's own names."""

_RUNNING = {DesktopKind.SYNTHETIC: "15s", DesktopKind.SELKIES: "30s"}
"""The budget of `running`: an X server and Selkies start in 2 s on an idle machine, and in 15 s on a busy one."""


class StateFiles:
    """A lab's files in its state directory.

    Attributes:
        directory: The absolute path of the directory.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()

    @property
    def kubeconfig(self) -> Path:
        """Points kubectl at the lab."""
        return self.directory / "kubeconfig"

    @property
    def config(self) -> Path:
        """Points the prober at the lab."""
        return self.directory / "prober.yaml"

    @property
    def password(self) -> Path:
        """What the desktops ask for."""
        return self.directory / "desktop-password"

    @property
    def tls(self) -> Path:
        """Where the API server's certificate is, with its key."""
        return self.directory / "tls"

    @property
    def turn(self) -> Path:
        """Where the TURN server's files are, with its password."""
        return self.directory / "turn"

    @property
    def desktops(self) -> Path:
        """Where each real desktop has its files; a home directory among them, so all of it goes, whatever is in it."""
        return self.directory / "desktops"

    @property
    def desktop_certificate(self) -> ServerCertificate:
        """What synthetic desktops show, where they are served over HTTPS."""
        return ServerCertificate.at(self.tls, name=DESKTOP_CERTIFICATE)

    def make_directory(self) -> None:
        """Makes the directory, where it is missing.

        Raises:
            OSError: The directory cannot be made.
        """
        self.directory.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)

    def prepare(self) -> None:
        """Takes away what a killed lab left in the directory, makes room for what a new one puts there.

        Raises:
            OSError: The directory cannot be written.
        """
        self.remove()
        self.tls.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)

    def write(self, *, kubeconfig: Mapping[str, Any], config: Mapping[str, Any], password: str) -> None:
        """Writes all files, readable for their owner only.

        Raises:
            OSError: A file cannot be written.
        """
        _write_private(self.password, password)
        _write_private(self.kubeconfig, yaml.safe_dump(dict(kubeconfig), sort_keys=False))
        _write_private(self.config, yaml.safe_dump(dict(config), sort_keys=False))

    def remove(self) -> None:
        """Removes the files that are there.

        Raises:
            OSError: A file cannot be removed.
        """
        for path in (self.config, self.kubeconfig, self.password):
            path.unlink(missing_ok=True)
        shutil.rmtree(self.desktops, ignore_errors=True)  # a desktop of a killed lab may be taking it away just now
        TurnFiles(directory=self.turn).remove()
        ServerCertificate.at(self.tls, name=CERTIFICATE_NAME).remove()
        self.desktop_certificate.remove()
        with suppress(OSError):  # missing, or with something in it that is not ours
            self.tls.rmdir()


def prober_config(
    files: StateFiles,
    *,
    namespace: str,
    templates: Iterable[str],
    every: str,
    path: NetworkPolicy = NetworkPolicy.ANY,
    desktop: DesktopKind = DesktopKind.SYNTHETIC,
    https: bool = False,
) -> dict[str, Any]:
    """Returns the prober's configuration for a lab.

    Args:
        files: Where the lab's files are.
        namespace: Where sessions are made.
        templates: The templates; each becomes a target with a user of its own, because the platform derives the
            desktop's address from the user.
        every: The interval between two runs of a target, such as "3m".
        path: Which network path the targets' media may take.
        desktop: Of which kind the desktops are.
        https: Whether they are served over HTTPS, by a certificate that nobody trusts.
    """
    targets = [
        _target(template, files=files, namespace=namespace, every=every, desktop=desktop) for template in templates
    ]
    if path is not NetworkPolicy.ANY:
        targets = [{**target, "network": {"path": path.value}} for target in targets]
    if https:
        targets = [{**target, "url": {"schemes": ["https"], "verify_tls": False}} for target in targets]
    return {
        "clusters": {CLUSTER: {"kubeconfig": str(files.kubeconfig)}},
        "targets": targets,
    }


def _target(template: str, *, files: StateFiles, namespace: str, every: str, desktop: DesktopKind) -> dict[str, Any]:
    return {
        "name": template,
        "schedule": {"every": every},
        "session": {
            "cluster": CLUSTER,
            "namespace": namespace,
            "user": f"probe-{template.removesuffix('-desktop')}@example.com",
            "template": template,
            "timeout": "5m",
        },
        "client": _CLIENTS[desktop],
        "url": {"schemes": ["http"]},
        "access": {"basic": {"username": DESKTOP_USER, "password": {"file": str(files.password)}}},
        "budgets": {
            "running": _RUNNING[desktop],
            "url": "10s",
            "login": "10s",
            "connect": "10s",
            "first_frame": "10s",
            "terminate": "10s",
            "cleanup": "10s",
        },
    }


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
