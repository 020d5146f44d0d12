"""Prometheus metrics: what runs came to, how the prober itself fares.

`catalog` declares every metric once. `instruments` makes the library's objects of it and is the only module that
knows prometheus_client. `runs` translates a run's report. `recorder` is what the rest of the prober sees. Nothing here
listens on a port: the web adapter serves what `Metrics.render` returns.
"""

from prober.adapters.metrics.recorder import Metrics

__all__ = ["Metrics"]
