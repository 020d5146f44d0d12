"""The port for the prober's own health."""

from collections.abc import Sequence
from typing import Protocol

from prober.domain.health import HealthSample


class Health(Protocol):
    """What the prober's own machine was like."""

    def samples(self, *, since_s: float) -> Sequence[HealthSample]:
        """Returns the samples taken since then, oldest first; none where nothing was measured or kept.

        Args:
            since_s: In seconds of the clock for durations, `Clock.monotonic`.
        """
