"""The reports of webrtc-stats, in the domain's words.

The incoming video's report is the anchor: its transport leads to the selected candidate pair, its codec to the codec's
name. What a browser does not report stays absent. Source of all names: W3C webrtc-stats.
"""

from collections.abc import Sequence

from prober.adapters.browser.collector import Answer
from prober.adapters.browser.raw import RawFirst, RawPicture, RawReport
from prober.domain.picture import FirstFrame
from prober.domain.report import NetworkPath
from prober.domain.stream import StreamSample


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
    def pair(self) -> RawReport:
        """The selected candidate pair; empty when there is none."""
        transport = self._by_id.get(self.video.get("transportId", ""))
        transports = [transport] if transport else self._of_type("transport")
        selected = (report.get("selectedCandidatePairId", "") for report in transports)
        return next((self._by_id[pair] for pair in selected if pair in self._by_id), RawReport())

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


def busiest(statistics: Sequence[Sequence[RawReport] | None]) -> Statistics:
    """Returns the statistics of the frame whose video decoded most; empty ones when no frame has any."""
    found = [Statistics(reports) for reports in statistics if reports]
    return max(found, key=lambda one: one.video.get("framesDecoded", -1), default=Statistics([]))


def parse_first_frame(answers: Sequence[Answer]) -> FirstFrame:
    """Joins the frames' first looks: the largest visible video counts."""
    decoded = busiest([answer.value["statistics"] for answer in answers]).video.get("framesDecoded")
    found = _largest(answers)
    if found is None:
        return FirstFrame(frames_decoded=decoded)
    raw: RawFirst = found.value["picture"]
    pictures = [answer.value["picture"] for answer in answers if answer.value["picture"]]
    return FirstFrame(
        rendered_s=found.seconds(raw["rendered"]),
        visible_s=found.seconds(raw["visible"]),
        luma=raw["luma"],
        frames_rendered=raw["frames"],
        frames_decoded=decoded,
        paused=raw["paused"],
        videos=sum(picture["videos"] for picture in pictures),
    )


def parse_sample(answers: Sequence[Answer]) -> StreamSample:
    """Joins the frames' samples: the largest visible video, the busiest statistics."""
    statistics = busiest([answer.value["statistics"] for answer in answers])
    video = statistics.video
    found = _largest(answers)
    raw: RawPicture | None = None if found is None else found.value["picture"]
    timed = found or next(iter(answers), None)
    at = None if timed is None else timed.seconds(timed.value["at"])
    return StreamSample(
        at_s=at or 0.0,
        paused=raw and raw["paused"],
        frames_rendered=raw and raw["frames"],
        frames_decoded=video.get("framesDecoded"),
        frames_dropped=video.get("framesDropped"),
        frames_received=video.get("framesReceived"),
        last_frame_age_s=raw and _seconds(raw["age"]),
        longest_gap_s=raw and _seconds(raw["gap"]),
        freezes_s=video.get("totalFreezesDuration"),
        packets_received=video.get("packetsReceived"),
        packets_lost=video.get("packetsLost"),
        bytes_received=video.get("bytesReceived"),
        jitter_s=video.get("jitter"),
        jitter_buffer_s=video.get("jitterBufferDelay"),
        jitter_buffer_frames=video.get("jitterBufferEmittedCount"),
        round_trip_s=statistics.pair.get("currentRoundTripTime"),
        width=raw and (raw["width"] or None),
        height=raw and (raw["height"] or None),
        luma=raw and raw["luma"],
        changed=raw and raw["changed"],
    )


def _largest(answers: Sequence[Answer]) -> Answer | None:
    shown = [answer for answer in answers if answer.value["picture"]]
    return max(shown, key=_size, default=None)


def _size(answer: Answer) -> tuple[float, int]:
    picture = answer.value["picture"]
    return picture["area"], picture["frames"]


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
