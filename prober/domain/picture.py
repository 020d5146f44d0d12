"""Why there is no picture yet.

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
        canvas: Whether the picture is a canvas, not a video element.
        hidden: Whether the picture's element cannot be seen: hidden, transparent, without size, outside the viewport.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A coarse look at the picture: luma, 0 to 255, of `columns` times `rows` cells, row by row."""

    columns: int
    rows: int
    cells: tuple[float, ...]


def explain_no_picture(look: FirstFrame, *, budget_s: float) -> Fault:
    """Names what stands between the connection and a visible picture."""
    if look.paused and look.frames_decoded:
        summary = f"{look.frames_decoded} frames were decoded and the video element stays paused"
        return Fault(reason=Reason.PLAYBACK_BLOCKED, summary=summary)
    if look.rendered_s is not None and look.luma is None:
        summary = "frames are rendered, and the browser lets nobody look at their pixels"
        return Fault(reason=Reason.DRIVER_ERROR, summary=summary)
    if look.rendered_s is not None:
        summary = f"frames arrive and are black for {budget_s:g} s (mean luma {look.luma:.0f})"
        return Fault(reason=Reason.BLACK_FRAMES, summary=summary)
    if look.videos == 0:
        return Fault(reason=Reason.NO_FIRST_FRAME, summary="connected, and the page shows no video element")
    decoded = look.frames_decoded or 0
    summary = f"connected, and no frame was rendered in {budget_s:g} s ({decoded} decoded)"
    return Fault(reason=Reason.NO_FIRST_FRAME, summary=summary)
