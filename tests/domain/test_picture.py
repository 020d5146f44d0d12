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
    ],
)
def test_what_stands_before_the_picture_is_named(look: FirstFrame, reason: Reason, words: str) -> None:
    """A connection without a visible picture is explained by what was seen of it."""
    fault = explain_no_picture(look, budget_s=30.0)
    assert fault.reason is reason
    assert words in fault.summary
