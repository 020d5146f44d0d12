"""How the ground truth is kept."""

import json
from itertools import count

import pytest

from prober.lab.desktop.truth import KEPT_FRAMES, KEPT_INPUTS, Mark, TruthArchive, TruthLog


def make_log(session: str = "session-1") -> TruthLog:
    """A log whose clock says 0, 1, 2 ... at each reading; opening reads the 0."""
    ticks = count()
    return TruthLog(session=session, route="ann", clock=lambda: float(next(ticks)))


def test_an_input_is_shown_by_the_first_frame_of_its_revision() -> None:
    """Frames of older revisions do not show it, later frames do not move the time."""
    log = make_log()
    log.input_received(kind="keydown", detail="a", revision=1)
    log.frame_sent(revision=0)
    log.frame_sent(revision=1)
    log.frame_sent(revision=2)
    assert [(entry.received, entry.frame_sent) for entry in log.snapshot().inputs] == [(1, 2)]


def test_one_frame_shows_several_inputs() -> None:
    """Inputs between two frames appear together; those that change nothing never do."""
    log = make_log()
    log.input_received(kind="keydown", detail="a", revision=1)
    log.input_received(kind="keyup", detail="a", revision=None)
    log.input_received(kind="keydown", detail="b", revision=2)
    log.frame_sent(revision=2)
    shown = [entry.frame_sent is not None for entry in log.snapshot().inputs]
    assert shown == [True, False, True]


def test_only_the_first_mark_counts() -> None:
    """A state that comes back does not move its time."""
    log = make_log()
    peer = log.peer()
    peer.mark(Mark.OPENED)
    peer.mark(Mark.OPENED)
    peer.frame_sent()
    peer.frame_sent()
    truth = log.snapshot().peers[0]
    assert truth.opened == 1
    assert truth.first_frame_sent == 3
    assert truth.frames_sent == 2
    assert truth.answer is None


def test_losses_are_counted() -> None:
    """The share is that of the packets sent; without any there is none."""
    log = make_log()
    peer = log.peer()
    assert log.snapshot().peers[0].loss_ratio is None
    for arrived in (True, False, True, True):
        peer.packet_sent(arrived=arrived)
    truth = log.snapshot().peers[0]
    assert (truth.packets_sent, truth.packets_lost, truth.loss_ratio) == (4, 1, 0.25)


def test_the_page_is_the_one_that_the_newest_peer_came_from() -> None:
    """A later load, such as a check after the end, is not mistaken for the visit's page."""
    log = make_log()
    assert log.snapshot().page_served is None
    log.page_served()
    log.page_served()
    log.peer().mark(Mark.OPENED)
    log.page_served()
    assert log.snapshot().page_served == 2


def test_truth_is_json() -> None:
    """It survives a round trip through JSON unchanged."""
    log = make_log()
    log.page_served()
    log.peer().mark(Mark.OFFER)
    log.input_received(kind="keydown", detail="a", revision=1)
    truth = log.snapshot().as_dict()
    back = json.loads(json.dumps(truth))
    assert back["peers"][0]["offer"] == 2
    assert back["inputs"][0] == {
        "kind": "keydown",
        "detail": "a",
        "received": 3,
        "frame_sent": None,
        "pressed": None,
        "displayed": None,
    }


def test_the_page_tells_when_frames_were_displayed() -> None:
    """A frame is known by its RTP timestamp: it shows the inputs up to its revision, and the first one is marked."""
    log = make_log()
    peer = log.peer()
    log.input_received(kind="pointerdown", detail="a", revision=1, pressed=0.5)
    log.input_received(kind="pointerdown", detail="b", revision=2)
    for revision, timestamp in enumerate((3000, 6000)):
        peer.packet_sent(arrived=True, timestamp=timestamp)
        peer.frame_sent(revision=revision)
    told = [peer.frame_displayed(timestamp=timestamp, at=at) for timestamp, at in ((9, 10), (3000, 20), (6000, 30))]
    assert told == [None, 0, 1]
    log.frame_displayed(revision=1, at=30)
    truth = log.snapshot()
    assert truth.peers[0].first_frame_displayed == 20
    assert [(entry.pressed, entry.displayed) for entry in truth.inputs] == [(0.5, 30), (None, None)]


def test_the_frames_that_may_still_be_told_of_are_bounded() -> None:
    """The oldest are forgotten."""
    peer = make_log().peer()
    for number in range(KEPT_FRAMES + 1):
        peer.packet_sent(arrived=True, timestamp=number)
        peer.frame_sent(revision=number)
    assert peer.frame_displayed(timestamp=0, at=1) is None
    assert peer.frame_displayed(timestamp=1, at=1) == 1


def test_logs_are_bounded() -> None:
    """An input storm keeps the newest."""
    log = make_log()
    for number in range(KEPT_INPUTS + 10):
        log.input_received(kind="keydown", detail=str(number), revision=None)
    inputs = log.snapshot().inputs
    assert len(inputs) == KEPT_INPUTS
    assert inputs[-1].detail == str(KEPT_INPUTS + 9)


def test_the_archive_keeps_the_newest() -> None:
    """The oldest goes first; keeping a session again replaces it."""
    archive = TruthArchive(size=2)
    for session in ("a", "b", "a", "c"):
        archive.keep(make_log(session).snapshot())
    assert archive.find("a").session == "a"
    assert archive.find("c").session == "c"
    with pytest.raises(KeyError):
        archive.find("b")
