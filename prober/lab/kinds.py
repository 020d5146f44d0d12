"""The two kinds of desktop that a lab can have."""

from enum import StrEnum


class DesktopKind(StrEnum):
    """What a session of the lab is shown."""

    SYNTHETIC = "synthetic"
    """A WebRTC peer of the lab's own: light, breakable in every way, with the truth about what it did."""
    SELKIES = "selkies"
    """What the platform really runs: a Selkies server on an X server of its own."""
