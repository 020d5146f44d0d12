"""`prober rules` prints what is asked for."""

import pytest
import yaml

from prober.app.cli import main
from prober.app.monitoring import files
from prober.app.monitoring.rules import ALERTS, RECORDS


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["prober", "rules", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    code = ended.value.code
    assert isinstance(code, int)
    return code


@pytest.mark.parametrize(
    ("kind", "file"),
    [
        ("prometheus", "prometheus-rules.yaml"),
        ("operator", "prometheusrule.yaml"),
        ("grafana", "grafana-alert-rules.yaml"),
    ],
    ids=["prometheus", "operator", "grafana"],
)
def test_it_prints_the_committed_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: str, file: str
) -> None:
    """Without further options each format is the file of dashboards/alerts."""
    assert call(monkeypatch, "--format", kind) == 0
    assert capsys.readouterr().out == files.FILES[file]()


@pytest.mark.parametrize(("only", "number"), [("records", len(RECORDS)), ("alerts", len(ALERTS))], ids=str)
def test_it_leaves_the_others_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], only: str, number: int
) -> None:
    """`--only` keeps one kind of rules, and no empty groups."""
    assert call(monkeypatch, "--only", only) == 0
    groups = yaml.safe_load(capsys.readouterr().out)["groups"]
    assert sum(len(group["rules"]) for group in groups) == number
    assert all(group["rules"] for group in groups)


def test_links_lead_where_they_are_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A runbook of one's own, and the dashboards of one's Grafana."""
    assert call(monkeypatch, "--runbook-url", "https://wiki/run", "--grafana-url", "https://grafana/") == 0
    groups = yaml.safe_load(capsys.readouterr().out)["groups"]
    texts = {rule["alert"]: rule["annotations"] for group in groups for rule in group["rules"] if "alert" in rule}
    assert texts["VDIProbeNoRuns"]["runbook_url"] == "https://wiki/run#vdiprobenoruns"
    assert texts["VDIProbeNoRuns"]["dashboard_url"] == (
        "https://grafana/d/vdi-prober-target?var-target={{ $labels.target }}"
    )
    assert texts["VDIProberAbsent"]["dashboard_url"] == "https://grafana/d/vdi-prober-itself"


def test_the_operator_s_object_has_name_and_labels(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its labels a Prometheus selects it."""
    arguments = ("--format", "operator", "--name", "desktops", "--label", "release=stack", "--label", "team=vdi")
    assert call(monkeypatch, *arguments) == 0
    metadata = yaml.safe_load(capsys.readouterr().out)["metadata"]
    assert metadata == {"name": "desktops", "labels": {"release": "stack", "team": "vdi"}}


def test_grafana_s_source_and_folder(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The data source and the folder are the user's."""
    assert call(monkeypatch, "--format", "grafana", "--datasource-uid", "mimir", "--folder", "Desktops") == 0
    groups = yaml.safe_load(capsys.readouterr().out)["groups"]
    assert {group["folder"] for group in groups} == {"Desktops"}
    assert {rule["data"][0]["datasourceUid"] for group in groups for rule in group["rules"]} == {"mimir"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "grafana", "--only", "records"], "alerts only"),
        (["--format", "operator", "--label", "release"], "not KEY=VALUE"),
    ],
    ids=["records for Grafana", "half a label"],
)
def test_nonsense_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """It exits with 3 and says why."""
    assert call(monkeypatch, *arguments) == 3
    assert said in capsys.readouterr().err
