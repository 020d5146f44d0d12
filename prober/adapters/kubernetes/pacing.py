"""How soon an API server is asked again: at once while all is well, later and later while it is in trouble.

It keeps points in time rather than pauses, so that a wait which is given up and begun anew does not start over.
"""

import asyncio

SHORTEST_PAUSE_S = 0.2
"""The first pause after a trouble, in seconds."""

LONGEST_PAUSE_S = 1.0
"""What the pause grows to while nothing goes well, in seconds: so much later than it happened may news be heard."""

LONGEST_WAIT_S = 10.0
"""How long an API server is left alone at most, in seconds, whatever it asks for: a budget is running meanwhile."""


class Pacing:
    """When the next request is due."""

    def __init__(self) -> None:
        self._pause_s = 0.0
        self._due_s = 0.0

    async def wait(self) -> None:
        """Waits until a request is due."""
        await asyncio.sleep(max(0.0, self._due_s - _now()))

    def well(self) -> None:
        """Notes that all went well: the next trouble begins with the shortest pause."""
        self._pause_s = 0.0

    def trouble(self) -> None:
        """Notes a trouble: the pause doubles."""
        self._pause_s = min(max(SHORTEST_PAUSE_S, 2 * self._pause_s), LONGEST_PAUSE_S)
        self.leave_alone(self._pause_s)

    def leave_alone(self, seconds: float) -> None:
        """Puts the next request off, unless it is put off for longer already."""
        self._due_s = max(self._due_s, _now() + min(seconds, LONGEST_WAIT_S))


def _now() -> float:
    return asyncio.get_running_loop().time()
