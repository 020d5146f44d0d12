"""The ground truth: what really happened at a desktop, and when.

Tests hold the prober's measurements against it. All times are `time.monotonic()` in seconds, one
clock for the whole machine on Linux; `wall_offset` turns them into Unix time, which is what a
browser's `performance.timeOrigin` counts in.

What is seen of it the desktop cannot know: the page tells by its own clock when a user pressed
something and when the frames that followed were displayed, each by the RTP timestamp that the desktop
gave it (`static/witness.js`). It looks at no pixels, and the desktop knows which frame shows what: that
makes it a truth apart from what a prober sees.

"Sent" is the moment when the RTP sender comes back for the next frame: every packet of the frame
has then been encrypted and handed to the UDP socket. On a machine that is short of CPU the mark
can be late by what the process was kept waiting; it is never early.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

KEPT_INPUTS = 1000
"""Newest inputs kept for a desktop: many runs' worth, and bounded."""
KEPT_FRAMES = 600
"""Newest frames of a peer connection whose display may still be told: ten seconds' worth."""
KEPT_PEERS = 20
"""Newest peer connections kept for a desktop."""
KEPT_PAGES = 100
"""Newest page loads kept for a desktop."""
KEPT_MARKS = 200
"""Newest marked requests kept for a desktop."""
KEPT_SESSIONS = 200
"""Closed sessions whose truth is kept."""

Clock = Callable[[], float]


class Mark(StrEnum):
    """What can happen to a peer connection, once each; values are the fields of `PeerTruth`."""

    OPENED = "opened"  # the signalling WebSocket was accepted
    OFFER = "offer"  # the offer was sent
    ANSWER = "answer"  # the answer arrived
    ICE_CONNECTED = "ice_connected"  # a candidate pair was nominated
    DTLS_CONNECTED = "dtls_connected"  # the handshake is over on our side
    FIRST_FRAME_SENT = "first_frame_sent"  # the last packet of the first frame is out
    FIRST_FRAME_DISPLAYED = "first_frame_displayed"  # the visitor's screen shows a frame
    CLOSED = "closed"  # the peer connection is closed


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerTruth:
    """One peer connection; what did not happen is None.

    A picture without a video track has its own marks here: when its WebSocket was opened, its frames sent.

    Attributes:
        frames_sent: Frames handed to the network.
        packets_sent: The video's RTP packets handed to the network, retransmissions apart.
        packets_lost: Those of them that the lab lost on purpose.
    """

    opened: float | None = None
    offer: float | None = None
    answer: float | None = None
    ice_connected: float | None = None
    dtls_connected: float | None = None
    first_frame_sent: float | None = None
    first_frame_displayed: float | None = None
    closed: float | None = None
    frames_sent: int = 0
    packets_sent: int = 0
    packets_lost: int = 0

    @property
    def loss_ratio(self) -> float | None:
        """The share of packets that was lost on purpose; None where none was sent."""
        return self.packets_lost / self.packets_sent if self.packets_sent else None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputTruth:
    """One input event.

    Attributes:
        kind: The DOM event's name.
        detail: The position, button or key.
        received: When the data channel delivered it.
        frame_sent: When the first frame that shows it was sent; None if none does (yet).
        pressed: When the user did it, by the page's account; None where it gave none.
        displayed: When the first frame that shows it was displayed, by the page's account; None where it gave none.
    """

    kind: str
    detail: str
    received: float
    frame_sent: float | None = None
    pressed: float | None = None
    displayed: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Everything known about one desktop, at one moment.

    Attributes:
        session: The VDISession's name.
        route: The first part of the path it was served under.
        opened: When the desktop was opened.
        closed: When it was closed; None while it is open.
        pages_served: When the page was handed to the HTTP server, oldest first.
        peers: Its peer connections, oldest first.
        inputs: Its input events, oldest first.
        wall_offset: Seconds to add to get Unix time.
        marked: Requests that said whose they are: the path below the route, with header or parameter.
    """

    session: str
    route: str
    opened: float
    closed: float | None
    pages_served: tuple[float, ...]
    peers: tuple[PeerTruth, ...]
    inputs: tuple[InputTruth, ...]
    wall_offset: float
    marked: tuple[str, ...] = ()

    @property
    def page_served(self) -> float | None:
        """When the page was last served before the newest peer came; None if never."""
        before = self.peers[-1].opened if self.peers else None
        served = [at for at in self.pages_served if before is None or at <= before]
        return served[-1] if served else None

    @property
    def first_frame_sent(self) -> float | None:
        """When the newest peer was sent its first frame; None if not (yet)."""
        return self.peers[-1].first_frame_sent if self.peers else None

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON types."""
        return asdict(self)


def wall_offset() -> float:
    """Seconds to add to `time.monotonic()` to get Unix time."""
    return time.time() - time.monotonic()


class PeerLog:
    """Collects the truth about one peer connection."""

    def __init__(self, *, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._marks: dict[str, float] = {}
        self._frames_sent = 0
        self._packets_sent = 0
        self._packets_lost = 0
        self._timestamp: int | None = None
        self._revisions: OrderedDict[int, int] = OrderedDict()

    def mark(self, mark: Mark, *, at: float | None = None) -> None:
        """Note that something happened, now where no time is given; only its first time counts."""
        self._marks.setdefault(mark.value, self._clock() if at is None else at)

    def frame_sent(self, *, revision: int | None = None) -> None:
        """Note that a frame was sent: the one of the latest packet.

        Args:
            revision: The scene's revision that it shows.
        """
        self.mark(Mark.FIRST_FRAME_SENT)
        self._frames_sent += 1
        if self._timestamp is not None and revision is not None:
            self._revisions[self._timestamp] = revision
            if len(self._revisions) > KEPT_FRAMES:
                self._revisions.popitem(last=False)

    def packet_sent(self, *, arrived: bool, timestamp: int | None = None) -> None:
        """Note that an RTP packet of the video was sent, of which frame, and whether the lab let it through."""
        self._packets_sent += 1
        self._packets_lost += not arrived
        self._timestamp = timestamp

    def frame_displayed(self, *, timestamp: int, at: float) -> int | None:
        """Note that the frame of an RTP timestamp was displayed; returns the scene's revision that it shows.

        Returns:
            None for a frame that is not known.
        """
        revision = self._revisions.get(timestamp)
        if revision is not None:
            self.mark(Mark.FIRST_FRAME_DISPLAYED, at=at)
        return revision

    def snapshot(self) -> PeerTruth:
        """The truth so far."""
        return PeerTruth(
            **self._marks,
            frames_sent=self._frames_sent,
            packets_sent=self._packets_sent,
            packets_lost=self._packets_lost,
        )


@dataclass(slots=True, kw_only=True)
class _Input:
    kind: str
    detail: str
    received: float
    frame_sent: float | None = None
    pressed: float | None = None
    displayed: float | None = None


class TruthLog:
    """Collects the truth about one desktop."""

    def __init__(self, *, session: str, route: str, clock: Clock = time.monotonic) -> None:
        self._session = session
        self._route = route
        self._clock = clock
        self._opened = clock()
        self._closed: float | None = None
        self._pages: deque[float] = deque(maxlen=KEPT_PAGES)
        self._marked: deque[str] = deque(maxlen=KEPT_MARKS)
        self._peers: deque[PeerLog] = deque(maxlen=KEPT_PEERS)
        self._inputs: deque[_Input] = deque(maxlen=KEPT_INPUTS)
        self._unseen: deque[tuple[int, _Input]] = deque(maxlen=KEPT_INPUTS)
        self._undisplayed: deque[tuple[int, _Input]] = deque(maxlen=KEPT_INPUTS)

    def page_served(self) -> None:
        """Note that the page was served."""
        self._pages.append(self._clock())

    def marked(self, path: str, mark: str) -> None:
        """Note that a request for a path below the route said whose it is."""
        self._marked.append(f"{path} {mark}")

    def peer(self) -> PeerLog:
        """Start the log of a new peer connection."""
        log = PeerLog(clock=self._clock)
        self._peers.append(log)
        return log

    def input_received(
        self,
        *,
        kind: str,
        detail: str,
        revision: int | None,
        received: float | None = None,
        pressed: float | None = None,
    ) -> None:
        """Note an input event.

        Args:
            kind: The DOM event's name.
            detail: The position, button or key.
            revision: The scene's revision that shows it; None if it will never be seen.
            received: When it was received, seconds of the log's clock; None for now.
            pressed: When the user did it, by the page's account, seconds of the log's clock.
        """
        received = self._clock() if received is None else received
        entry = _Input(kind=kind, detail=detail, received=received, pressed=pressed)
        self._inputs.append(entry)
        if revision is not None:
            self._unseen.append((revision, entry))
            self._undisplayed.append((revision, entry))

    def frame_sent(self, *, revision: int) -> None:
        """Note that a frame was sent which shows all inputs up to a revision of the scene."""
        while self._unseen and self._unseen[0][0] <= revision:
            self._unseen.popleft()[1].frame_sent = self._clock()

    def frame_displayed(self, *, revision: int, at: float) -> None:
        """Note that a frame was displayed which shows all inputs up to a revision of the scene."""
        while self._undisplayed and self._undisplayed[0][0] <= revision:
            self._undisplayed.popleft()[1].displayed = at

    def close(self) -> None:
        """Note that the desktop was closed."""
        self._closed = self._clock()

    def snapshot(self) -> Truth:
        """The truth so far."""
        return Truth(
            session=self._session,
            route=self._route,
            opened=self._opened,
            closed=self._closed,
            pages_served=tuple(self._pages),
            peers=tuple(peer.snapshot() for peer in self._peers),
            inputs=tuple(InputTruth(**asdict(entry)) for entry in self._inputs),
            wall_offset=wall_offset(),
            marked=tuple(self._marked),
        )


class TruthArchive:
    """The truth about closed sessions, the newest ones."""

    def __init__(self, *, size: int = KEPT_SESSIONS) -> None:
        self._size = size
        self._kept: OrderedDict[str, Truth] = OrderedDict()

    def keep(self, truth: Truth) -> None:
        """Keep one, in place of an older one of the same session, and drop the oldest."""
        self._kept.pop(truth.session, None)
        self._kept[truth.session] = truth
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def find(self, session: str) -> Truth:
        """The truth about a closed session.

        Raises:
            KeyError: There is none, or it is too old.
        """
        return self._kept[session]
