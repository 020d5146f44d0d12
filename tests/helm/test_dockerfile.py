"""The Dockerfile keeps to what hadolint knows of good ones."""

import subprocess
import sys
from pathlib import Path

from tests.helm.rendering import ROOT


def test_hadolint_finds_nothing() -> None:
    """Whatever it would complain of is mended, or excused beside the line, with the reason."""
    linter = Path(sys.executable).with_name("hadolint")
    said = subprocess.run([linter, ROOT / "Dockerfile"], check=False, capture_output=True, text=True)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_what_is_left_out_of_the_context() -> None:
    """Neither the repository's history nor tests, state or secrets reach the builder: what is let in is listed."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[1] == "*"
    let_in = {line[1:] for line in lines if line.startswith("!")}
    assert let_in == {
        "LICENSE",
        "README.md",
        "prober",
        "pyproject.toml",
        "requirements/build.txt",
        "requirements/image.txt",
    }


def test_requirements_of_the_image_are_those_of_the_tests() -> None:
    """The image has the same versions as were tested, each by its hash."""

    def pins(name: str) -> set[str]:
        lines = (ROOT / "requirements" / name).read_text().splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line and not line.startswith(" ")}

    tested = pins("dev.txt")
    for name in ("image.txt", "build.txt"):
        assert pins(name) <= tested, pins(name) - tested
        assert "--hash=sha256:" in (ROOT / "requirements" / name).read_text()
    assert pins("runtime.txt") <= pins("image.txt")
