"""What begins anew in a window: the page, a connection, a counter."""

from dataclasses import replace

import pytest

from prober.domain.stream import StreamSample
from prober.domain.window import summarise
from tests.domain.test_window import COUNTED, FIRST, LAST, LATER


def page_times(*times: float) -> list[StreamSample]:
    """Returns samples of a page with such times, half a second of the prober's apart."""
    return [
        replace(FIRST, at_s=at_s, taken_s=100.0 + number / 2, frames_rendered=100 + number)
        for number, at_s in enumerate(times)
    ]


@pytest.mark.parametrize(
    ("times", "anew", "window_s"),
    [
        ((20.0, 20.5, 21.0, 21.6), False, 1.6),
        ((20.0, 20.5, 0.3, 0.8), True, 1.5),
        ((20.0, 0.0, 21.0, 21.5), False, 1.5),
        ((20.0, 20.5, 0.0, 0.4), True, 1.5),
        ((20.0, 20.5, 21.0, 0.0), False, 1.5),
    ],
    ids=["on and on", "reloaded", "silent for a moment", "silent and reloaded", "silent at the end"],
)
def test_a_page_whose_time_falls_began_anew(
    times: tuple[float, ...],
    anew: bool,  # noqa: FBT001 - a parameter of the test
    window_s: float,
) -> None:
    """Counters that pass their old value hide a reload, the page's time does not; the window is whole all the same."""
    summary = summarise(page_times(*times), settle_s=0.0, blank_luma=20.0)
    assert summary.anew is anew
    assert summary.window_s == pytest.approx(window_s)


def test_the_settling_time_is_the_probers() -> None:
    """A reload while the encoder ramps up leaves no sample out: the page's new time does not reach the old one."""
    summary = summarise(page_times(20.0, 20.5, 0.2, 0.7, 1.2), settle_s=1.0, blank_luma=20.0)
    assert (summary.anew, summary.window_s) == (True, 1.0)


def test_counters_of_another_connection_say_nothing() -> None:
    """A new connection whose counters pass the old one's is not subtracted from it; what the page counts is."""
    begin = replace(COUNTED, source="1/7", audio_source="1/8")
    end = replace(LATER, source="2/7", audio_source="2/8", frames_rendered=200)
    summary = summarise([begin, end], settle_s=0.0, blank_luma=20.0)
    assert (summary.frames_rendered, summary.disconnections) == (100, 2)
    told = (summary.frames_decoded, summary.packet_loss_ratio, summary.freeze_ratio, summary.audio_bytes)
    assert told == (None, None, None, None)
    assert summarise([begin, replace(end, audio_source="1/8")], settle_s=0.0, blank_luma=20.0).audio_bytes == 40_000


def test_a_counter_that_fell_on_the_way_says_nothing() -> None:
    """That it is above its first value at the end does not make it the same counter."""
    fell = replace(FIRST, at_s=2.0, frames_decoded=3)
    summary = summarise([FIRST, fell, LAST], settle_s=0.0, blank_luma=20.0)
    assert summary.frames_decoded is None
    assert summary.packet_loss_ratio == pytest.approx(0.01)


def test_counters_that_were_begun_anew_say_nothing() -> None:
    """After a reconnect the counters start again: what they grew by is not known, rather than negative."""
    fresh = replace(LAST, frames_rendered=5, packets_received=7, bytes_received=9, freezes_s=0.0)
    summary = summarise([FIRST, fresh], settle_s=0.0, blank_luma=20.0)
    assert summary.frames_rendered is None
    assert summary.frames_per_second is None
    assert summary.packet_loss_ratio is None
    assert summary.bitrate_bits_per_second is None
    assert summary.freeze_ratio is None
