"""The chart, rendered by Helm's own library."""

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import helm_python
import yaml

ROOT = Path(__file__).parents[2]
CHART = ROOT / "helm" / "vdi-prober"
EXAMPLES = sorted((CHART / "ci").glob("*-values.yaml"))
NAMESPACE = "probing"
NAME = "probe-vdi-prober"
"""What the release `probe` calls its objects."""


@cache
def chart() -> helm_python.Chart:
    """The chart, loaded once."""
    return helm_python.Chart.load(CHART)


def example(name: str) -> dict[str, Any]:
    """Returns the values of `ci/NAME-values.yaml`."""
    values: dict[str, Any] = yaml.safe_load((CHART / "ci" / f"{name}-values.yaml").read_text())
    return values


MINIMAL = example("minimal")
"""The values that most tests begin with."""


def with_(**values: Any) -> dict[str, Any]:
    """Returns the minimal values with others laid over them."""
    return deepcopy(MINIMAL) | values


def render(values: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns all objects of a release `probe` in the namespace `probing`.

    Raises:
        helm_python.HelmError: The values are refused.
    """
    chart().validate_schema(chart().merge_values(values))
    return list(_objects(chart().render(values, name="probe", namespace=NAMESPACE)))


def only(objects: list[dict[str, Any]], kind: str, **metadata: str) -> dict[str, Any]:
    """Returns the one object of a kind, with such metadata."""
    found = [
        thing for thing in objects if thing["kind"] == kind and metadata.items() <= dict(thing["metadata"]).items()
    ]
    assert len(found) == 1, [thing["metadata"] for thing in found]
    return found[0]


def pods(objects: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields the specs of all Pods that the objects are or make, each with its kind."""
    for thing in objects:
        if thing["kind"] == "Pod":
            yield "Pod", thing["spec"]
        elif thing["kind"] in {"Deployment", "Job"}:
            yield thing["kind"], thing["spec"]["template"]["spec"]


def configuration(objects: list[dict[str, Any]]) -> str:
    """Returns the prober's file."""
    return str(only(objects, "ConfigMap", name=NAME)["data"]["prober.yaml"])


def _objects(manifests: dict[str, str]) -> Iterator[dict[str, Any]]:
    for path, text in manifests.items():
        if not path.endswith(".txt"):
            yield from (thing for thing in yaml.safe_load_all(text) if thing)
