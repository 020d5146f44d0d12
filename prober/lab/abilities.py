"""Which faults each kind of desktop can play."""

from collections.abc import Mapping
from dataclasses import replace

from prober.lab.desktop.behaviour import Behaviour, Carrier
from prober.lab.fault import Fault
from prober.lab.faults import FAULTS
from prober.lab.kinds import DesktopKind
from prober.lab.turn.access import Turn

_OF_SELKIES = (Behaviour(), Behaviour(carrier=Carrier.WEBSOCKET), Behaviour(idle=True))
"""How a Selkies desktop can behave, whatever becomes of TURN. The rest would need a Selkies of our own."""


def faults_of(kind: DesktopKind) -> Mapping[str, Fault]:
    """Returns the faults that a lab with such desktops can play, by name.

    What the operator does wrong, it does with any desktop.
    """
    if kind is DesktopKind.SYNTHETIC:
        return FAULTS
    return {name: fault for name, fault in FAULTS.items() if replace(fault.behaviour, turn=Turn.NORMAL) in _OF_SELKIES}
