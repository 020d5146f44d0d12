"""Gestures as the page meets them: trusted, where the desktop is, with nothing left pressed."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

import pytest

from prober.adapters.browser import WarmBrowser
from prober.adapters.browser.hands import Hands
from prober.adapters.browser.reactions import Press, timed_press
from prober.domain.client import CLIENTS, Client, Gesture, GestureKind, Stimulus
from prober.domain.errors import ProberFailed
from prober.domain.reasons import Reason
from prober.flow.ports import Desktop
from tests.adapters.browser.seats import seat
from tests.adapters.browser.site import Site, eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

RECORDER = """
  window.heard = [];
  for (const kind of ["pointerdown", "pointerup", "keydown", "keyup"]) {
    window.addEventListener(kind, (event) => {
      const {isTrusted, button, key, target, clientX: x, clientY: y} = event;
      heard.push({kind, isTrusted, button, key, target: target.id, x, y});
    });
  }
  window.addEventListener("contextmenu", (event) => event.preventDefault());"""
PAGE = f"""<video id=v width=640 height=360 muted autoplay></video>
  <script>showDesktop(v); {RECORDER}</script>"""
CHAT = "<input id=chat autofocus>"
OVERLAID = f"""<div style="position: relative; width: 640px; height: 360px">
    <video id=v width=640 height=360 muted autoplay></video>
    <input id=overlay type=search style="position: absolute; inset: 0; width: 640px; height: 360px; opacity: 0">
  </div>{CHAT}<script>showDesktop(v); {RECORDER}</script>"""
GESTURES = (
    Gesture(kind=GestureKind.CIRCLE),
    Gesture(kind=GestureKind.SWEEP),
    Gesture(kind=GestureKind.CLICK),
    Gesture(kind=GestureKind.RIGHT_CLICK),
    Gesture(kind=GestureKind.KEY, text="Control+Alt+T"),
    Gesture(kind=GestureKind.TYPE, text="ls"),
)
Heard = list[dict[str, Any]]


async def _page(desktop: Desktop, url: str) -> Desktop:
    assert await desktop.open(url) == 200
    await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    return desktop


def _hands(desktop: Desktop) -> Hands:
    return Hands(desktop._page)  # type: ignore[attr-defined]  # nothing else does any gesture once


async def _heard(desktop: Desktop, *, frame: int = 0) -> Heard:
    page = desktop._page  # type: ignore[attr-defined]  # only the page itself can tell
    heard: Heard = await page.frames[frame].evaluate("window.heard.splice(0)")
    return heard


def _keys(heard: Heard) -> list[str]:
    return [event["key"] for event in heard if event["kind"] == "keydown"]


async def test_each_gesture_reaches_the_page_as_trusted_input(site: Site, desktop: Desktop) -> None:
    """Clicks come where the pointer is, chords as chords, texts letter by letter; all is released again."""
    await _page(desktop, site.page(PAGE))
    await _hands(desktop).perform(GESTURES)
    heard = await _heard(desktop)
    assert all(event["isTrusted"] for event in heard)
    presses = [event for event in heard if event["kind"] == "pointerdown"]
    assert [event["button"] for event in presses] == [0, 2]
    assert all(abs(event["x"] - 320) < 40 and abs(event["y"] - 180) < 40 for event in presses)
    assert _keys(heard) == ["Control", "Alt", "T", "l", "s"]
    kinds = [event["kind"] for event in heard]
    assert kinds.count("pointerup") == 2
    assert kinds.count("keyup") == 5


async def test_no_stimulus_is_none(site: Site, desktop: Desktop) -> None:
    """Where nothing shall be done nothing is."""
    await _page(desktop, site.page(PAGE))
    await desktop.stimulate(Stimulus.NONE)
    assert await _heard(desktop) == []


@pytest.mark.parametrize(
    ("body", "target"),
    [(OVERLAID, "overlay"), (PAGE + CHAT, "")],
    ids=["an element laid over the picture", "nothing that takes the focus"],
)
async def test_the_keyboard_reaches_the_desktop_without_a_click(
    site: Site, desktop: Desktop, body: str, target: str
) -> None:
    """Keys go to what catches the desktop's input, or to the document, and not to another field that had the focus."""
    await _page(desktop, site.page(body))
    await desktop.stimulate(Stimulus.TYPING)
    heard = await _heard(desktop)
    assert {(event["kind"], event["target"]) for event in heard} == {("keydown", target), ("keyup", target)}


async def test_the_keyboard_reaches_a_desktop_in_an_iframe(site: Site, desktop: Desktop) -> None:
    """The frame that shows the picture has the keys, though the page around it had the focus."""
    inner = site.page(OVERLAID)
    await _page(desktop, site.page(f"{CHAT}<iframe src={inner} width=700 height=400></iframe>"))
    await desktop.stimulate(Stimulus.TYPING)
    assert {event["target"] for event in await _heard(desktop, frame=1)} == {"overlay"}


async def test_an_unknown_key_is_ours(browser: WarmBrowser, site: Site) -> None:
    """What the driver cannot press is a fault of the configuration, not of the desktop."""
    client = Client(name="odd", stimulus=(Gesture(kind=GestureKind.KEY, text="Anykey"),))
    async with seat(browser, client=client) as desktop:
        await _page(desktop, site.page(PAGE))
        with pytest.raises(ProberFailed) as caught:
            await desktop.stimulate(Stimulus.CLIENT)
    assert caught.value.fault.reason is Reason.DRIVER_ERROR


async def test_what_is_given_up_leaves_nothing_pressed(site: Site, desktop: Desktop) -> None:
    """Cancelled at any moment, every key and button that went down comes up."""
    await _page(desktop, site.page(PAGE))
    hands = _hands(desktop)
    for moment_s in (0.001, 0.01, 0.03, 0.06, 0.1, 0.15, 0.2):
        await _give_up(hands.perform(GESTURES[2:]), after_s=moment_s)
    # The driver does one thing after the other: what was given up is done by then.
    await hands.perform(GESTURES[2:])
    heard = await _heard(desktop)
    kinds = [event["kind"] for event in heard]
    assert kinds.count("keydown") == kinds.count("keyup") > 0
    assert kinds.count("pointerdown") == kinds.count("pointerup") > 0


async def _give_up(call: Coroutine[Any, Any, object], *, after_s: float) -> None:
    task = asyncio.create_task(call)
    await asyncio.wait({task}, timeout=after_s)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    ("gestures", "press"),
    [
        (CLIENTS["generic"].input, Press(event="pointerdown")),
        ((Gesture(kind=GestureKind.CLICK),), Press(event="pointerdown")),
        ((Gesture(kind=GestureKind.KEY, text="Control+Alt+T"),), Press(event="keydown", skip=2)),
        ((Gesture(kind=GestureKind.KEY, text="Control++"),), Press(event="keydown", skip=1)),
        ((Gesture(kind=GestureKind.KEY, text="+"),), Press(event="keydown")),
        ((Gesture(kind=GestureKind.KEY, text="Meta"),), Press(event="keydown")),
        ((Gesture(kind=GestureKind.CIRCLE), Gesture(kind=GestureKind.TYPE, text="a")), Press(event="keydown")),
        ((Gesture(kind=GestureKind.CIRCLE),), Press(event="pointermove")),
    ],
    ids=["preset", "click", "chord", "chord with plus", "plus", "key", "circle, then text", "circle"],
)
async def test_a_reaction_is_timed_from_the_press_that_acts(gestures: Sequence[Gesture], press: Press) -> None:
    """Clicks from the button, keys from the chord's last key, movements from the movement."""
    assert timed_press(gestures) == press
