import pytest

from prober.domain.picture import FirstFrame, explain_no_picture
from prober.domain.reasons import Reason


@pytest.mark.parametrize(
    ("look", "reason", "words"),
    [
        (FirstFrame(paused=True, frames_decoded=200, videos=1), Reason.PLAYBACK_BLOCKED, "200 frames were decoded"),
        (
            FirstFrame(paused=True, frames_decoded=200, rendered_s=0.4, luma=0.0, videos=1),
            Reason.PLAYBACK_BLOCKED,
            "stays paused",
        ),
        (FirstFrame(rendered_s=0.4, luma=3.2, videos=1), Reason.BLACK_FRAMES, "black for 30 s (mean luma 3)"),
        (FirstFrame(rendered_s=0.4, videos=1), Reason.DRIVER_ERROR, "lets nobody look"),
        (FirstFrame(), Reason.NO_FIRST_FRAME, "no video element"),
        (FirstFrame(videos=1), Reason.NO_FIRST_FRAME, "(0 decoded)"),
        (FirstFrame(videos=1, paused=True), Reason.NO_FIRST_FRAME, "(0 decoded)"),
        (FirstFrame(videos=1, paused=False, frames_decoded=7), Reason.NO_FIRST_FRAME, "(7 decoded)"),
        (
            FirstFrame(videos=1, hidden=True, frames_decoded=90, frames_rendered=90, rendered_s=0.4),
            Reason.NO_FIRST_FRAME,
            "90 frames were decoded and the video element is hidden",
        ),
        (
            FirstFrame(canvases=1, canvas=True, hidden=True, frames_rendered=40),
            Reason.NO_FIRST_FRAME,
            "40 frames were drawn and the canvas is hidden",
        ),
        (FirstFrame(videos=1, hidden=True, paused=True), Reason.NO_FIRST_FRAME, "0 frames were decoded and"),
        (FirstFrame(canvases=1, canvas=True), Reason.NO_FIRST_FRAME, "nothing was drawn on the canvas in 30 s"),
        (
            FirstFrame(canvases=1, canvas=True, rendered_s=0.4, luma=0.0),
            Reason.BLACK_FRAMES,
            "the canvas is drawn and black for 30 s (mean luma 0)",
        ),
    ],
    ids=[
        "paused",
        "paused after a blank frame",
        "black",
        "pixels unread",
        "no video element",
        "nothing rendered",
        "paused and nothing decoded",
        "decoded, not rendered",
        "hidden",
        "hidden canvas",
        "hidden and paused",
        "canvas without a drawing",
        "black canvas",
    ],
)
def test_what_stands_before_the_picture_is_named(look: FirstFrame, reason: Reason, words: str) -> None:
    """A connection without a visible picture is explained by what was seen of it."""
    fault = explain_no_picture(look, budget_s=30.0)
    assert fault.reason is reason
    assert words in fault.summary


def test_a_picture_outside_the_named_element_is_told() -> None:
    """A page that changed its elements plays as before: our selector is out of date, and no frame is missing."""
    look = FirstFrame(frames_decoded=900, videos=1, canvases=2, meant=0)
    fault = explain_no_picture(look, budget_s=15)
    assert fault.reason is Reason.AUTH_FORM_CHANGED
    assert fault.summary.endswith("no picture is inside the element that the client names (videos: 1, canvases: 2)")
