"""One session's desktop: a screen that users look at and touch, behaving as it was told to."""

import time
from collections.abc import Callable

from prober.lab.desktop.artwork import Artwork
from prober.lab.desktop.behaviour import Behaviour, Input, Picture
from prober.lab.desktop.events import UserEvent
from prober.lab.desktop.painter import Painter
from prober.lab.desktop.scene import Scene
from prober.lab.desktop.track import Shot
from prober.lab.desktop.truth import Truth, TruthLog

Watcher = Callable[[], None]


class Desktop:
    """A screen, its state, and the log of what happened to it.

    Several visitors may watch at the same time; they share pointer and keyboard.

    Attributes:
        session: Tells the session from every other one.
        name: The VDISession's name, which is unique within its namespace only.
        route: The first part of the path under which it is served.
        behaviour: How it behaves.
        log: What happened.
    """

    def __init__(self, *, session: str, name: str, route: str, behaviour: Behaviour, artwork: Artwork) -> None:
        self.session = session
        self.name = name
        self.route = route
        self.behaviour = behaviour
        self.log = TruthLog(session=name, route=route)
        height, width = artwork.background.luma.shape
        self._scene = Scene(width=width, height=height)
        self._painter = Painter(artwork)
        self._opened = time.monotonic()
        self._frozen: Shot | None = None
        self._watchers: set[Watcher] = set()

    def watch(self, watcher: Watcher) -> None:
        """Have a function called after every visible change."""
        self._watchers.add(watcher)

    def unwatch(self, watcher: Watcher) -> None:
        """Stop calling it."""
        self._watchers.discard(watcher)

    def touch(self, event: UserEvent) -> None:
        """Let a user's event happen."""
        changed = self.behaviour.input is Input.NORMAL and self._scene.apply(event)
        seen = changed and self.behaviour.picture is Picture.NORMAL
        self.log.input_received(
            kind=event.kind,
            detail=event.detail,
            revision=self._scene.revision if seen else None,
        )
        if seen:
            for watcher in tuple(self._watchers):
                watcher()

    def shoot(self) -> Shot:
        """What the screen shows now."""
        match self.behaviour.picture:
            case Picture.NORMAL:
                return self._shot()
            case Picture.BLACK:
                return Shot(pixels=self._painter.black(), revision=self._scene.revision)
            case Picture.FROZEN:
                if self._frozen is None:
                    self._frozen = self._shot()
                return self._frozen

    def truth(self) -> Truth:
        """What has happened so far."""
        return self.log.snapshot()

    def _shot(self) -> Shot:
        pixels = self._painter.paint(
            self._scene,
            elapsed=time.monotonic() - self._opened,
            clock=time.strftime("%H:%M:%S"),
        )
        return Shot(pixels=pixels, revision=self._scene.revision)
