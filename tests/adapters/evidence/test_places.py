"""Folders of evidence are private, however open the one is that they are made in."""

from pathlib import Path

from prober.adapters.evidence.places import make_private


def test_nobody_else_may_read_a_run(tmp_path: Path) -> None:
    """The target's folder and the run's are the owner's alone; making them again is no fault."""
    tmp_path.chmod(0o755)
    for _ in range(2):
        make_private(tmp_path, "ubuntu", "run")
    assert [folder.stat().st_mode & 0o077 for folder in (tmp_path / "ubuntu", tmp_path / "ubuntu" / "run")] == [0, 0]
