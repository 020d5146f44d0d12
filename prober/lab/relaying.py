"""What a desktop of either kind is told about TURN, in the words of whoever opens desktops."""

from prober.lab.operator.lifecycle import DesktopError
from prober.lab.turn.access import Handout, Turn
from prober.lab.turn.relay import Relay
from prober.lab.turn.server import TurnError


async def told_by(relay: Relay, *, turn: Turn) -> Handout | None:
    """Returns what a desktop is told about TURN; `None` where it is to do without.

    Args:
        relay: The lab's.
        turn: What becomes of the desktop's visitors.

    Raises:
        DesktopError: The desktop needs a TURN server, and that did not start.
        OSError: The server's files cannot be written, or no port could be had.
    """
    try:
        return await relay.handout(turn)
    except TurnError as error:
        raise DesktopError(str(error)) from error
