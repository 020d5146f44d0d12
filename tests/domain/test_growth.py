from prober.domain.growth import Growth
from prober.domain.stream import StreamSample


def test_sound_and_picture_are_of_connections_of_their_own() -> None:
    """A new connection of the picture leaves the sound's counters comparable, and the other way round."""
    first = StreamSample(at_s=1.0, source="1/v", audio_source="2/a", frames_decoded=9, audio_bytes=90, packets_lost=1)
    moved = StreamSample(at_s=2.0, source="3/v", audio_source="2/a", frames_decoded=99, audio_bytes=99, packets_lost=9)
    grown = Growth([first, moved])
    assert (grown.count("frames_decoded"), grown.lost("packets_lost"), grown.count("audio_bytes")) == (None, None, 9)
    silent = StreamSample(at_s=2.0, source="1/v", audio_source="4/a", frames_decoded=99, audio_bytes=99)
    grown = Growth([first, silent])
    assert (grown.count("frames_decoded"), grown.count("audio_bytes")) == (90, None)
