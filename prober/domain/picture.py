"""Is there a picture, and is it the one that was there before?

Decoded frames are no picture: a paused element decodes and stays black. Rendered frames are no picture either while
they are blank. After a reconnect a picture alone proves little: a login page is one too, and so is another user's
desktop, so two coarse looks are compared cell by cell. Windows move and clocks go on: some cells may differ in any
way, while the ground must be the same, and so must enough of what stands out from it.
"""

from dataclasses import dataclass
from statistics import median

from prober.domain.errors import Fault
from prober.domain.reasons import Reason

_TOLERANCE = 8.0
"""Luma, of 255: encoders blur and ramp up, which moves the mean of a cell by less."""

_LEAST_ALIKE = 0.6
"""Share of the cells that must be the same."""

_LEAST_LANDMARKS = 0.1
"""Share of the cells that must stand out before they are held against each other: a pointer is no landmark."""

_LEAST_LANDMARKS_ALIKE = 0.4
"""Share of the cells that stand out which must be the same: a window that moved counts twice, where it was and is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstFrame:
    """The first look at the picture; times in seconds since the page's navigation began.

    Attributes:
        rendered_s: The first rendered frame, whatever it shows.
        visible_s: The first rendered frame that is not blank.
        luma: Mean luma (Rec. 709, 0 to 255) of the latest frame looked at.
        frames_rendered: Frames rendered so far.
        frames_decoded: Frames decoded so far.
        paused: Whether the video element is paused.
        videos: How many video elements the page has.
        canvases: How many canvases that were drawn to the page has.
        canvas: Whether the picture is a canvas, not a video element.
        hidden: Whether the picture's element cannot be seen: hidden, transparent, without size, outside the viewport.
        clicked: Selectors of the client's buttons that were clicked so far.
    """

    rendered_s: float | None = None
    visible_s: float | None = None
    luma: float | None = None
    frames_rendered: int | None = None
    frames_decoded: int | None = None
    paused: bool | None = None
    videos: int = 0
    canvases: int = 0
    canvas: bool = False
    hidden: bool | None = None
    clicked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A coarse look at the picture: luma, 0 to 255, of `columns` times `rows` cells, row by row."""

    columns: int
    rows: int
    cells: tuple[float, ...]


def explain_no_picture(look: FirstFrame, *, budget_s: float) -> Fault:
    """Names what stands between the connection and a visible picture."""
    if look.hidden:
        return _fault(Reason.NO_FIRST_FRAME, f"{_arrived(look)} and the {_element(look)} is hidden")
    if look.paused and look.frames_decoded:
        return _fault(Reason.PLAYBACK_BLOCKED, f"{_arrived(look)} and the video element stays paused")
    if look.rendered_s is not None:
        return _explain_pixels(look, budget_s=budget_s)
    if look.videos == 0 and look.canvases == 0:
        return _fault(Reason.NO_FIRST_FRAME, "connected, and the page shows no video element and draws on no canvas")
    if look.canvas:
        return _fault(Reason.NO_FIRST_FRAME, f"connected, and nothing was drawn on the canvas in {budget_s:g} s")
    decoded = look.frames_decoded or 0
    summary = f"connected, and no frame was rendered in {budget_s:g} s ({decoded} decoded)"
    return _fault(Reason.NO_FIRST_FRAME, summary)


def _explain_pixels(look: FirstFrame, *, budget_s: float) -> Fault:
    if look.luma is None:
        return _fault(Reason.DRIVER_ERROR, "frames are rendered, and the browser lets nobody look at their pixels")
    arrive = "the canvas is drawn" if look.canvas else "frames arrive"
    black = "black" if look.canvas else "are black"
    summary = f"{arrive} and {black} for {budget_s:g} s (mean luma {look.luma:.0f})"
    return _fault(Reason.BLACK_FRAMES, summary)


def _arrived(look: FirstFrame) -> str:
    """Says how many frames came; a canvas has none that were decoded, only such as were drawn."""
    if look.canvas:
        return f"{look.frames_rendered or 0} frames were drawn"
    return f"{look.frames_decoded or 0} frames were decoded"


def _element(look: FirstFrame) -> str:
    return "canvas" if look.canvas else "video element"


def alike(before: Look, after: Look) -> bool:
    """Tells whether two looks are at the same desktop; two desktops that look the same are the same here."""
    if (before.columns, before.rows) != (after.columns, after.rows) or not before.cells:
        return False
    same = [abs(old - new) <= _TOLERANCE for old, new in zip(before.cells, after.cells, strict=True)]
    if sum(same) < _LEAST_ALIKE * len(same):
        return False
    landmarks = [
        is_same
        for is_same, *standing in zip(same, _standing_out(before), _standing_out(after), strict=True)
        if any(standing)
    ]
    few = len(landmarks) < _LEAST_LANDMARKS * len(same)
    return few or sum(landmarks) >= _LEAST_LANDMARKS_ALIKE * len(landmarks)


def _standing_out(look: Look) -> list[bool]:
    """Tells for each cell whether it differs from the ground, which is the median cell."""
    ground = median(look.cells)
    return [abs(cell - ground) > _TOLERANCE for cell in look.cells]


def _fault(reason: Reason, summary: str) -> Fault:
    return Fault(reason=reason, summary=summary)
