"""How a way to an API server that cannot be taken is told."""

from prober.domain.errors import ProberFailed
from prober.domain.reasons import Reason


def unusable(what: str) -> ProberFailed:
    """Makes the exception for what is wrong with our own side of the way.

    Args:
        what: One sentence that names the place and the mend; never a credential.
    """
    return ProberFailed.because(Reason.INTERNAL, what)
