"""What `prober lab` and `prober demo` refuse before anything starts."""

from pathlib import Path

import pytest

from prober.app.cli import main
from prober.app.exit_codes import ExitCode


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Returns the exit code of a command."""
    monkeypatch.setattr("sys.argv", ["prober", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.mark.parametrize("command", ["lab", "demo"], ids=["lab", "demo"])
def test_a_fault_that_real_desktops_cannot_play(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """`--fault black --desktop selkies` is refused with a list of what such desktops can play."""
    assert call(monkeypatch, command, "--fault", "black", "--desktop", "selkies") == ExitCode.USAGE
    said = capsys.readouterr().err
    assert "cannot play 'black'; there are: " in said
    assert "finalizer_stuck" in said
    assert "frozen" not in said


@pytest.mark.parametrize("command", ["lab", "demo"], ids=["lab", "demo"])
@pytest.mark.parametrize("path", ["any", "direct"], ids=["any", "direct"])
def test_a_path_on_which_nobody_would_notice_the_fault(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, path: str
) -> None:
    """`--fault turn_down --path any` contradicts itself: it would come out green; the message says what to choose."""
    assert call(monkeypatch, command, "--fault", "turn_down", "--path", path) == ExitCode.USAGE
    said = " ".join(capsys.readouterr().err.split())
    assert f"turn_down is noticed on the network path relay alone, not on {path}" in said


@pytest.mark.parametrize("command", ["lab", "demo"], ids=["lab", "demo"])
def test_real_desktops_need_their_programs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str
) -> None:
    """Where they are not installed, `--desktop selkies` names what is missing and what installs it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    assert call(monkeypatch, command, "--desktop", "selkies") != ExitCode.SUCCESS
    said = capsys.readouterr().err
    assert "Xvfb" in said
    assert "make demo DESKTOP=selkies" in said


@pytest.mark.parametrize("command", ["lab", "demo"], ids=["lab", "demo"])
@pytest.mark.parametrize(
    "faults", [("--fault", "black", "--fault", "frozen"), ("--fault", "black,frozen")], ids=["twice", "with a comma"]
)
def test_faults_that_exclude_one_another(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, faults: tuple[str, ...]
) -> None:
    """Two faults of the picture are refused together; the message says what there is only one of."""
    assert call(monkeypatch, command, *faults) == ExitCode.USAGE
    said = " ".join(capsys.readouterr().err.split())
    assert "black and frozen cannot be had at once: each has its own picture" in said
