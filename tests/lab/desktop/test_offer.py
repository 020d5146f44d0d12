"""What becomes of an offer on its way to the page."""

import re

from prober.lab.desktop.offer import video_source, with_foreign_codec, with_foreign_fingerprint

SDP = """v=0
a=group:BUNDLE 0 1
m=video 4000 UDP/TLS/RTP/SAVPF 97 98
a=mid:0
a=rtpmap:97 VP8/90000
a=rtcp-fb:97 nack
a=rtpmap:98 rtx/90000
a=fmtp:98 apt=97
a=ssrc-group:FID 1111 2222
a=ssrc:1111 cname:a
a=ssrc:2222 cname:a
a=fingerprint:sha-256 0F:A1
m=application 4000 UDP/DTLS/SCTP webrtc-datachannel
a=mid:1
a=sctp-port:5000
a=fingerprint:sha-256 0F:A1
""".replace("\n", "\r\n")


def test_a_foreign_codec_is_the_only_one() -> None:
    """One payload type is left, with nothing known of it, outside of the bundle; the data channels stay as they are."""
    lines = with_foreign_codec(SDP).split("\r\n")
    assert "m=video 4000 UDP/TLS/RTP/SAVPF 97" in lines
    assert [line for line in lines if "rtpmap" in line] == ["a=rtpmap:97 MP4V-ES/90000"]
    assert not [line for line in lines if re.match("a=(fmtp|rtcp-fb|ssrc)", line)]
    assert "a=group:BUNDLE 1" in lines
    assert "\r\n".join(lines).endswith(SDP[SDP.index("m=application") :])


def test_a_foreign_fingerprint_is_like_a_real_one() -> None:
    """Every digest is another of the same length; nothing else changes."""
    twisted = with_foreign_fingerprint(SDP)
    assert re.findall("fingerprint:(.*)\r", twisted) == ["sha-256 F0:5E"] * 2
    assert twisted.replace("F0:5E", "0F:A1") == SDP


def test_the_video_has_a_source_of_its_own() -> None:
    """It is the first of the video, not that of retransmissions; without a video there is none."""
    assert video_source(SDP) == 1111
    assert video_source(SDP[SDP.index("m=application") :]) is None
