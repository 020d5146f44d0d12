"""The published JSON Schema of failure traces, read from the package."""

import json
from importlib.resources import files
from typing import Any

from prober.domain.failure_trace import SCHEMA_FILE


def failure_trace_schema() -> dict[str, Any]:
    """Returns the schema, in draft 2020-12."""
    schema: dict[str, Any] = json.loads(files("prober.domain").joinpath(SCHEMA_FILE).read_text(encoding="utf-8"))
    return schema
