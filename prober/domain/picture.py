"""Is there a picture?

Decoded frames are no picture: a paused element decodes and stays black. Rendered frames are no picture either while
they are blank.
"""

from dataclasses import dataclass

from prober.domain.errors import Fault
from prober.domain.reasons import Reason


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
        meant: How many of these are, or are inside, the element that the client names; `None` where nobody counted.
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
    meant: int | None = None
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
    return _explain_nothing_rendered(look, budget_s=budget_s)


def _explain_nothing_rendered(look: FirstFrame, *, budget_s: float) -> Fault:
    if look.videos == 0 and look.canvases == 0:
        return _fault(Reason.NO_FIRST_FRAME, "connected, and the page shows no video element and draws on no canvas")
    if look.meant == 0:
        found = f"videos: {look.videos}, canvases: {look.canvases}"
        summary = f"connected, and no picture is inside the element that the client names ({found})"
        return _fault(Reason.AUTH_FORM_CHANGED, summary)
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


def _fault(reason: Reason, summary: str) -> Fault:
    return Fault(reason=reason, summary=summary)
