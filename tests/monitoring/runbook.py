"""The queries of the runbook, by the alerts whose parts they stand in."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.monitoring.expected import FIRING

_PAGE = Path(__file__).parents[2] / "docs" / "runbook.md"
_PART = re.compile(r"^## (?P<alert>VDI\w+)\n(?P<text>.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
_QUERIES = re.compile(r"^```promql\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def queries() -> Iterator[tuple[str, str]]:
    """Yields each alert that fires here with each query of its part, about what it fires for."""
    for part in _PART.finditer(_PAGE.read_text()):
        labels = FIRING.get(part["alert"])
        if labels is None:
            continue
        told = {"TARGET": labels.get("target", ""), "JOB": labels.get("job", ""), "TEMPLATE": "ubuntu-desktop"}
        for line in "".join(_QUERIES.findall(part["text"])).splitlines():
            query = line
            for word, value in told.items():
                query = query.replace(f'"{word}"', f'"{value}"')
            yield part["alert"], query
