"""docs/reasons.md explains every reason, and is what the code says."""

from pathlib import Path

from prober.app.reasons_page import page
from prober.domain.advice import ADVICE
from prober.domain.reasons import Reason

_PAGE = Path(__file__).parents[2] / "docs" / "reasons.md"


def test_the_page_is_made_from_the_code() -> None:
    """`make docs` was run since the last change."""
    assert _PAGE.read_text(encoding="utf-8") == page()


def test_every_reason_has_its_advice() -> None:
    """Each has a row with its meaning, what proves it, and what to do."""
    assert set(ADVICE) == set(Reason)
    rows = {line.split("`")[1]: line for line in page().splitlines() if line.startswith("| `")}
    assert set(rows) == {reason.value for reason in Reason}
    assert all(cell.strip() for line in rows.values() for cell in line.strip("|\n").split(" | "))


def test_advice_is_told_in_sentences() -> None:
    """Each begins with a capital or a command, and ends."""
    for advice in ADVICE.values():
        for text in (advice.proof, advice.action):
            assert text[0] == "`" or text[0].isupper() or text[0].isdigit(), text
            assert text[-1] in ".?", text
