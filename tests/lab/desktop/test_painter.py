"""How scenes look."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from prober.lab.desktop.artwork import Artwork
from prober.lab.desktop.canvas import BLACK_LUMA, NEUTRAL_CHROMA, WHITE_LUMA, Canvas, Sprite
from prober.lab.desktop.events import EventKind, UserEvent
from prober.lab.desktop.painter import Painter
from prober.lab.desktop.scene import Scene

WIDTH, HEIGHT = 960, 540


@pytest.fixture(scope="module")
def artwork() -> Artwork:
    """The drawings; they never change."""
    return Artwork.draw(width=WIDTH, height=HEIGHT)


@pytest.fixture
def painter(artwork: Artwork) -> Painter:
    """A painter with its own canvas."""
    return Painter(artwork)


@pytest.fixture
def scene() -> Scene:
    """An untouched screen."""
    return Scene(width=WIDTH, height=HEIGHT)


def test_black_is_black(painter: Painter) -> None:
    """Luma 16 of the limited range, without colour, and nothing else."""
    pixels = painter.black()
    assert set(np.unique(pixels[:HEIGHT])) == {BLACK_LUMA}
    assert set(np.unique(pixels[HEIGHT:])) == {NEUTRAL_CHROMA}


def test_every_frame_differs(painter: Painter, scene: Scene) -> None:
    """An untouched desktop moves, so that its frame rate is real."""
    frames = [painter.paint(scene, elapsed=n / 30, clock="12:00:00").copy() for n in range(90)]
    assert all((a != b).any() for a, b in pairwise(frames))


def test_the_middle_is_calm(painter: Painter, scene: Scene) -> None:
    """Where a probe clicks, nothing moves by itself."""
    middle = np.s_[152:540, 432:656]
    first = painter.paint(scene, elapsed=0, clock="12:00:00")[middle].copy()
    for second in range(1, 30):
        pixels = painter.paint(scene, elapsed=second / 3, clock=f"12:00:{second:02}")
        assert (pixels[middle] == first).all()


def test_the_clock_is_seen(painter: Painter, scene: Scene) -> None:
    """Another time is another picture."""
    before = painter.paint(scene, elapsed=0, clock="12:00:00").copy()
    assert (painter.paint(scene, elapsed=0, clock="12:00:01") != before).any()


@pytest.mark.parametrize(
    ("event", "least"),
    [
        (UserEvent(kind=EventKind.POINTER_DOWN, x=480, y=270, button=2), 20_000),
        (UserEvent(kind=EventKind.POINTER_DOWN, x=959, y=539, button=2), 10_000),
        (UserEvent(kind=EventKind.POINTER_MOVE, x=100, y=200), 200),
        (UserEvent(kind=EventKind.KEY_DOWN, key="w"), 10),
    ],
    ids=["menu", "menu in the corner", "cursor", "letter"],
)
def test_events_are_seen(painter: Painter, scene: Scene, event: UserEvent, least: int) -> None:
    """What a user does changes pixels."""
    before = painter.paint(scene, elapsed=0, clock="").copy()
    scene.apply(event)
    after = painter.paint(scene, elapsed=0, clock="")
    assert np.count_nonzero(before[:HEIGHT] != after[:HEIGHT]) >= least


def test_colours_are_in_the_limited_range() -> None:
    """White is 235, black 16, red lands where BT.601 puts it."""
    image = Image.new("RGB", (6, 2), (255, 255, 255))
    image.paste((0, 0, 0), (2, 0, 4, 2))
    image.paste((255, 0, 0), (4, 0, 6, 2))
    sprite = Sprite.from_image(image)
    assert sprite.luma[0].tolist() == [WHITE_LUMA] * 2 + [BLACK_LUMA] * 2 + [81] * 2
    assert sprite.blue[0].tolist() == [128, 128, 90]
    assert sprite.red[0].tolist() == [128, 128, 240]


@pytest.mark.parametrize(
    ("x", "y", "painted"),
    [(0, 0, 16), (-2, 0, 8), (6, 6, 4), (8, 8, 0), (-4, -4, 0), (3, 3, 16)],
    ids=["inside", "left", "bottom right", "outside", "far outside", "odd"],
)
def test_sprites_are_cut_at_the_border(x: int, y: int, painted: int) -> None:
    """What lies outside the canvas is not drawn, and is no error."""
    canvas = Canvas(width=8, height=8)
    canvas.blit(Sprite.from_image(Image.new("RGB", (4, 4), (255, 255, 255))), x=x, y=y)
    assert np.count_nonzero(canvas.luma == WHITE_LUMA) == painted


@pytest.mark.parametrize("size", [(1281, 720), (1280, 722), (320, 240)], ids=str)
def test_refuses_impossible_sizes(size: tuple[int, int]) -> None:
    """Chroma needs even sides, the windows need room."""
    with pytest.raises(ValueError, match="at least 640 x 360"):
        Artwork.draw(width=size[0], height=size[1])
