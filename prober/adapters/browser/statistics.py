"""The reports of webrtc-stats, with the way from one to the next.

The incoming video's report is the anchor: its transport leads to the selected candidate pair, its codec to the codec's
name. Sound may come over a peer connection of its own. What a browser does not report stays absent. Source of all
names: W3C webrtc-stats.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from prober.adapters.browser.raw import RawReport, RawStatistics
from prober.domain.report import NetworkPath

Frames: TypeAlias = Iterable[Sequence[RawStatistics] | None]
"""For each frame what each of its peer connections in use reports, `None` for a frame without any."""


_DTLS = {"FEFF": "DTLS 1.0", "FEFD": "DTLS 1.2", "FEFC": "DTLS 1.3"}
"""The versions by what stands for them on the wire (RFC 6347, RFC 9147)."""


class Statistics:
    """One peer connection's reports.

    Attributes:
        shown: Whether its video is its frame's picture.
    """

    def __init__(self, reports: Sequence[RawReport], *, peer: str = "", shown: bool = False) -> None:
        self._by_id = {report["id"]: report for report in reports}
        self._peer = peer
        self.shown = shown

    @property
    def video(self) -> RawReport:
        """The incoming video, the busiest if there are several; empty when there is none."""
        videos = self._of_type("inbound-rtp", kind="video")
        return max(videos, key=lambda report: report.get("framesDecoded", 0), default=RawReport())

    @property
    def audio(self) -> RawReport:
        """The incoming audio, the busiest if there are several; empty when there is none."""
        audios = self._of_type("inbound-rtp", kind="audio")
        return max(audios, key=lambda report: report.get("packetsReceived", 0), default=RawReport())

    def source(self, stream: RawReport) -> str | None:
        """Names one of the incoming streams among all of the page; `None` for none."""
        return f"{self._peer}/{stream['id']}" if stream else None

    @property
    def transport(self) -> RawReport:
        """The video's transport, else the first one that selected a pair; empty when there is none."""
        own = self._by_id.get(self.video.get("transportId", ""))
        transports = [own] if own else self._of_type("transport")
        chosen = (report for report in transports if report.get("selectedCandidatePairId", "") in self._by_id)
        return next(chosen, RawReport())

    @property
    def pair(self) -> RawReport:
        """The selected candidate pair; empty when there is none.

        Browsers that do not report transports mark the pair itself (Firefox), or leave the nominated one to be found.
        """
        if self.transport:
            return self._by_id[self.transport["selectedCandidatePairId"]]
        pairs = self._of_type("candidate-pair")
        marked = [pair for pair in pairs if pair.get("selected")]
        nominated = [pair for pair in pairs if pair.get("nominated") and pair.get("state") == "succeeded"]
        return next(iter(marked + nominated), RawReport())

    @property
    def codec(self) -> str | None:
        """The video codec's name, such as "H264"."""
        mime = self._by_id.get(self.video.get("codecId", ""), RawReport()).get("mimeType")
        return mime and mime.rpartition("/")[2]

    @property
    def codec_parameters(self) -> str | None:
        """The video codec's negotiated parameters, as the session description has them."""
        return self._by_id.get(self.video.get("codecId", ""), RawReport()).get("sdpFmtpLine")

    @property
    def playout(self) -> RawReport:
        """How the incoming audio is played; empty where that is not reported."""
        return self._by_id.get(self.audio.get("playoutId", ""), RawReport())

    @property
    def path(self) -> NetworkPath | None:
        """The network path of the selected candidate pair."""
        if not self.pair:
            return None
        local = self._by_id.get(self.pair.get("localCandidateId", ""), RawReport())
        remote = self._by_id.get(self.pair.get("remoteCandidateId", ""), RawReport())
        return NetworkPath(
            local=local.get("candidateType"),
            remote=remote.get("candidateType"),
            protocol=local.get("protocol"),
            relay_protocol=local.get("relayProtocol"),
            relay_url=local.get("url") if local.get("candidateType") == "relay" else None,
            ice_role=self.transport.get("iceRole"),
            ice_state=self.transport.get("iceState"),
            dtls_state=self.transport.get("dtlsState"),
            tls_version=_tls_version(self.transport.get("tlsVersion")),
            dtls_cipher=self.transport.get("dtlsCipher"),
            srtp_cipher=self.transport.get("srtpCipher"),
        )

    def _of_type(self, kind_of_report: str, *, kind: str | None = None) -> list[RawReport]:
        reports = (report for report in self._by_id.values() if report["type"] == kind_of_report)
        return [report for report in reports if kind is None or report.get("kind") == kind]


def busiest(frames: Frames) -> Statistics:
    """Returns the statistics of the peer connection whose video is shown, else of that whose video decoded most.

    They are empty where there is none.
    """
    found = _each(frames)
    return max(found, key=lambda one: (one.shown, one.video.get("framesDecoded", -1)), default=Statistics([]))


def loudest(frames: Frames) -> Statistics:
    """Returns the statistics of the peer connection whose audio is the busiest; empty ones where there is none."""
    sounding = [one for one in _each(frames) if one.audio]
    return max(sounding, key=lambda one: one.audio.get("packetsReceived", 0), default=Statistics([]))


def _each(frames: Frames) -> list[Statistics]:
    return [
        Statistics(raw["reports"], peer=raw["peer"], shown=raw["shown"]) for peers in frames if peers for raw in peers
    ]


def _tls_version(wire: str | None) -> str | None:
    """Reads the version as four hexadecimal digits, which webrtc-stats leaves it in: "FEFD" is DTLS 1.2."""
    return None if wire is None else _DTLS.get(wire.upper(), wire)
