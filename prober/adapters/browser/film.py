"""A few frames of the observation window, in one picture.

They are the samples of luma that were read anyway to tell black and frozen pictures: 64 by 36 cells, once a second. To
take a picture within the window would cost CPU that the stream is judged by. What moved, what was black and when is to
be seen; nothing in it can be read.
"""

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from struct import pack

from playwright.async_api import Page

from prober.adapters.browser.collector import ask_frames

MOST_FRAMES = 16
"""Frames in one picture; each document keeps as many at most (film.js)."""

WIDTH, HEIGHT = 64, 36
"""Cells of a frame (pixels.js)."""

_SCALE = 4
"""Pixels of a cell, in each direction."""

_COLUMNS = 4
_GAP = b"\xff\xff"
"""Between two frames, in pixels of white."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """One frame.

    Attributes:
        at_s: When it was read, in seconds since its page began.
        cells: Its cells' luma, row by row.
        recorded_s: When it was read, in seconds of the recording.
    """

    at_s: float
    cells: bytes
    recorded_s: float = 0.0


async def read_film(page: Page) -> list[Still]:
    """Returns the frames that the page's scripts kept, in order; those of other sizes are not ours.

    Raises:
        ProberFailed: `browser_crashed` or `driver_error`.
    """
    stills = [
        Still(at_s=round(answer.since_s + raw["at"] / 1000, 3), cells=base64.b64decode(raw["cells"]))
        for answer in await ask_frames(page, "film")
        for raw in answer.value
    ]
    return sorted((still for still in stills if len(still.cells) == WIDTH * HEIGHT), key=lambda still: still.at_s)


def strip_of(stills: Sequence[Still], *, columns: int = _COLUMNS) -> bytes:
    """Returns the frames in rows of so many, from left to right and down, as a grey PNG."""
    blank = bytes([255]) * (WIDTH * HEIGHT)
    cells = [still.cells for still in stills]
    cells += [blank] * (-len(cells) % columns)
    lines: list[bytes] = []
    for first in range(0, len(cells), columns):
        if lines:
            lines += [b"\xff" * len(lines[0])] * len(_GAP)
        beside = cells[first : first + columns]
        for row in range(HEIGHT):
            lines += [_GAP.join(_wide(frame[row * WIDTH : (row + 1) * WIDTH]) for frame in beside)] * _SCALE
    return _png(lines)


def _wide(cells: bytes) -> bytes:
    return b"".join(bytes([cell]) * _SCALE for cell in cells)


def _png(lines: Sequence[bytes]) -> bytes:
    """Returns lines of grey pixels as a PNG (W3C PNG, 8 bits, colour type 0)."""
    head = pack(">IIBBBBB", len(lines[0]), len(lines), 8, 0, 0, 0, 0)
    # A zero before each line: no filter.
    body = zlib.compress(b"".join(b"\0" + line for line in lines), 6)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content))
