"""Writes the rules that are committed, with their defaults, into dashboards/alerts."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from prober.app.monitoring import grafana, prometheus
from prober.app.monitoring.links import Links

NAME = "vdi-prober"
"""The name of the PrometheusRule."""
DATASOURCE = "prometheus"
"""The uid of the data source that Grafana's provisioning is most often given for Prometheus."""
FOLDER = "VDI prober"
"""The folder of the rules in Grafana."""

FILES: Mapping[str, Callable[[], str]] = {
    "prometheus-rules.yaml": lambda: prometheus.rule_file(Links()),
    "prometheusrule.yaml": lambda: prometheus.prometheus_rule(Links(), name=NAME, labels={}),
    "grafana-alert-rules.yaml": lambda: grafana.rule_file(Links(), datasource=DATASOURCE, folder=FOLDER),
}
"""Each file's name, and what makes it."""


def write(folder: Path) -> None:
    """Writes all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in FILES.items():
        (folder / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
