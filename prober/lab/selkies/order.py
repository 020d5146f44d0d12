"""What the keeper of a desktop is told: everything about one desktop, in one line of JSON.

It goes through a pipe, because the command line of a process is for everybody to read.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from prober.lab.selkies.programs import Programs


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One desktop.

    Attributes:
        directory: The absolute path of a directory of its own, which the keeper makes and removes.
        route: The first part of the path under which it is served.
        username: Who is let in.
        password: With which password.
        mode: `webrtc` or `websockets`, in Selkies' words.
        animated: Whether a window moves all the time; otherwise nothing happens by itself.
        ice_servers: What the page and Selkies are told of STUN and TURN, as in RTCConfiguration.iceServers.
        programs: Where the programs are.
    """

    directory: str
    route: str
    username: str
    password: str = field(repr=False)
    mode: str
    animated: bool = True
    ice_servers: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    programs: Programs

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody may read in what is said about the desktop, in the forms in which programs may repeat it."""
        header = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        credentials = (server.get("credential") for server in self.ice_servers)
        return (self.password, header, *(str(credential) for credential in credentials if credential))

    def to_line(self) -> str:
        """Writes the order."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_line(cls, line: str) -> "Order":
        """Reads an order that `to_line` wrote.

        Raises:
            ValueError: The line is no order.
        """
        try:
            content = json.loads(line)
            return cls(**{**content, "programs": Programs(**content["programs"])})
        except (TypeError, KeyError) as error:
            raise ValueError("this is no order for a desktop") from error
