"""What a run does beside its steps, to explain itself: it looks around when something failed, and keeps what it saw.

It is part of no step, has no budget and decides nothing, but it takes time, which is bounded, accounted for and told.
"""

from dataclasses import dataclass, fields, replace
from enum import StrEnum

PICTURE_S = 3.0
"""How long a picture may take, in seconds: a twentieth of a second is usual, and a page that hangs never shows one."""

MOST_PICTURES = 3
"""How many pictures a visit takes at most: of the first frame, after the window, when a step had failed."""

ARTEFACTS_S = 5.0
"""How long reading everything that is kept of a page may take, in seconds; a page that does not answer is given up
after two of them."""

SELF_CHECK_S = 5.0
"""How long a self-check may take in all, in seconds: its page's peers have two, the rest is making that page."""

LOOK_GRACE_S = 1.0
"""How much longer than its own limit a look at the cluster may take before it is given up, in seconds."""

MOST_LOOKS = 2
"""How often a visit looks at the cluster at most: when the target failed, and when the teardown did not go well."""


class Doing(StrEnum):
    """What is done beside the steps; each is a field of `Aside`."""

    PICTURES = "pictures_s"
    """Pictures of the page are taken."""
    SELF_CHECK = "self_check_s"
    """The browser checks itself."""
    KUBERNETES = "kubernetes_s"
    """The cluster is looked at."""
    ARTEFACTS = "artefacts_s"
    """What the browser saw is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """How long that took, in seconds; what was not done is absent.

    Attributes:
        pictures_s: Taking pictures of the page.
        self_check_s: The browser's check of itself.
        kubernetes_s: Looking at the cluster.
        artefacts_s: Reading what the browser saw.
    """

    pictures_s: float | None = None
    self_check_s: float | None = None
    kubernetes_s: float | None = None
    artefacts_s: float | None = None

    def and_so(self, doing: Doing, took_s: float) -> "Aside":
        """Returns the same with more time for one of it."""
        return replace(self, **{doing.value: (getattr(self, doing.value) or 0.0) + took_s})

    def total_s(self) -> float:
        """Returns the sum, in seconds."""
        return sum(getattr(self, part.name) or 0.0 for part in fields(self))


def longest_aside_s(*, look_s: float, kept: bool) -> float:
    """Returns how long one visit may take beside its steps, in seconds.

    Args:
        look_s: The limit of one look at the cluster; 0 where nobody looks.
        kept: Whether what the browser saw may be kept.
    """
    looks_s = MOST_LOOKS * (look_s + LOOK_GRACE_S) if look_s else 0.0
    pages_s = MOST_PICTURES * PICTURE_S + ARTEFACTS_S if kept else 0.0
    return SELF_CHECK_S + looks_s + pages_s
