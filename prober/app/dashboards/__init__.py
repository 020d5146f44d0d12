"""Makes the Grafana dashboards in dashboards/: a generator that people run, no part of the service.

`parts` knows Grafana's JSON: panels, variables, links, the grid. `promql` spells the queries that recur. Each other
module is one page in words: its panels, what each asks Prometheus, and what it tells. Nothing here imports a library
or does I/O but `__main__`, which writes the files.
"""

from collections.abc import Mapping

from prober.app.dashboards.itself import itself
from prober.app.dashboards.overview import overview
from prober.app.dashboards.parts import Json
from prober.app.dashboards.target import target

__all__ = ["dashboards"]


def dashboards() -> Mapping[str, Json]:
    """Returns each dashboard in Grafana's classic JSON, by the name of its file."""
    return {"overview.json": overview(), "target.json": target(), "prober.json": itself()}
