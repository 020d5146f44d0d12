"""The paths that a pointer takes over the picture, in CSS pixels.

Neither ends where it began: a picture that is looked at once in a while would otherwise be seen with the pointer at the
same place, as if nothing had changed.
"""

import math

from prober.adapters.browser.places import Place

_GOLDEN = (math.sqrt(5) - 1) / 2
"""No multiple of it is near a whole number soon: what goes on by it is never soon where it was."""

_TURNS_PER_S = 2 * _GOLDEN
"""Looks are a half or whole number of seconds apart: it has gone on by a seventh of a turn at least after a few."""

_RADIUS_SHARE = 0.06
"""Radius of the circle, as a share of the picture's smaller side."""

_SWEEP_RIGHT = 24.0
"""How far inside a menu that opened at its left upper corner the pointer sweeps."""

_SWEEP_BELOW = (24.0, 120.0)
"""Between which distances from the menu's upper edge: below a title, over the first entries of any menu."""


def on_circle(box_left: float, box_top: float, *, width: float, height: float, at_s: float) -> Place:
    """Returns where on a small circle about the middle of a box the pointer is at a time, in seconds of any clock."""
    radius = _RADIUS_SHARE * min(width, height)
    angle = 2 * math.pi * (at_s * _TURNS_PER_S % 1.0)
    x, y = middle(box_left, box_top, width=width, height=height)
    return x + radius * math.cos(angle), y + radius * math.sin(angle)


def on_sweep(corner: Place, *, step: int) -> Place:
    """Returns where over a menu's entries the pointer is after so many steps.

    Two steps in a row are at least 36 pixels apart, which is another entry.
    """
    x, y = corner
    nearest, farthest = _SWEEP_BELOW
    return x + _SWEEP_RIGHT, y + nearest + (farthest - nearest) * (step * _GOLDEN % 1.0)


def middle(left: float, top: float, *, width: float, height: float) -> Place:
    """Returns the middle of a box."""
    return left + width / 2, top + height / 2
