"""Video codecs: what a desktop offers, what our browser can decode, and whose lack it is when nothing is shared."""

from collections.abc import Sequence

COMMON = frozenset({"H264", "VP8", "VP9", "AV1"})
"""Those that the browsers of users decode: where ours lacks one of them, ours is at fault."""

EVERYWHERE = frozenset({"H264", "VP8"})
"""Those that every browser must decode (RFC 7742, section 5)."""


def names(codecs: Sequence[str]) -> tuple[str, ...]:
    """Returns their names as they are compared, each once."""
    return tuple(dict.fromkeys(codec.upper() for codec in codecs))


def lacking(offered: Sequence[str], ours: Sequence[str]) -> tuple[str, ...]:
    """Returns what users' browsers could have taken up of an offer of which ours can take up nothing.

    Nothing where one is shared, where nobody decodes any, or where it is not known what ours can.
    """
    theirs, known = names(offered), names(ours)
    if not known or set(theirs) & set(known):
        return ()
    return tuple(codec for codec in theirs if codec in COMMON)


def never_asked_for(ours: Sequence[str]) -> tuple[str, ...]:
    """Returns what every user's browser asks for and ours cannot; nothing where it is not known what ours can."""
    return tuple(sorted(EVERYWHERE - set(names(ours)))) if ours else ()


def lack_of(codecs: Sequence[str]) -> str:
    """Says of codecs that were offered that ours lacks them."""
    return f"the prober's own browser cannot decode {', '.join(codecs)}, which the desktop offers"
