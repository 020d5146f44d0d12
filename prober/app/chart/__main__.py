"""`python -m prober.app.chart CHART`: writes the chart's files that are made of others.

values.schema.json and README.md of its values.yaml, `files/` of the table of permissions, of the rules and dashboards,
which a chart has to hold itself.
"""

import json
import shutil
import sys
from pathlib import Path

from prober.adapters.kubernetes.permissions_chart import as_yaml
from prober.app.chart.readme import with_table
from prober.app.chart.schema import values_schema
from prober.app.chart.values import read_values

RULES = ("prometheus-rules.yaml", "grafana-alert-rules.yaml")
"""Of `dashboards/alerts`."""


def write(chart: Path, *, dashboards: Path) -> None:
    """Writes them.

    Args:
        chart: The chart's folder.
        dashboards: The folder with dashboards and, in `alerts`, rules.

    Raises:
        OSError: A file cannot be read or written.
        KeyError: values.yaml is no mapping of mappings.
    """
    values = read_values((chart / "values.yaml").read_text())
    (chart / "values.schema.json").write_text(json.dumps(values_schema(values), indent=1) + "\n")
    (chart / "README.md").write_text(with_table((chart / "README.head.md").read_text(), values))
    files = chart / "files"
    (files / "dashboards").mkdir(parents=True, exist_ok=True)
    (files / "permissions.yaml").write_text(as_yaml())
    for dashboard in dashboards.glob("*.json"):
        shutil.copyfile(dashboard, files / "dashboards" / dashboard.name)
    for name in RULES:
        shutil.copyfile(dashboards / "alerts" / name, files / name)


if __name__ == "__main__":
    write(Path(sys.argv[1]), dashboards=Path(sys.argv[2]))
