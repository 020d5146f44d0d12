"""One session's desktop: a screen that users look at and touch, behaving as it was told to."""

import time
from collections import deque
from collections.abc import Callable

from prober.lab.accident import Accident
from prober.lab.desktop.artwork import Artwork
from prober.lab.desktop.behaviour import Behaviour, Input, Picture
from prober.lab.desktop.events import UserEvent, parse_event
from prober.lab.desktop.painter import Painter
from prober.lab.desktop.scene import Scene
from prober.lab.desktop.track import Shot
from prober.lab.desktop.truth import Truth, TruthLog, wall_offset
from prober.lab.turn.access import Handout

Watcher = Callable[[], None]


class Desktop:
    """A screen, its state, and the log of what happened to it.

    Several visitors may watch at the same time; they share pointer and keyboard.

    Attributes:
        session: Tells the session from every other one.
        name: The VDISession's name, which is unique within its namespace only.
        route: The first part of the path under which it is served.
        behaviour: How it behaves.
        turn: What it was told about TURN; `None` to do without.
        log: What happened.
    """

    def __init__(
        self,
        *,
        session: str,
        name: str,
        route: str,
        behaviour: Behaviour,
        artwork: Artwork,
        turn: Handout | None = None,
    ) -> None:
        self.session = session
        self.name = name
        self.route = route
        self.behaviour = behaviour
        self.turn = turn
        self.log = TruthLog(session=name, route=route)
        height, width = artwork.background.luma.shape
        self._scene = Scene(width=width, height=height)
        self._painter = Painter(artwork)
        self._opened = time.monotonic()
        self._first_frame: float | None = None
        self._frozen: Shot | None = None
        self._late: deque[tuple[float, UserEvent]] = deque()
        self._watchers: set[Watcher] = set()

    @property
    def accidents(self) -> frozenset[Accident]:
        """What befalls whoever visits it."""
        return self.behaviour.accidents

    def watch(self, watcher: Watcher) -> None:
        """Have a function called after every visible change."""
        self._watchers.add(watcher)

    def unwatch(self, watcher: Watcher) -> None:
        """Stop calling it."""
        self._watchers.discard(watcher)

    def hear(self, message: str) -> None:
        """Take what a page sent as an input event; a desktop does not fall over anything else."""
        try:
            event = parse_event(message)
        except ValueError:
            return
        self.touch(event)

    def touch(self, event: UserEvent) -> None:
        """Let a user's event happen, now or when the desktop gets round to it."""
        now = time.monotonic()
        if self.behaviour.input_delay_s > 0:
            self._late.append((now, event))
        else:
            self._happen(event, received=now)

    def shoot(self) -> Shot:
        """What the screen shows now."""
        self._catch_up()
        match self.behaviour.picture:
            case Picture.NORMAL:
                return self._shot()
            case Picture.BLACK:
                return Shot(pixels=self._painter.black(), revision=self._scene.revision)
            case Picture.FROZEN:
                if self._frozen is None:
                    self._frozen = self._shot()
                return self._frozen

    def shown(self, shot: Shot) -> None:
        """Take note that a visitor was sent a shot."""
        if self._first_frame is None:
            self._first_frame = time.monotonic()
        self.log.frame_sent(revision=shot.revision)

    def elapsed(self) -> float | None:
        """Seconds since the first frame that anybody was sent; None before it."""
        return None if self._first_frame is None else time.monotonic() - self._first_frame

    def still(self) -> float:
        """For how long the picture stands still from now on, in seconds."""
        spell = self.behaviour.standstill
        return 0.0 if spell is None else spell.remaining(self.elapsed())

    def truth(self) -> Truth:
        """What has happened so far."""
        return self.log.snapshot()

    def _happen(self, event: UserEvent, *, received: float) -> None:
        changed = self.behaviour.input is Input.NORMAL and self._scene.apply(event)
        seen = changed and self.behaviour.picture is Picture.NORMAL
        self.log.input_received(
            kind=event.kind,
            detail=event.detail,
            revision=self._scene.revision if seen else None,
            received=received,
            pressed=None if event.at is None else event.at - wall_offset(),
        )
        if seen:
            for watcher in tuple(self._watchers):
                watcher()

    def _catch_up(self) -> None:
        """Let the late events happen whose time has come; the clock of frames is fine enough for them."""
        ripe = time.monotonic() - self.behaviour.input_delay_s
        while self._late and self._late[0][0] <= ripe:
            received, event = self._late.popleft()
            self._happen(event, received=received)

    def _shot(self) -> Shot:
        idle = self.behaviour.idle
        pixels = self._painter.paint(
            self._scene,
            elapsed=0.0 if idle else time.monotonic() - self._opened,
            clock=time.strftime("%H:%M" if idle else "%H:%M:%S"),
        )
        return Shot(pixels=pixels, revision=self._scene.revision)
