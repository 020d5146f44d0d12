"""Planar pictures: a canvas, and sprites copied onto it.

Everything is YUV 4:2:0 in the limited range (BT.601), which is what the encoders take, so that
drawing a frame is copying bytes and never a colour conversion. Chroma has half the resolution:
sprites have even sizes and land on even positions.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.uint8]

BLACK_LUMA = 16
"""Limited range: 16 is black, 235 is white (ITU-R BT.601)."""
WHITE_LUMA = 235
NEUTRAL_CHROMA = 128
"""No colour."""
HALF_OPAQUE = 127
"""Alpha above this counts as opaque: sprites have hard edges."""

_LUMA_WEIGHTS = np.array([65.481, 128.553, 24.966]) / 255
_BLUE_WEIGHTS = np.array([-37.797, -74.203, 112.0]) / 255
_RED_WEIGHTS = np.array([112.0, -93.786, -18.214]) / 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Sprite:
    """A small picture. With a mask, only the masked pixels are copied."""

    luma: Plane
    blue: Plane
    red: Plane
    mask: NDArray[np.bool_] | None = None

    @classmethod
    def from_image(cls, image: Image.Image) -> "Sprite":
        """Convert a Pillow image of even width and height; transparency becomes the mask."""
        rgba = np.asarray(image.convert("RGBA"), dtype=np.float64)
        rgb, alpha = rgba[..., :3], rgba[..., 3]
        quarter = (rgb[0::2, 0::2] + rgb[1::2, 0::2] + rgb[0::2, 1::2] + rgb[1::2, 1::2]) / 4
        opaque = alpha > HALF_OPAQUE
        return cls(
            luma=_byte(BLACK_LUMA + rgb @ _LUMA_WEIGHTS),
            blue=_byte(NEUTRAL_CHROMA + quarter @ _BLUE_WEIGHTS),
            red=_byte(NEUTRAL_CHROMA + quarter @ _RED_WEIGHTS),
            mask=None if opaque.all() else opaque,
        )

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.luma.shape[1])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.luma.shape[0])


class Canvas:
    """A picture to draw on, in the layout of FFmpeg's `yuv420p`.

    Attributes:
        pixels: One array of height * 3 / 2 rows: luma, then both chroma planes.
        luma: The luma plane, a view.
    """

    def __init__(self, *, width: int, height: int) -> None:
        self.pixels: Plane = np.empty((height * 3 // 2, width), dtype=np.uint8)
        self.luma = self.pixels[:height]
        chroma = self.pixels[height:].reshape(2, height // 2, width // 2)
        self._blue, self._red = chroma[0], chroma[1]
        self.clear()

    def clear(self) -> None:
        """Make it black."""
        self.luma.fill(BLACK_LUMA)
        self._blue.fill(NEUTRAL_CHROMA)
        self._red.fill(NEUTRAL_CHROMA)

    def copy_from(self, other: "Canvas") -> None:
        """Take over another canvas of the same size."""
        np.copyto(self.pixels, other.pixels)

    def blit(self, sprite: Sprite, *, x: int, y: int) -> None:
        """Copy a sprite to the even position at or left above (x, y); what lies outside is cut."""
        left, top = x & ~1, y & ~1
        mask = sprite.mask
        _copy(self.luma, sprite.luma, left, top, mask)
        half_mask = None if mask is None else mask[::2, ::2]
        _copy(self._blue, sprite.blue, left // 2, top // 2, half_mask)
        _copy(self._red, sprite.red, left // 2, top // 2, half_mask)

    def blit_luma(self, luma: Plane, *, x: int, y: int) -> None:
        """Copy grey pixels onto a place that is grey already: text."""
        _copy(self.luma, luma, x, y, None)


def _byte(values: NDArray[np.float64]) -> Plane:
    return np.rint(values).astype(np.uint8)


def _copy(target: Plane, source: Plane, x: int, y: int, mask: NDArray[np.bool_] | None) -> None:
    left, top = max(x, 0), max(y, 0)
    right = min(x + source.shape[1], target.shape[1])
    bottom = min(y + source.shape[0], target.shape[0])
    if right <= left or bottom <= top:
        return
    inside = np.s_[top - y : bottom - y, left - x : right - x]
    place = target[top:bottom, left:right]
    if mask is None:
        place[...] = source[inside]
    else:
        np.copyto(place, source[inside], where=mask[inside])
