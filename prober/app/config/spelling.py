"""What a person probably meant."""

import difflib
from collections.abc import Iterable


def nearest(word: str, *, among: Iterable[str]) -> str | None:
    """Returns the known word that is spelled most alike, or `None` where none is near."""
    return next(iter(difflib.get_close_matches(word, sorted(among), n=1, cutoff=0.6)), None)
