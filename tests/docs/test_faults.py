"""docs/faults.md is what the lab can inject."""

from pathlib import Path

from prober.lab.faults_page import page

_PAGE = Path(__file__).parents[2] / "docs" / "faults.md"


def test_the_page_is_that_of_the_code() -> None:
    """`make docs` was run after the last change of a fault."""
    assert _PAGE.read_text(encoding="utf-8") == page()
