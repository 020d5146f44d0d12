"""Rules whose time runs faster."""

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from prober.app.cli.rules import rules
from prober.app.monitoring import prometheus
from prober.app.monitoring.intervals import INTERVAL
from prober.app.monitoring.links import Links
from prober.app.monitoring.pace import USUAL, hastened
from prober.app.monitoring.rules import GROUPS
from prober.app.monitoring.words import Alert, Group, Record, Severity

_GROUP = Group(
    name="some",
    interval="1m",
    rules=(
        Record(name=INTERVAL, expr="max by (target) (vdi_probe_target_interval_seconds)", about="intervals"),
        Record(name="job:x:increase1h", expr='increase(x{class="15m"}[1h]) unless x offset 3d', about="x"),
        Record(name="job:y:sum30d", expr="sum_over_time(job:x:increase1h[30d:1h]) > 3600", about="y"),
        Alert(name="X", expr="x > 900", severity=Severity.INFO, lasting="15m", summary="x", description="x"),
    ),
)


def test_every_duration_is_shorter() -> None:
    """Ranges, offsets, subqueries, how often rules are evaluated and how long alerts must hold; names stay."""
    (group,) = hastened([_GROUP], pace=10)
    _, increase, total, alert = group.rules
    assert group.interval == "6000ms"
    assert increase.expr == 'increase(x{class="15m"}[360000ms]) unless x offset 25920000ms'
    assert total.expr == "sum_over_time(job:x:increase1h[259200000ms:360000ms]) > 3600"
    assert isinstance(alert, Alert)
    assert (alert.lasting, alert.expr) == ("90000ms", "x > 900")


def test_intervals_count_more() -> None:
    """A target that is due every 20 s is to the rules what one that is due every quarter of an hour would be."""
    (group,) = hastened([_GROUP], pace=45)
    assert group.rules[0].expr == "45 * max by (target) (vdi_probe_target_interval_seconds)"


def test_the_usual_pace_changes_nothing() -> None:
    """The rules that are shipped are those that are written down."""
    assert hastened(GROUPS, pace=USUAL) == GROUPS


@pytest.mark.prometheus
def test_prometheus_takes_them(tmp_path: Path) -> None:
    """`promtool check rules` finds nothing to say of hastened rules, and as many of them."""
    path = tmp_path / "rules.yaml"
    path.write_text(prometheus.rule_file(Links(), pace=45))
    command = ["promtool", "check", "rules", str(path)]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"SUCCESS: {sum(len(group.rules) for group in GROUPS)} rules found" in done.stdout


def test_other_formats_are_not_hastened() -> None:
    """Rules that stay in a cluster or in Grafana are no trial."""
    done = CliRunner().invoke(rules, ["--format", "operator", "--pace", "45"])
    assert done.exit_code == 2
    assert "--pace is for --format prometheus alone" in done.output
