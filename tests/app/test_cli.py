import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from prober import __version__
from prober.app.cli import main
from prober.domain.failure_trace import SCHEMA_ID

GOOD = """
clusters: {staging: {in_cluster: true}}
targets:
  - name: ubuntu-desktop
    schedule: {every: 5m}
    session: {cluster: staging, namespace: vdi, user: probe@example.com, template: ubuntu-desktop}
    access: {basic: {username: probe, password: {env: PROBE_PASSWORD}}}
"""

COMMANDS = ["run", "serve", "demo", "check", "check config", "config", "config schema", "rules", "sweep", "lab"]


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["prober", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    code = ended.value.code
    assert isinstance(code, int)
    return code


@pytest.mark.parametrize("command", COMMANDS, ids=COMMANDS)
def test_every_command_has_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """Help exits with 0, says more than the usage line, and its examples keep their lines."""
    assert call(monkeypatch, *command.split(), "--help") == 0
    said = capsys.readouterr().out
    assert len(said.splitlines()) > 4
    assert "\\" not in said
    assert "\b" not in said


@pytest.mark.parametrize("command", COMMANDS, ids=COMMANDS)
def test_every_command_has_the_version(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """It is that of the product."""
    assert call(monkeypatch, *command.split(), "--version") == 0
    assert __version__ in capsys.readouterr().out


def test_the_version_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` names product and version."""
    assert call(monkeypatch, "--version") == 0
    assert capsys.readouterr().out == f"vdi-prober, version {__version__}\n"


def test_a_good_configuration_passes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """`check config` names the targets, without reading a secret."""
    file = tmp_path / "prober.yaml"
    file.write_text(GOOD)
    assert call(monkeypatch, "check", "config", str(file)) == 0
    assert capsys.readouterr().out == f"{file}: ok: 1 target(s): ubuntu-desktop\n"


@pytest.mark.parametrize(
    ("every", "store", "note"),
    [
        ("5m", "", "ubuntu-desktop: a run that uses up all budgets, fails and is looked into may take 5m12s"),
        ("5m", "evidence_store: {url: /tmp/kept}", "may take 5m36s, longer than the interval of 5m; the next"),
        ("6m", "evidence_store: {url: /tmp/kept}", ""),
        ("6m", "evidence_store: {url: /tmp/kept, limit: 1m}", "may take 6m26s"),
    ],
    ids=["looks", "pictures", "time enough", "a slow store"],
)
def test_a_run_that_may_outlast_its_interval_is_noted(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    *,
    every: str,
    store: str,
    note: str,
) -> None:
    """What is done beside the budgets is counted: not refused, since it is rare, and said on standard error."""
    file = tmp_path / "prober.yaml"
    file.write_text(f"{GOOD.replace('every: 5m', f'every: {every}')}\n{store}\n")
    assert call(monkeypatch, "check", "config", str(file)) == 0
    said = capsys.readouterr()
    assert said.out == f"{file}: ok: 1 target(s): ubuntu-desktop\n"
    assert said.err.count("note: ") == (1 if note else 0)
    assert note in said.err


def test_what_will_be_discovered_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """`check config` says from where targets will come, without asking there."""
    file = tmp_path / "prober.yaml"
    discovering = GOOD.replace("probe@example.com", '"probe-{template}@example.com"')
    file.write_text(discovering.replace("template: ubuntu-desktop", 'template: {selector: "tier=gold", limit: 3}'))
    assert call(monkeypatch, "check", "config", str(file)) == 0
    said = "discovered at runtime: ubuntu-desktop-TEMPLATE for each VDITemplate with tier=gold in cluster staging"
    assert capsys.readouterr().out == f"{file}: ok: {said}, at most 3\n"


def test_a_target_that_nobody_has(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """An unknown name is a usage error that lists the names."""
    file = tmp_path / "prober.yaml"
    file.write_text(GOOD)
    assert call(monkeypatch, "run", "ubuntu", "--config", str(file)) == 3
    assert "no target is called 'ubuntu'; there are: ubuntu-desktop" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [("check", "config"), ("run", "ubuntu-desktop", "--config"), ("serve", "--config"), ("sweep", "--config")],
    ids=["check config", "run", "serve", "sweep"],
)
def test_a_bad_configuration_is_exit_code_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, command: tuple[str, ...]
) -> None:
    """Every command that reads a configuration names every error of it, with line, path and mend."""
    file = tmp_path / "prober.yaml"
    file.write_text(GOOD.replace("namespace: vdi", "namepsace: vdi").replace("cluster: staging", "cluster: stagin"))
    assert call(monkeypatch, *command, str(file)) == 3
    said = capsys.readouterr().err
    assert f"{file}:6" in said
    assert "namespace" in said
    assert "staging" in said


def test_a_missing_configuration_is_exit_code_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The message names the file."""
    assert call(monkeypatch, "check", "config", str(tmp_path / "none.yaml")) == 3
    assert "none.yaml" in capsys.readouterr().err


def test_a_wrong_fault_lists_the_faults(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A usage error, before anything is started."""
    assert call(monkeypatch, "lab", "--fault", "nope") == 3
    assert "finalizer_stuck" in capsys.readouterr().err


def test_a_wrong_namespace_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A usage error, which says what a namespace is called."""
    assert call(monkeypatch, "lab", "--namespace", "Bad_Name") == 3
    assert "'Bad_Name' is no DNS label; use at most 63 lower-case letters" in capsys.readouterr().err


def test_the_schema_is_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Editors can read it."""
    assert call(monkeypatch, "config", "schema") == 0
    assert "targets" in json.loads(capsys.readouterr().out)["properties"]


def test_the_schema_of_failure_traces_is_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is the one that traces name."""
    assert call(monkeypatch, "config", "schema", "--failure-trace") == 0
    assert json.loads(capsys.readouterr().out)["$id"] == SCHEMA_ID


def test_a_cluster_that_cannot_be_opened_is_each_runs_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Exit code 2 and the kubeconfig's name in one line; 1 would say that the target failed."""
    file = tmp_path / "prober.yaml"
    file.write_text(GOOD.replace("{in_cluster: true}", "{kubeconfig: none.kubeconfig}"))
    monkeypatch.setenv("PROBE_PASSWORD", "not used")
    monkeypatch.setenv("PROBER_BROWSER", "/nonexistent/chromium")
    assert call(monkeypatch, "sweep", "--config", str(file)) == 2
    said = capsys.readouterr()
    assert "none.kubeconfig" in said.out + said.err
    assert "Traceback" not in said.err


def test_junit_is_one_document(tmp_path: Path) -> None:
    """It is all of standard output, of runs that never began a step too, and the exit code is as ever."""
    file = tmp_path / "prober.yaml"
    file.write_text(GOOD.replace("{in_cluster: true}", "{kubeconfig: none.kubeconfig}"))
    # A process of its own: the Playwright driver's start blocks, which the tests' event loop forbids.
    done = subprocess.run(
        [sys.executable, "-m", "prober", "run", "ubuntu-desktop", "--config", str(file), "--output", "junit"],
        env={**os.environ, "PROBE_PASSWORD": "not used", "PROBER_BROWSER": "/nonexistent/chromium"},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 2
    root = ET.fromstring(done.stdout)  # noqa: S314 - our own
    assert [suite.get("name") for suite in root] == ["ubuntu-desktop"]
    assert root.get("errors") == "1"


def test_a_defect_of_ours_is_exit_code_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An exception that nobody foresaw must not look like a failed target."""

    def broken() -> dict[str, object]:
        raise ZeroDivisionError

    monkeypatch.setattr(sys.modules["prober.app.cli.config"], "json_schema", broken)
    assert call(monkeypatch, "config", "schema") == 2
