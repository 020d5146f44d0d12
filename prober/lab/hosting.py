"""Desktops as the operator knows them, of either kind."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from prober.lab.desktop.access import Credentials
from prober.lab.desktop.behaviour import Behaviour
from prober.lab.desktop.host import LOOPBACK, DesktopHost
from prober.lab.kinds import DesktopKind
from prober.lab.operator.lifecycle import Desktops
from prober.lab.operator.session import Session
from prober.lab.relaying import told_by
from prober.lab.selkies.host import SelkiesHost
from prober.lab.selkies.programs import find_programs
from prober.lab.turn.relay import Relay


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosting:
    """Where a lab's desktops run.

    Attributes:
        desktops: Opens them, closes them.
        synthetic: The host of synthetic ones, with the truth about them; `None` where they are of the other kind.
    """

    desktops: Desktops
    synthetic: DesktopHost | None = None


@asynccontextmanager
async def hosting(
    kind: DesktopKind,
    *,
    credentials: Credentials,
    directory: Path,
    relay: Relay,
    address: str = LOOPBACK,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Hosting]:
    """Hosts desktops while the context is open.

    Args:
        kind: Of which kind they are.
        credentials: Who is let in.
        directory: Where desktops may write; made where it is missing.
        relay: Says what a desktop is told about TURN.
        address: Where synthetic ones listen; the others are on loopback always.
        tls: What synthetic ones are served over HTTPS with; without it over plain HTTP.

    Raises:
        MissingProgramsError: The programs of such desktops are not installed.
        OSError: No port can be had.
    """
    if kind is DesktopKind.SELKIES:
        programs = await asyncio.to_thread(find_programs)
        host = SelkiesHost(programs=programs, credentials=credentials, directory=directory, relay=relay)
        async with host:
            yield Hosting(desktops=host)
    else:
        async with DesktopHost(credentials=credentials, address=address, tls=tls) as synthetic:
            yield Hosting(desktops=SyntheticDesktops(synthetic, relay=relay), synthetic=synthetic)


class SyntheticDesktops:
    """The desktops of a synthetic host."""

    def __init__(self, host: DesktopHost, *, relay: Relay) -> None:
        self._host = host
        self._relay = relay

    async def open(self, session: Session, *, behaviour: Behaviour) -> str:
        """Serves a session's desktop; returns its URL.

        Raises:
            DesktopError: It needs a TURN server, and that did not start.
        """
        turn = await told_by(self._relay, turn=behaviour.turn)
        self._host.open(session.uid, session.route, behaviour, name=session.name, turn=turn)
        return self._host.url_of(session.route)

    async def serves(self, session: Session) -> bool:
        """Whether a session's desktop is open."""
        return self._host.serves(session.uid)

    async def close(self, session: Session) -> None:
        """Ends a session's desktop, if there is one."""
        await self._host.close(session.uid)
