"""What a desktop shows, as state: pointer, context menu, terminal.

Sans I/O: events come in as arguments, no clock is read, nothing is drawn.
"""

from prober.lab.desktop.events import EventKind, UserEvent

LEFT_BUTTON = 0
RIGHT_BUTTON = 2

PROMPT = "user@desktop:~$ "
TERMINAL_COLUMNS = 46
"""Characters that fit into a line of the terminal window."""
TERMINAL_LINES = 10
"""Lines that fit into the terminal window."""


class Scene:
    """The state of one desktop. Every visible change raises `revision` by one.

    Attributes:
        pointer: Where the cursor is, pixels from the top left.
        menu: Where the context menu's top left corner is; None while it is closed.
        lines: The terminal's lines, the last one being typed into.
        revision: How many visible changes there were.
    """

    def __init__(self, *, width: int, height: int) -> None:
        self._width = width
        self._height = height
        self.pointer = (width // 2, height // 2)
        self.menu: tuple[int, int] | None = None
        self.lines = [PROMPT]
        self.revision = 0

    def apply(self, event: UserEvent) -> bool:
        """Let an event happen; says whether it changes what is seen."""
        before = (self.pointer, self.menu, tuple(self.lines))
        match event.kind:
            case EventKind.POINTER_MOVE | EventKind.POINTER_UP:
                self._point(event)
            case EventKind.POINTER_DOWN:
                self._point(event)
                self._press(event.button)
            case EventKind.KEY_DOWN:
                self._type(event.key)
            case EventKind.KEY_UP:
                pass
        changed = before != (self.pointer, self.menu, tuple(self.lines))
        self.revision += changed
        return changed

    def _point(self, event: UserEvent) -> None:
        self.pointer = (
            min(max(event.x, 0), self._width - 1),
            min(max(event.y, 0), self._height - 1),
        )

    def _press(self, button: int) -> None:
        if button == RIGHT_BUTTON:
            self.menu = self.pointer
        elif button == LEFT_BUTTON:
            self.menu = None

    def _type(self, key: str) -> None:
        if key == "Escape":
            self.menu = None
        elif key == "Enter":
            self.lines = [*self.lines, PROMPT][-TERMINAL_LINES:]
        elif key == "Backspace":
            if len(self.lines[-1]) > len(PROMPT):
                self.lines[-1] = self.lines[-1][:-1]
        elif len(key) == 1 and key.isprintable():
            self._put(key)

    def _put(self, character: str) -> None:
        if len(self.lines[-1]) >= TERMINAL_COLUMNS:
            self.lines = [*self.lines, ""][-TERMINAL_LINES:]
        self.lines[-1] += character
