"""Paints a scene: the background, and on it what changes.

A frame costs one or two milliseconds, so it is painted in the event loop.
"""

from prober.lab.desktop.artwork import BUSY_SIZE, CELL, MENU_SIZE, PANEL_HEIGHT, Artwork
from prober.lab.desktop.canvas import Canvas, Plane, Sprite
from prober.lab.desktop.scene import Scene

BUSY_SPEED = 180
"""Pixels per second: six a frame, so every frame differs from the one before."""
COPY_SECONDS = 8
"""How long the progress bar takes to fill."""


class Painter:
    """Paints frames of one desktop, always onto the same canvas."""

    def __init__(self, artwork: Artwork) -> None:
        self._art = artwork
        self._height, self._width = artwork.background.luma.shape
        self._canvas = Canvas(width=self._width, height=self._height)

    def paint(self, scene: Scene, *, elapsed: float, clock: str) -> Plane:
        """Paint the scene.

        Args:
            scene: What to show.
            elapsed: Seconds since the desktop was opened; moves what is animated.
            clock: What the clock in the panel says.

        Returns:
            The pixels as `yuv420p`, valid until the next call.
        """
        self._canvas.copy_from(self._art.background)
        self._animate(elapsed)
        self._write(clock, at=self._art.clock)
        for row, line in enumerate(scene.lines):
            x, y = self._art.terminal
            self._write(line, at=(x, y + row * CELL[1]))
        if scene.menu is not None:
            self._show_menu(scene.menu)
        self._canvas.blit(self._art.cursor, x=scene.pointer[0], y=scene.pointer[1])
        return self._canvas.pixels

    def black(self) -> Plane:
        """A screen of nothing, valid until the next call."""
        self._canvas.clear()
        return self._canvas.pixels

    def _animate(self, elapsed: float) -> None:
        way = self._width - BUSY_SIZE[0]
        there_and_back = elapsed * BUSY_SPEED % (2 * way)
        x = int(min(there_and_back, 2 * way - there_and_back))
        self._canvas.blit(self._art.busy, x=x, y=PANEL_HEIGHT + 16)
        self._show_progress(elapsed % COPY_SECONDS / COPY_SECONDS)

    def _show_progress(self, done: float) -> None:
        bar = self._art.bar
        width = int(bar.width * done) & ~1
        part = Sprite(
            luma=bar.luma[:, :width],
            blue=bar.blue[:, : width // 2],
            red=bar.red[:, : width // 2],
        )
        self._canvas.blit(part, x=self._art.progress[0], y=self._art.progress[1])

    def _show_menu(self, corner: tuple[int, int]) -> None:
        x = min(corner[0], self._width - MENU_SIZE[0])
        y = min(corner[1], self._height - MENU_SIZE[1])
        self._canvas.blit(self._art.menu, x=x, y=y)

    def _write(self, text: str, *, at: tuple[int, int]) -> None:
        x, y = at
        for column, character in enumerate(text):
            letter = self._art.letters.get(character)
            if letter is not None:
                self._canvas.blit_luma(letter, x=x + column * CELL[0], y=y)
