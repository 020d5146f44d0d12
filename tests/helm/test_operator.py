"""The chart's objects for the Prometheus operator have no field that its own types do not know."""

import subprocess
from typing import Any

import pytest
import yaml

from tests.cluster.parts import find
from tests.helm.rendering import example, only, render, with_

pytestmark = pytest.mark.operator


def said_of(*objects: dict[str, Any]) -> tuple[int, str]:
    """Returns how the check ended, and its words."""
    program = find("operator-types")
    assert program is not None
    text = yaml.safe_dump_all(objects, explicit_start=False)
    done = subprocess.run([program], input=text, check=False, capture_output=True, text=True)
    return done.returncode, done.stdout


def test_monitors_and_rules() -> None:
    """ServiceMonitor, PodMonitor and PrometheusRule are what the operator reads, relabelings included."""
    full = render(example("full"))
    monitors = only(full, "ServiceMonitor"), only(full, "PrometheusRule")
    pod = only(render(example("several-targets")), "PodMonitor")
    relabeled = {"enabled": True, "relabelings": [{"targetLabel": "team", "replacement": "vdi"}]}
    own = only(render(with_(serviceMonitor=relabeled, monitoring={"force": True})), "ServiceMonitor")
    code, words = said_of(*monitors, pod, own)
    assert code == 0, words
    assert words.split("\n")[:4] == ["ServiceMonitor: ok", "PrometheusRule: ok", "PodMonitor: ok", "ServiceMonitor: ok"]


def test_the_check_can_fail() -> None:
    """A field that the operator does not know is found, deep in the object."""
    monitor = only(render(example("full")), "ServiceMonitor")
    monitor["spec"]["endpoints"][0]["honourLabels"] = True
    code, words = said_of(monitor)
    assert code == 1
    assert "honourLabels" in words
