"""When accidents happen: with a desktop's opening, with its first visit, or once its picture is seen.

Each desktop's accidents happen once. What lasts is undone with the desktop's end, the full disk some seconds later,
since what is to be written is written after a session's end; all of it when the lab ends.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Any, Protocol

from aiohttp import web

from prober.lab.accident import Accident
from prober.lab.accidents.kernel import Address
from prober.lab.accidents.load import LIMIT_S
from prober.lab.accidents.playing import Disks, GoneError, Undo, kill_browser, kill_driver, starve, stop_browser
from prober.lab.accidents.visitors import Visitor, find_visitor

logger = logging.getLogger(__name__)

AFTER_S = 2.0
"""How long after a desktop's first frame its visitor's browser is hit, in seconds: while the stream is watched."""

CHECK_S = 0.05
"""How often it is looked whether that time has come, in seconds."""

FULL_S = 5.0
"""How long a disk stays full after a desktop's end, in seconds: a session's objects are gone by then, what was seen of
it is written."""

_AT_ONCE = frozenset({Accident.FILL_DISK})
"""What happens as soon as somebody visits."""


class Visited(Protocol):
    """A desktop."""

    name: str
    route: str

    @property
    def accidents(self) -> frozenset[Accident]:
        """What befalls its visitor."""

    def elapsed(self) -> float | None:
        """Returns the seconds since the first frame that anybody was sent; `None` before it."""


class Accidents:
    """The accidents of the visitors of one host's desktops."""

    def __init__(self) -> None:
        disks = Disks()
        self._ways: dict[Accident, Callable[[Visitor], Undo]] = {
            Accident.KILL_BROWSER: kill_browser,
            Accident.HANG_BROWSER: stop_browser,
            Accident.DRIVER_GONE: kill_driver,
            Accident.FILL_DISK: disks.fill,
        }
        self._over: dict[Visited, asyncio.Event] = {}
        self._visited: set[Visited] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def end(self) -> None:
        """Ends all accidents, and undoes them."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def opened(self, desktop: Visited) -> None:
        """Takes note of a desktop that is open from now on."""
        accidents = desktop.accidents
        if accidents:
            self._over[desktop] = asyncio.Event()
        if Accident.STARVE_CPU in accidents:
            self._begin(self._last(starve, until=self._over[desktop]), name=f"load beside {desktop.route}")

    def visited(self, desktop: Visited, request: web.Request) -> None:
        """Takes note of a page's visit, by the request that opened it."""
        accidents = desktop.accidents & self._ways.keys()
        ends = None if request.transport is None else _ends(request.transport)
        if accidents and ends is not None and desktop in self._over and desktop not in self._visited:
            self._visited.add(desktop)
            self._begin(self._befall(desktop, sorted(accidents), ends=ends), name=f"accidents of {desktop.route}")

    def closed(self, desktop: Visited) -> None:
        """Takes note of a desktop's end."""
        self._visited.discard(desktop)
        over = self._over.pop(desktop, None)
        if over is not None:
            over.set()

    async def _befall(self, desktop: Visited, accidents: Iterable[Accident], *, ends: tuple[Address, Address]) -> None:
        visitor = await asyncio.to_thread(find_visitor, visitor=ends[0], desktop=ends[1])
        if visitor is None:
            logger.warning("nothing befalls the visitor of %s: no automated browser of our user", desktop.name)
            return
        over = self._over.get(desktop)
        if over is None:
            return
        async with asyncio.TaskGroup() as group:
            for accident in accidents:
                group.create_task(self._happen(desktop, accident, visitor=visitor, over=over), name=f"{accident}")

    async def _happen(self, desktop: Visited, accident: Accident, *, visitor: Visitor, over: asyncio.Event) -> None:
        if accident not in _AT_ONCE and not await _is_seen(desktop, over=over):
            return
        logger.info("%s befalls the visitor of %s", accident, desktop.name)
        linger_s = FULL_S if accident is Accident.FILL_DISK else 0.0
        try:
            await self._last(partial(self._ways[accident], visitor), until=over, linger_s=linger_s)
        except (GoneError, OSError) as error:
            logger.warning("%s does not befall the visitor of %s: %s", accident, desktop.name, error)

    async def _last(self, happen: Callable[[], Undo], *, until: asyncio.Event, linger_s: float = 0.0) -> None:
        """Lets something happen, and undoes it when that is over; cancelled, at once."""
        happening = asyncio.create_task(asyncio.to_thread(happen), name="accident")
        try:
            await asyncio.shield(happening)
            async with asyncio.timeout(LIMIT_S):
                await until.wait()
                await asyncio.sleep(linger_s)
        except TimeoutError:
            logger.warning("an accident is undone while its desktop is still there")
        finally:
            undo = await happening  # it is not cancelled with us: what happened must be undone
            await asyncio.to_thread(undo)

    def _begin(self, accident: Coroutine[Any, Any, None], *, name: str) -> None:
        task = asyncio.create_task(accident, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.warning("an accident did not happen: %s", error)


async def _is_seen(desktop: Visited, *, over: asyncio.Event) -> bool:
    """Waits until the desktop was seen for a while; returns False when it ended before."""
    while not over.is_set():
        if (desktop.elapsed() or 0.0) >= AFTER_S:
            return True
        await asyncio.sleep(CHECK_S)
    return False


def _ends(transport: asyncio.BaseTransport) -> tuple[Address, Address] | None:
    peer, own = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
    return (peer[:2], own[:2]) if isinstance(peer, tuple) and isinstance(own, tuple) else None
