"""What a configuration asks for that is not installed."""

from importlib.util import find_spec
from typing import Any

from prober.app.config.problems import Finding

_TRACING = ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http")
"""What the extra `otel` brings."""


def check_extras(data: dict[str, Any]) -> list[Finding]:
    """Returns a finding for each section that needs an extra which is missing."""
    if "tracing" not in data or all(map(_installed, _TRACING)):
        return []
    mend = "install it with `pip install vdi-prober[otel]`, or remove the section"
    return [Finding(path=("tracing",), problem="needs the extra otel, which is not installed", mend=mend)]


def _installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # of a package around it
        return False
