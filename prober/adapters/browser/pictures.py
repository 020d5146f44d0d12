"""What the scripts say of the picture, in the domain's words.

A page may have several frames with pictures: the one that stands highest counts, the largest that a user can see. A
picture that nobody can see shows nothing, whatever its frame's scripts counted.
"""

from collections.abc import Sequence

from prober.adapters.browser.collector import Answer
from prober.adapters.browser.raw import RawFirst, RawFound, RawPicture
from prober.domain.picture import FirstFrame
from prober.domain.stream import StreamSample


def parse_picture(answers: Sequence[Answer]) -> StreamSample:
    """Joins the frames' samples to what is known of the picture; the stream's counters are not in it."""
    found = _largest(answers)
    timed = found or next(iter(answers), None)
    at_s = (timed and timed.seconds(timed.value["at"])) or 0.0
    if found is None:
        return StreamSample(at_s=at_s)
    raw: RawPicture = found.value["picture"]
    return StreamSample(
        at_s=at_s,
        paused=raw["paused"],
        frames_rendered=raw["frames"],
        last_frame_age_s=_seconds(raw["age"]),
        longest_gap_s=_seconds(raw["gap"]),
        width=raw["width"] or None,
        height=raw["height"] or None,
        luma=raw["luma"] if found.shown else None,
        changed=raw["changed"] if found.shown else None,
    )


def parse_first(answers: Sequence[Answer], *, decoded: int | None) -> FirstFrame:
    """Joins the frames' first looks.

    Args:
        answers: What the frames answered.
        decoded: Frames decoded so far, as the stream's counters have them.
    """
    counts: list[RawFound] = [answer.value["found"] for answer in answers]
    videos = sum(count["videos"] for count in counts)
    canvases = sum(count["canvases"] for count in counts)
    meant = sum(count["meant"] for count in counts)
    found = _largest(answers)
    if found is None:
        return FirstFrame(frames_decoded=decoded, videos=videos, canvases=canvases, meant=meant)
    raw: RawFirst = found.value["picture"]
    return FirstFrame(
        rendered_s=found.seconds(raw["rendered"]) if found.shown else None,
        visible_s=found.seconds(raw["visible"]) if found.shown else None,
        luma=raw["luma"] if found.shown else None,
        frames_rendered=raw["frames"] if found.shown else 0,
        frames_decoded=decoded,
        paused=raw["paused"],
        videos=videos,
        canvases=canvases,
        meant=meant,
        canvas=raw["canvas"],
        hidden=raw["hidden"] or not found.shown,
    )


def _largest(answers: Sequence[Answer]) -> Answer | None:
    pictures = [answer for answer in answers if answer.value["picture"]]
    return max(pictures, key=_standing, default=None)


def _standing(answer: Answer) -> tuple[bool, float]:
    return answer.shown, answer.value["picture"]["standing"]


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
