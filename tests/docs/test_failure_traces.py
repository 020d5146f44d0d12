"""docs/failure-traces.md lists the members of the published schema, and the cuts that the code makes."""

import re
from pathlib import Path
from typing import Any

from prober.app.failure_trace_schema import failure_trace_schema
from prober.domain import failure_trace

_PAGE = (Path(__file__).parents[2] / "docs" / "failure-traces.md").read_text(encoding="utf-8")


def _listed(section: str) -> dict[str, tuple[bool, str]]:
    """Returns the members of a section: whether they are always there, and what they are."""
    text = re.search(rf"^##+ {section}\n(.*?)(?=^##|\Z)", _PAGE, re.MULTILINE | re.DOTALL)
    assert text is not None, f"no section {section}"
    rows = re.findall(r"^\| `(\w+)`( \(always\))? \| (.*?) \|", text[1], re.MULTILINE)
    return {name: (bool(always), what) for name, always, what in rows}


def _described(part: dict[str, Any]) -> dict[str, tuple[bool, str]]:
    return {name: (name in part["required"], inner["description"]) for name, inner in part["properties"].items()}


def test_every_member_is_listed_as_the_schema_has_it() -> None:
    """A reader finds each member with its meaning and whether it is always there, and none that does not exist."""
    schema = failure_trace_schema()
    shapes = {"Members": schema} | {name: part for name, part in schema["$defs"].items() if "properties" in part}
    assert {name: _listed(name) for name in shapes} == {name: _described(part) for name, part in shapes.items()}


def test_every_cut_has_a_row() -> None:
    """The order in which a trace is cut has as many rows as the code has cuts."""
    numbers = [int(number) for number in re.findall(r"^\| (\d+) \|", _PAGE, re.MULTILINE)]
    assert numbers == list(range(1, len(failure_trace._CUTS) + 1))


def test_the_limit_is_told() -> None:
    """The page says how large a trace may be."""
    assert f"at most {failure_trace.MOST_BYTES // 1024} KiB" in _PAGE
