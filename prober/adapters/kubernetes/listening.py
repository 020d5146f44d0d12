"""One open watch: its events, its silence, and whether it was ever good for anything."""

import asyncio

from prober.adapters.kubernetes.api import EventStream, RawObject
from prober.domain.errors import TargetFailed

SILENCE_S = 5.0
"""A watch silent for so long is to be checked, in seconds: with the time that an answer may take well below the budgets
of whole steps."""

SOUND_S = 1.0
"""A watch that lasted for so long has worked, in seconds, and so has one that told a state."""


class OpenWatch:
    """A watch from its opening to its end; it begins with the silence that any sign of life ends."""

    def __init__(self, events: EventStream) -> None:
        self._events = events
        self._opened_s = self._heard_s = _now()
        self._told = False

    @property
    def worked(self) -> bool:
        """Whether it is worth resuming."""
        return self._told or _now() - self._opened_s >= SOUND_S

    async def next(self) -> RawObject | None:
        """Returns the next event, or `None` at the watch's end, however that came.

        Raises:
            TimeoutError: It has been silent for too long, waits that were given up included.
        """
        try:
            async with asyncio.timeout_at(self._heard_s + SILENCE_S):
                event = await self._events.next()
        except TargetFailed:
            return None  # cut, or no Kubernetes: as good as ended
        self._heard_s = _now()
        return event

    def told_state(self) -> None:
        """Notes that an event was a state."""
        self._told = True

    def checked(self) -> None:
        """Notes that the silence was found to be right; the next one begins."""
        self._heard_s = _now()

    def close(self) -> None:
        """Ends it; a second call does nothing."""
        self._events.close()


def _now() -> float:
    return asyncio.get_running_loop().time()
