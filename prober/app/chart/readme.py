"""The table of values in the chart's README."""

import json

from prober.app.chart.values import Value


def with_table(head: str, values: list[Value]) -> str:
    """Returns the README: its head with the table of values, in the order of values.yaml, below."""
    rows = [_row(value) for value in values if not _is_section(value)]
    lines = ["| Value | Default | |", "| --- | --- | --- |", *rows]
    return head.rstrip("\n") + "\n\n" + "\n".join(lines) + "\n"


def _is_section(value: Value) -> bool:
    return isinstance(value.default, dict) and bool(value.default) and not value.marks


def _row(value: Value) -> str:
    default = json.dumps(value.default).replace("|", "\\|")
    text = value.text.replace("|", "\\|")
    return f"| `{'.'.join(value.path)}` | `{default}` | {text} |"
