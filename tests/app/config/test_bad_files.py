"""Bad configurations are files, with the full expected message beside each."""

from pathlib import Path

import pytest

from prober.app.config.load import load
from prober.app.config.problems import ConfigurationError

BAD = Path(__file__).parent / "bad"
FILES = sorted(BAD.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_says_all_that_is_wrong(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad file gives every problem at once, with line, path and mend, by line."""
    monkeypatch.chdir(BAD)
    with pytest.raises(ConfigurationError) as caught:
        load(Path(path.name), environ={})
    assert f"{caught.value}\n" == path.with_suffix(".txt").read_text(encoding="utf-8")
    lines = [problem.line or 0 for problem in caught.value.problems]
    assert lines == sorted(lines)
    assert all(problem.mend for problem in caught.value.problems)


def test_every_expectation_has_its_file() -> None:
    """No expected message lies about without the file that it is about."""
    assert {path.stem for path in BAD.glob("*.txt")} == {path.stem for path in FILES}


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file is a configuration error that names it, not an OSError."""
    path = tmp_path / "prober.yaml"
    with pytest.raises(ConfigurationError, match=r"cannot be read: No such file or directory") as caught:
        load(path, environ={})
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"#" * (1024 * 1024 + 1), "is larger than 1 MiB", id="too large"),
        pytest.param(b"a: 1\nb: \xff\n", ":2: is not UTF-8", id="not UTF-8"),
        pytest.param(b"a: 1\nb: \x01\n", ":2: a character that YAML does not allow", id="control character"),
        pytest.param(b"[" * 5000, "too deep a structure", id="deep brackets"),
        pytest.param(
            b"a: &a [x, x, x, x, x, x, x, x, x, x]\n"
            b"b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
            b"c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n"
            b"d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n"
            b"e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\n",
            "too deep or too large",
            id="aliases that multiply",
        ),
    ],
)
def test_a_file_that_is_no_configuration(tmp_path: Path, content: bytes, message: str) -> None:
    """What cannot be read as YAML of a sane size is one problem, with its line where there is one."""
    path = tmp_path / "prober.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        load(path, environ={})
    assert message in str(caught.value)
    assert len(caught.value.problems) == 1
