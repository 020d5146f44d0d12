"""The desktop's drawings, made once with Pillow: background, windows, menu, cursor, letters.

The middle of the screen is left calm: there a click changes pixels and nothing else does.
"""

from dataclasses import dataclass
from string import printable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from prober.lab.desktop.canvas import Canvas, Plane, Sprite

Colour = tuple[int, int, int]
Font = ImageFont.ImageFont | ImageFont.FreeTypeFont

SMALLEST = (640, 360)
"""Pixels: below this the windows would not fit."""
PANEL_HEIGHT = 32
"""Pixels: the bar on top, with the clock."""
MENU_SIZE = (180, 152)
"""Pixels: large enough to be found by a probe that samples every eighth pixel."""
CELL = (8, 16)
"""Pixels of one character of the terminal."""
TITLE_HEIGHT = 24
"""Pixels: a window's title bar."""
BUSY_SIZE = (200, 96)
"""Pixels: the window that moves all the time."""

_WALLPAPER_TOP: Colour = (24, 44, 84)
_WALLPAPER_BOTTOM: Colour = (52, 94, 132)
_PANEL: Colour = (24, 24, 24)
_TITLE: Colour = (70, 76, 92)
_WINDOW: Colour = (236, 236, 232)
_TERMINAL: Colour = (24, 24, 24)
_INK: Colour = (24, 24, 24)
_LIGHT: Colour = (240, 240, 240)
_ACCENT: Colour = (224, 122, 48)
_MENU_ITEMS = ("New Terminal", "New Folder", "Change Wallpaper", "Display Settings", "Log Out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Artwork:
    """Everything that a painter copies from.

    Attributes:
        background: The whole screen without anything that changes.
        menu: The context menu.
        cursor: The arrow, its tip at the top left.
        busy: The moving window.
        bar: The filled progress bar, of which a part is shown.
        letters: Luma of each printable character, one cell each, light on dark.
        terminal: Where the terminal's first character goes, pixels from the top left.
        clock: Where the clock's first character goes.
        progress: Where the progress bar goes.
    """

    background: Canvas
    menu: Sprite
    cursor: Sprite
    busy: Sprite
    bar: Sprite
    letters: dict[str, Plane]
    terminal: tuple[int, int]
    clock: tuple[int, int]
    progress: tuple[int, int]

    @classmethod
    def draw(cls, *, width: int, height: int) -> "Artwork":
        """Draw everything for a screen of that size; takes some tens of milliseconds.

        Raises:
            ValueError: A side is odd, or too small for the windows.
        """
        if width % 2 or height % 4 or width < SMALLEST[0] or height < SMALLEST[1]:
            raise ValueError("a desktop is at least 640 x 360, its sides multiples of 2 and 4")
        font = ImageFont.load_default(12)
        terminal = (24, height - 220)
        files = (width - 300, height - 300)
        image = _wallpaper(width, height)
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, 0, width, PANEL_HEIGHT - 1), fill=_PANEL)
        draw.text((12, 8), "Applications   Places   System", fill=_LIGHT, font=font)
        _window(draw, (*terminal, 400, 196), "Terminal", body=_TERMINAL, font=font)
        _window(draw, (*files, 276, 200), "Files", body=_WINDOW, font=font)
        _file_list(draw, files, font)
        background = Canvas(width=width, height=height)
        background.blit(Sprite.from_image(image), x=0, y=0)
        return cls(
            background=background,
            menu=Sprite.from_image(_menu(font)),
            cursor=Sprite.from_image(_cursor()),
            busy=Sprite.from_image(_busy(font)),
            bar=Sprite.from_image(Image.new("RGB", (240, 12), _ACCENT)),
            letters=_letters(font),
            terminal=(terminal[0] + 8, terminal[1] + TITLE_HEIGHT + 6),
            clock=(width - 80, 8),
            progress=(files[0] + 18, files[1] + 170),
        )


def _wallpaper(width: int, height: int) -> Image.Image:
    fade = np.linspace(0, 1, height)[:, None, None]
    rows = np.array(_WALLPAPER_TOP) * (1 - fade) + np.array(_WALLPAPER_BOTTOM) * fade
    return Image.fromarray(np.broadcast_to(rows, (height, width, 3)).astype(np.uint8))


def _window(
    draw: ImageDraw.ImageDraw,
    box: tuple[int, int, int, int],
    title: str,
    *,
    body: Colour,
    font: Font,
) -> None:
    x, y, width, height = box
    draw.rectangle((x, y, x + width - 1, y + height - 1), fill=body)
    draw.rectangle((x, y, x + width - 1, y + TITLE_HEIGHT - 1), fill=_TITLE)
    draw.text((x + 8, y + 5), title, fill=_LIGHT, font=font)
    draw.ellipse((x + width - 20, y + 6, x + width - 8, y + 18), fill=_ACCENT)


def _file_list(draw: ImageDraw.ImageDraw, corner: tuple[int, int], font: Font) -> None:
    names = ("Documents", "Downloads", "Pictures", "report.odt", "notes.txt", "Copying ...")
    for row, name in enumerate(names):
        draw.text((corner[0] + 18, corner[1] + 34 + row * 22), name, fill=_INK, font=font)


def _menu(font: Font) -> Image.Image:
    image = Image.new("RGB", MENU_SIZE, _WINDOW)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, MENU_SIZE[0] - 1, MENU_SIZE[1] - 1), outline=_TITLE)
    for row, item in enumerate(_MENU_ITEMS):
        draw.text((16, 10 + row * 28), item, fill=_INK, font=font)
    return image


def _busy(font: Font) -> Image.Image:
    image = Image.new("RGB", BUSY_SIZE)
    draw = ImageDraw.Draw(image)
    _window(draw, (0, 0, *BUSY_SIZE), "Screensaver", body=_ACCENT, font=font)
    draw.ellipse((70, 34, 120, 84), fill=_WINDOW)
    return image


def _cursor() -> Image.Image:
    image = Image.new("RGBA", (16, 24), (0, 0, 0, 0))
    arrow = [(0, 0), (0, 19), (5, 15), (8, 22), (11, 21), (8, 14), (14, 14)]
    ImageDraw.Draw(image).polygon(arrow, fill=(255, 255, 255, 255), outline=(0, 0, 0, 255))
    return image


def _letters(font: Font) -> dict[str, Plane]:
    return {character: _letter(character, font) for character in printable if character.isprintable()}


def _letter(character: str, font: Font) -> Plane:
    image = Image.new("RGB", CELL, _TERMINAL)
    width = font.getlength(character)
    ImageDraw.Draw(image).text(((CELL[0] - width) / 2, 1), character, fill=_LIGHT, font=font)
    return Sprite.from_image(image).luma
