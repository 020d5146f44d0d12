"""Statistics in the domain's words."""

from typing import Any

import pytest

from prober.adapters.browser.collector import Answer
from prober.adapters.browser.raw import RawReport, RawStatistics
from prober.adapters.browser.statistics import Statistics, busiest
from prober.adapters.browser.stats import parse_first_frame, parse_sample
from prober.domain.report import NetworkPath

VIDEO: RawReport = {
    "id": "video",
    "type": "inbound-rtp",
    "kind": "video",
    "framesDecoded": 90,
    "packetsLost": -1,
    "jitter": 0.01,
    "transportId": "transport",
    "codecId": "codec",
    "estimatedPlayoutTimestamp": 5000.0,
}
SOUND: RawReport = {
    "id": "sound",
    "type": "inbound-rtp",
    "kind": "audio",
    "packetsReceived": 50,
    "playoutId": "playout",
    "estimatedPlayoutTimestamp": 5040.0,
}
PAIR: RawReport = {
    "id": "pair",
    "type": "candidate-pair",
    "localCandidateId": "here",
    "remoteCandidateId": "there",
    "currentRoundTripTime": 0.02,
}
REPORTS: list[RawReport] = [
    {"id": "idle", "type": "inbound-rtp", "kind": "video", "framesDecoded": 0},
    VIDEO,
    SOUND,
    {"id": "codec", "type": "codec", "mimeType": "video/H264", "sdpFmtpLine": "packetization-mode=1"},
    {"id": "playout", "type": "media-playout", "synthesizedSamplesDuration": 0.25},
    {
        "id": "transport",
        "type": "transport",
        "selectedCandidatePairId": "pair",
        "selectedCandidatePairChanges": 2,
        "iceRole": "controlled",
        "iceState": "connected",
        "dtlsState": "connected",
        "tlsVersion": "FEFD",
        "srtpCipher": "AEAD_AES_128_GCM",
    },
    {"id": "other transport", "type": "transport", "selectedCandidatePairId": "other"},
    PAIR,
    {"id": "other", "type": "candidate-pair", "currentRoundTripTime": 9.0, "nominated": True, "state": "succeeded"},
    {
        "id": "here",
        "type": "local-candidate",
        "candidateType": "relay",
        "protocol": "udp",
        "relayProtocol": "tls",
        "url": "turns:turn.test",
    },
    {"id": "there", "type": "remote-candidate", "candidateType": "host"},
]


def test_the_busiest_video_leads_to_codec_and_path() -> None:
    """Of several incoming videos the one that decodes most counts; its transport selects the pair."""
    statistics = Statistics(REPORTS)
    assert statistics.codec == "H264"
    assert statistics.path == NetworkPath(
        local="relay",
        remote="host",
        protocol="udp",
        relay_protocol="tls",
        relay_url="turns:turn.test",
        ice_role="controlled",
        ice_state="connected",
        dtls_state="connected",
        tls_version="DTLS 1.2",
        srtp_cipher="AEAD_AES_128_GCM",
    )
    assert statistics.pair["currentRoundTripTime"] == 0.02


@pytest.mark.parametrize(
    ("marks", "found"),
    [
        ({"selected": True}, True),
        ({"nominated": True, "state": "succeeded"}, True),
        ({"nominated": True, "state": "in-progress"}, False),
        ({"state": "succeeded"}, False),
    ],
    ids=["selected", "nominated", "in progress", "not nominated"],
)
def test_without_a_transport_the_pair_is_the_marked_one(marks: RawReport, *, found: bool) -> None:
    """Browsers without transport reports mark the pair in use, or leave the nominated one."""
    other: RawReport = {"id": "other", "type": "candidate-pair", "state": "waiting"}
    statistics = Statistics([VIDEO, other, {**PAIR, **marks}])
    assert statistics.pair.get("id") == ("pair" if found else None)


def test_a_transport_that_selected_nothing_leads_nowhere() -> None:
    """A pair that the transport names and nobody reported is absent."""
    assert Statistics([VIDEO, {"id": "transport", "type": "transport", "selectedCandidatePairId": "?"}]).path is None


def test_nothing_reported_is_nothing_known() -> None:
    """Empty reports give absent values, not zeros."""
    statistics = busiest([None, [], [_peer([])]])
    assert statistics.codec is None
    assert statistics.path is None
    assert parse_sample([]).frames_decoded is None
    assert parse_sample([]).disconnections is None
    assert parse_first_frame([]).paused is None


def test_a_sample_keeps_what_the_browser_did_not_say_absent() -> None:
    """Counters come from the reports, pictures from the scripts; what is missing in either stays absent."""
    sample = parse_sample([_answer([_peer(REPORTS)])])
    assert sample.at_s == 3.5
    assert sample.frames_decoded == 90
    assert sample.packets_lost == -1
    assert sample.round_trip_s == 0.02
    assert sample.pair_changes == 2
    assert sample.audio_playout_s == pytest.approx(0.04)
    assert sample.codec_parameters == "packetization-mode=1"
    assert sample.audio_synthesized_s == 0.25
    assert (sample.bytes_received, sample.frames_rendered, sample.paused, sample.audio_level) == (None,) * 4


def test_sound_may_come_over_a_connection_of_its_own() -> None:
    """The video's own sound comes first, then the busiest of any other connection of any frame."""
    louder: RawReport = {**SOUND, "packetsReceived": 99, "audioLevel": 0.5}
    apart = parse_sample([_answer([_peer([VIDEO]), _peer([SOUND])]), _answer([_peer([louder], name="2")])])
    assert (apart.audio_level, apart.source, apart.audio_source) == (0.5, "1/video", "2/sound")
    together = parse_sample([_answer([_peer([VIDEO, SOUND]), _peer([louder], name="2")])])
    assert (together.audio_level, together.audio_source) == (None, "1/sound")


def test_the_video_that_is_shown_counts_however_little_it_decoded() -> None:
    """The statistics are those of the picture, and name whose they are: counters of two are never subtracted."""
    shown: RawReport = {**VIDEO, "framesDecoded": 3, "decoderImplementation": "libvpx", "powerEfficientDecoder": False}
    sample = parse_sample([_answer([_peer([VIDEO]), _peer([shown], name="2", shown=True)])])
    assert (sample.frames_decoded, sample.source) == (3, "2/video")
    assert (sample.decoder, sample.decoder_efficient) == ("libvpx", False)
    assert parse_sample([_answer([_peer([])])]).source is None


def test_losses_are_summed_over_the_frames() -> None:
    """Each frame counts its own; a frame without peer connections has none to count."""
    answers = [_answer(None, disconnections=2), _answer(None), _answer(None, disconnections=1)]
    assert parse_sample(answers).disconnections == 3
    assert parse_sample([_answer(None)]).disconnections is None


def _peer(reports: list[RawReport], *, name: str = "1", shown: bool = False) -> RawStatistics:
    return {"peer": name, "shown": shown, "reports": reports}


def _answer(statistics: object, *, disconnections: int | None = None) -> Answer:
    found = {"videos": 0, "canvases": 0}
    value: dict[str, Any] = {"at": 2000.0, "picture": None, "found": found, "disconnections": disconnections}
    return Answer(frame=None, since_s=1.5, value=value | {"statistics": statistics})
