"""docs/monitoring.md: the configurations that it gives are taken by the tools that they are for."""

import re
import subprocess
from pathlib import Path

import pytest

from prober.app.monitoring import prometheus
from prober.app.monitoring.links import Links
from prober.app.monitoring.words import Severity

pytestmark = pytest.mark.prometheus

PAGE = (Path(__file__).parents[2] / "docs" / "monitoring.md").read_text()

EXAMPLE = Path(__file__).parents[2] / "dashboards" / "alerts" / "alertmanager-example.yaml"

_FENCE = re.compile(r"^```yaml\n# (?P<name>\S+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


def _written(folder: Path, name: str) -> Path:
    """Writes the page's configuration of that name, with the rules that it reads beside it."""
    (text,) = (found["text"] for found in _FENCE.finditer(PAGE) if found["name"] == name)
    (folder / "vdi-prober.rules.yaml").write_text(prometheus.rule_file(Links()))
    path = folder / name
    path.write_text(text)
    return path


def _said(*command: str | Path) -> str:
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_prometheus_takes_its_configuration(tmp_path: Path) -> None:
    """`promtool check config` finds nothing to say of it, the rules included."""
    said = _said("promtool", "check", "config", _written(tmp_path, "prometheus.yml"))
    assert "is valid prometheus config file syntax" in said
    assert "rules found" in said


def test_alertmanager_takes_the_example() -> None:
    """`amtool check-config` finds nothing to say of it."""
    assert "SUCCESS" in _said("amtool", "check-config", EXAMPLE)


@pytest.mark.parametrize(
    ("severity", "receiver"),
    [(Severity.CRITICAL, "pager"), (Severity.WARNING, "chat"), (Severity.INFO, "nobody")],
    ids=str,
)
def test_each_severity_finds_its_receiver(severity: Severity, receiver: str) -> None:
    """What wakes somebody goes to whoever is on call, what does not goes elsewhere."""
    flags = (f"--config.file={EXAMPLE}", f"--verify.receivers={receiver}")
    labels = (f"severity={severity.value}", "alertname=VDIProbeNoRecentSuccess", "target=desktop")
    assert receiver in _said("amtool", "config", "routes", "test", *flags, *labels)
