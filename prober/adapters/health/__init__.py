"""How well the prober itself is served by its machine: the event loop's time, CPU, memory, disk.

Reads what the kernel tells; judges nothing. All that is measured in a run is measured through one event loop on one
machine: what keeps them busy makes the platform look slow.
"""

from prober.adapters.health.sampler import HealthSampler

__all__ = ["HealthSampler"]
