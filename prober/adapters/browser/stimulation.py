"""What keeps the desktop busy: a hand that hardly rests, and goes on from call to call where it was.

Gestures come in rounds. A round may open something and close it again, and lasts longer than a call, so that looks at
the picture in between meet it in every state; `rest` ends a round that is open, before anything else is done with the
page.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from playwright.async_api import FloatRect

from prober.adapters.browser.hands import Hands, circling
from prober.adapters.browser.paths import on_sweep
from prober.adapters.browser.places import Place
from prober.domain.client import Client, Gesture, GestureKind, Stimulus

_EVERY_S = 1 / 40
"""Distance of two movements, in seconds. Browsers align them with their frames, and we look at the page in between: of
40 a second 30 arrive, more than any limit for the frame rate asks for."""

_PRESS_EVERY_S = 0.2
"""Distance of two presses, in seconds: what the first one did shall show before the next."""

_LASTING_S = {GestureKind.CIRCLE: 0.8, GestureKind.SWEEP: 2.3}
"""How long movements go on in a round with others, in seconds; no whole number, so that looks meet another moment."""

_BOX_S = 1.0
"""How long the picture is taken to stay where it is, in seconds."""

_LETTER = "m"
"""The one that blackens most of its place."""

_ERASER = "Backspace"

_LETTERS = 24
"""Letters of a run: a line of them changes the picture's brightness where a single one does not."""

_POINTER = (Gesture(kind=GestureKind.CIRCLE),)


class Stimulation:
    """What keeps one page's desktop busy."""

    def __init__(self, *, hands: Hands, client: Client) -> None:
        self._hands = hands
        self._client = client
        self._left: deque[Gesture] = deque()
        self._pressed = False
        self._ready_at = 0.0
        self._ends_at: float | None = None
        self._corner: Place | None = None
        self._steps = 0
        self._box: FloatRect | None = None
        self._box_until = 0.0
        self._letters = 0
        self._erasing = False

    async def keep(self, stimulus: Stimulus, *, for_s: float) -> None:
        """Goes on for so long, in seconds, with one movement or press at least.

        Raises:
            ProberFailed: `browser_crashed`, or `driver_error`, also for a key that the driver does not know.
        """
        match stimulus:
            case Stimulus.POINTER:
                await _repeat(self._circle, for_s=for_s)
            case Stimulus.TYPING:
                await self._hands.focus()
                await _repeat(self._stroke, for_s=for_s)
            case Stimulus.CLIENT if self._client.stimulus == _POINTER:
                await _repeat(self._circle, for_s=for_s)
            case Stimulus.CLIENT:
                await _repeat(lambda: self._go_on(self._client.stimulus), for_s=for_s)
            case Stimulus.NONE:
                pass

    async def rest(self) -> None:
        """Ends what is open: does the presses that the round still has, and removes what was typed.

        Raises:
            ProberFailed: `browser_crashed` or `driver_error`.
        """
        left = deque(gesture for gesture in self._left if gesture.kind not in _LASTING_S) if self._pressed else deque()
        self._left, self._ends_at = left, None
        while left:
            await self._hands.perform((left.popleft(),))
        self._pressed = False
        if self._letters:
            await self._hands.focus()
        while self._letters:
            await self._erase()
        self._erasing = False

    async def _circle(self) -> None:
        await self._hands.move(circling(await self._find_box()))

    async def _find_box(self) -> FloatRect:
        """Returns where the picture is, or was a moment ago: to ask takes as long as a movement."""
        now = asyncio.get_running_loop().time()
        if self._box is None or now >= self._box_until:
            self._box, self._box_until = await self._hands.box(), now + _BOX_S
        return self._box

    async def _go_on(self, gestures: Sequence[Gesture]) -> None:
        """Does one movement, or the press that is due."""
        if not self._left:
            self._left.extend(gestures)
            self._pressed = False
        gesture, now = self._left[0], asyncio.get_running_loop().time()
        if gesture.kind in _LASTING_S:
            await self._move(gesture.kind, now=now)
        elif now >= self._ready_at:
            # Before the wait, which may be given up: the driver does what it was told all the same.
            self._left.popleft()
            self._pressed = True
            self._ready_at = now + _PRESS_EVERY_S
            await self._hands.perform((gesture,))

    async def _move(self, kind: GestureKind, *, now: float) -> None:
        if self._ends_at is None:
            self._ends_at = now + _LASTING_S[kind]
            self._corner = await self._hands.settle()
        if now < self._ends_at:
            self._steps += 1
            await self._hands.move(await self._next_place(kind))
            return
        self._left.popleft()
        self._ends_at = None
        if kind is GestureKind.SWEEP and self._corner is not None:
            # What is pressed next shall not be pressed ever farther down.
            await self._hands.move(self._corner)

    async def _next_place(self, kind: GestureKind) -> Place:
        if kind is GestureKind.SWEEP and self._corner is not None:
            return on_sweep(self._corner, step=self._steps)
        return circling(await self._find_box())

    async def _stroke(self) -> None:
        if self._letters in (0, _LETTERS):
            self._erasing = self._letters > 0
        if self._erasing:
            await self._erase()
            return
        self._letters += 1
        await self._hands.press(_LETTER)

    async def _erase(self) -> None:
        self._letters -= 1
        await self._hands.press(_ERASER)


async def _repeat(act: Callable[[], Awaitable[None]], *, for_s: float) -> None:
    """Acts at an even pace; what comes late is made up for, one at a time."""
    clock = asyncio.get_running_loop().time
    due = clock()
    end = due + for_s
    while True:
        await act()
        due = max(due + _EVERY_S, clock() - _EVERY_S)
        await asyncio.sleep(max(0.0, min(due, end) - clock()))
        if clock() >= end:
            return
