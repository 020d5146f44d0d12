"""The lab's TURN server: coturn on loopback, with one user, for desktops that are reached by a relay.

The package knows nothing of desktops: it says which server they are to use, in health and in each way in which TURN
breaks. Reading order: `access` (what is handed out), `relay` (who gets what), `server` (the process), `settings` (its
configuration file), `binding` (whether it answers).
"""

from prober.lab.turn.access import Handout, Turn, TurnAccess
from prober.lab.turn.relay import Relay
from prober.lab.turn.server import TurnError, TurnMissingError, TurnServer

__all__ = [
    "Handout",
    "Relay",
    "Turn",
    "TurnAccess",
    "TurnError",
    "TurnMissingError",
    "TurnServer",
]
