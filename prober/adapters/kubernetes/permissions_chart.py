"""The table of permissions as the chart's templates read it: the rules of each feature, by its name.

`python -m prober.adapters.kubernetes.permissions_chart` prints it; `make docs` writes it into the chart.
"""

import sys

import yaml

from prober.adapters.kubernetes.permissions import Feature, Permission, Scope, permissions, rules

_HEAD = "# Made by `python -m prober.adapters.kubernetes.permissions_chart`; do not edit.\n"


def as_yaml() -> str:
    """Returns the mapping from each feature to its rules; those to be restricted to names have none yet."""
    table: dict[Feature, list[Permission]] = {}
    for row in permissions():
        table.setdefault(row.feature, []).append(row)
    features = {
        feature.value: [rule for scope in Scope for rule in rules(rows, scope=scope)] for feature, rows in table.items()
    }
    return _HEAD + yaml.safe_dump(features, sort_keys=False, default_flow_style=None, width=120)


if __name__ == "__main__":
    sys.stdout.write(as_yaml())
