"""Configuration files that load: whole ones, and the shortest one with what a test says beyond it."""

from pathlib import Path

from prober.app.config.load import load
from prober.domain.target import Target

GOOD = Path(__file__).parent / "good"
"""Where the files are that load."""

PLAIN = """\
clusters:
  staging: {in_cluster: true}
targets:
  - name: ubuntu
    schedule: {every: 15m}
    session: {cluster: staging, namespace: vdi, user: probe@example.com, template: ubuntu-desktop}
"""
"""The shortest file, with time for everything."""


def plain_with(folder: Path, changes: str) -> Target:
    """Returns the target of the plain file with some more said about it."""
    path = folder / "prober.yaml"
    path.write_text(f"{PLAIN}    {changes}\n", encoding="utf-8")
    return load(path, environ={}).targets[0].target
