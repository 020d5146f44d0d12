"""Every metric of the prober, declared once.

`vdi_probe_` is what is measured, `vdi_prober_` the prober itself, `probe_` the blackbox exporter's names for
dashboards that know them. Base units; counters end in `_total`. A target's metrics have the label `target` first;
what else a target is sits on `vdi_probe_target_info` alone. docs/metrics.md is made from this.
"""

from prober.adapters.metrics import measured, own
from prober.adapters.metrics.declaration import Declaration

CATALOG: tuple[Declaration, ...] = (*measured.METRICS, *own.METRICS)
"""All of them, a target's first."""
