"""The prober's own HTTP side, for Prometheus, for Kubernetes' probes, for a person who looks.

`server` serves, `status_page` renders. Everything here only reads: what changes state would need a token.
"""

from prober.adapters.web.server import WebServer

__all__ = ["WebServer"]
