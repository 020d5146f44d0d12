"""The reports of webrtc-stats, with the way from one to the next.

The incoming video's report is the anchor: its transport leads to the selected candidate pair, its codec to the codec's
name. Sound may come over a peer connection of its own. What a browser does not report stays absent. Source of all
names: W3C webrtc-stats.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from prober.adapters.browser.raw import RawReport
from prober.domain.report import NetworkPath

Frames: TypeAlias = Iterable[Sequence[Sequence[RawReport]] | None]
"""For each frame the reports of each of its peer connections in use, `None` for a frame without any."""


class Statistics:
    """One peer connection's reports."""

    def __init__(self, reports: Sequence[RawReport]) -> None:
        self._by_id = {report["id"]: report for report in reports}

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
        )

    def _of_type(self, kind_of_report: str, *, kind: str | None = None) -> list[RawReport]:
        reports = (report for report in self._by_id.values() if report["type"] == kind_of_report)
        return [report for report in reports if kind is None or report.get("kind") == kind]


def busiest(frames: Frames) -> Statistics:
    """Returns the statistics of the peer connection whose video decoded most; empty ones where there is none."""
    found = _each(frames)
    return max(found, key=lambda one: one.video.get("framesDecoded", -1), default=Statistics([]))


def separate_audio(frames: Frames) -> RawReport:
    """Returns the audio that comes over a peer connection of its own, the busiest; empty when there is none."""
    audios = [one.audio for one in _each(frames) if one.audio]
    return max(audios, key=lambda report: report.get("packetsReceived", 0), default=RawReport())


def _each(frames: Frames) -> list[Statistics]:
    return [Statistics(reports) for peers in frames if peers for reports in peers]
