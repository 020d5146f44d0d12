"""A prober whose health is what a test says."""

from collections.abc import Sequence

from prober.domain.health import HealthSample
from prober.flow.ports.health import Health


def starving(at_s: float) -> HealthSample:
    """Returns the sample of a machine with two busy processes per core."""
    return HealthSample(at_s=at_s, loop_lag_s=0.01, cpu_some_ratio=0.98, memory_some_ratio=0.0, load=3.0)


def idle(at_s: float) -> HealthSample:
    """Returns the sample of a sound machine."""
    return HealthSample(at_s=at_s, loop_lag_s=0.0, cpu_some_ratio=0.1, memory_some_ratio=0.0, load=0.5)


class FakeHealth(Health):
    """Knows the samples that it is given.

    Attributes:
        known: All samples, oldest first; a test may add to them.
    """

    def __init__(self, *known: HealthSample) -> None:
        self.known = list(known)

    def samples(self, *, since_s: float) -> Sequence[HealthSample]:
        """Returns those of the known that were taken since then."""
        return [sample for sample in self.known if sample.at_s >= since_s]
