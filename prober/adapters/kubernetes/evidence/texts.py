"""Logs of other people's programs, fit to be kept: masked, without what is meant for terminals, cut at the beginning.

Pure.
"""

import re

from prober.domain.masking import EDGE, SEARCHED, masked

LOG_LINES = 40
"""How many lines of a log are kept, the last ones."""

LOG_LENGTH = 4000
"""How much of a log is kept, in characters."""

_CONTROLS = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
"""Colours, with other signs that are meant for terminals."""


def log_tail(text: str) -> tuple[str, bool]:
    """Returns the end of a log, masked; tells whether there was more of it.

    Args:
        text: The log, in which what is known to be secret is masked by now.
    """
    read = masked(_CONTROLS.sub("", text[-SEARCHED:]))
    if len(text) > SEARCHED:
        # What the search began within is not known again: a line at least, or as much of one that does not end.
        begin = read.find("\n", 0, EDGE)
        read = read[EDGE if begin < 0 else begin + 1 :]
    lines = read.splitlines()
    kept = "\n".join(lines[-LOG_LINES:])
    return kept[-LOG_LENGTH:], len(text) > SEARCHED or len(lines) > LOG_LINES or len(kept) > LOG_LENGTH
