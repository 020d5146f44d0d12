"""Which faults a lab can play, by its desktops and its cluster."""

from collections.abc import Mapping
from dataclasses import replace

from prober.lab.desktop.behaviour import Behaviour, Carrier
from prober.lab.fault import Fault
from prober.lab.faults import FAULTS
from prober.lab.kinds import DesktopKind
from prober.lab.turn.access import Turn

_OF_SELKIES = (Behaviour(), Behaviour(carrier=Carrier.WEBSOCKET), Behaviour(idle=True))
"""How a Selkies desktop can behave, whatever becomes of TURN. The rest would need a Selkies of our own."""


def faults_of(kind: DesktopKind, *, own_cluster: bool = True) -> Mapping[str, Fault]:
    """Returns the faults that a lab can play, by name.

    What the operator does wrong, it does with any desktop.

    Args:
        kind: Of which kind its desktops are.
        own_cluster: Whether the API server is its own: nobody else's gets into trouble for it.
    """
    return {
        name: fault
        for name, fault in FAULTS.items()
        if (kind is DesktopKind.SYNTHETIC or replace(fault.behaviour, turn=Turn.NORMAL) in _OF_SELKIES)
        and (own_cluster or fault.trouble is None)
    }
