"""What coturn is told, in a file that only its owner reads.

A password on a command line is everybody's. So all settings stand in one file; whatever coturn writes itself stands
beside it.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from prober.lab.turn.access import TurnAccess

REALM = "lab.vdi-prober.io"

FIRST_RELAY_PORT = 61000
"""The first port above those that Linux lends to anybody who asks for any (ip_local_port_range)."""

RELAY_PORTS = 500
"""How many ports are lent out, skipping those in use. A browser that was killed keeps its own for 10 minutes, which is
30 runs of a demo."""

PRIVATE_DIRECTORY = 0o700
PRIVATE_FILE = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFiles:
    """A TURN server's files in a directory of their own."""

    directory: Path

    @property
    def settings(self) -> Path:
        """What it is told."""
        return self.directory / "turnserver.conf"

    @property
    def log(self) -> Path:
        """What it says."""
        return self.directory / "turnserver.log"

    @property
    def database(self) -> Path:
        """Its database of users, which stays without any; coturn insists on having one."""
        return self.directory / "turndb"

    @property
    def pid(self) -> Path:
        """Its process id; coturn insists on writing that, too."""
        return self.directory / "turnserver.pid"

    def write(self, access: TurnAccess) -> None:
        """Writes the settings, readable for their owner only.

        Raises:
            OSError: A file cannot be written.
        """
        self.directory.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        self.remove_files()
        descriptor = os.open(self.settings, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(_settings(access, files=self))

    def last_words(self) -> str:
        """Returns the last line of the log, empty where there is none."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            return ""
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def remove(self) -> None:
        """Removes the files that are there, and the directory where nothing else is in it.

        Raises:
            OSError: A file cannot be removed.
        """
        self.remove_files()
        if self.directory.is_dir() and not any(self.directory.iterdir()):
            self.directory.rmdir()

    def remove_files(self) -> None:
        """Removes the files that are there.

        Raises:
            OSError: A file cannot be removed.
        """
        journals = (self.directory / f"{self.database.name}{end}" for end in ("-journal", "-wal", "-shm"))
        for path in (self.settings, self.log, self.pid, self.database, *journals):
            path.unlink(missing_ok=True)


def _settings(access: TurnAccess, *, files: TurnFiles) -> str:
    lines = (
        f"listening-ip={access.host}",
        f"listening-port={access.port}",
        f"relay-ip={access.host}",
        f"min-port={FIRST_RELAY_PORT}",
        f"max-port={FIRST_RELAY_PORT + RELAY_PORTS - 1}",
        "lt-cred-mech",
        f"user={access.username}:{access.password}",
        f"realm={REALM}",
        "allow-loopback-peers",  # there are no others
        "no-multicast-peers",
        "no-tcp-relay",
        "no-tls",
        "no-dtls",
        "no-cli",
        "no-rfc5780",
        "no-software-attribute",
        "relay-threads=1",
        f"userdb={files.database}",
        f"pidfile={files.pid}",
        f"log-file={files.log}",
        "simple-log",  # no date in the log's name
        "no-stdout-log",
    )
    return "\n".join((*lines, ""))
