"""A browser without a browser, for tests of the flow.

By default everything is healthy: pages answer 200, a peer is connected, a picture is visible, frames flow at 30 per
second of the loop's time, input shows after 40 ms. A test scripts what shall differ:

    FakeBrowser(FakeDesktop(status=503))
    FakeBrowser(FakeDesktop(connections=Script(Connections(), FakeDesktop.connected())))
    FakeBrowser(FakeDesktop(first_frame=HANG), FakeDesktop())
    FakeBrowser(launch=ProberFailed.because(Reason.BROWSER_MISSING, "none"))

Both run the contract suite of the real adapter (tests/adapters/browser/test_contract.py).
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Generic, TypeAlias, TypeVar, cast

from prober.domain.artefacts import Artefact
from prober.domain.checks import Interruption
from prober.domain.client import Client, Stimulus
from prober.domain.connection import Connections, Peer, Socket
from prober.domain.errors import ProbeError, ProberFailed
from prober.domain.input import InputTry, Unmeasured
from prober.domain.picture import FirstFrame, Look
from prober.domain.reasons import Reason
from prober.domain.report import NetworkPath
from prober.domain.selfcheck import SelfCheck, SelfCheckStage
from prober.domain.stream import StreamSample
from prober.domain.transport import NetworkPolicy
from prober.flow.ports.desktop import STIMULUS_S, Browser, Desktop, Login, PageIdentity

FRAMES_PER_SECOND = 30.0
"""Of a healthy fake desktop."""

SOUND_CHECK = SelfCheck(stage=SelfCheckStage.PASSED, took_s=0.1, codecs=("VP8", "H264"))
"""What a browser that can do WebRTC finds."""

_T = TypeVar("_T")


class Hang(Enum):
    """The answer that never comes."""

    HANG = "hang"
    """Waits until it is cancelled."""


HANG: Final = Hang.HANG

Step: TypeAlias = _T | ProbeError | Hang | Callable[[], _T]
"""What a method does when called: returns a value or a function's, raises, or hangs."""


class Script(Generic[_T]):
    """One step for each call; the last one repeats."""

    def __init__(self, *steps: Step[_T]) -> None:
        if not steps:
            raise ValueError("a script needs a step")
        self._steps = steps
        self._calls = 0

    async def play(self) -> _T:
        """Does the next step."""
        step = self._steps[min(self._calls, len(self._steps) - 1)]
        self._calls += 1
        if isinstance(step, Hang):
            await asyncio.Event().wait()
        if isinstance(step, ProbeError):
            raise step
        return step() if callable(step) else cast("_T", step)


Answer: TypeAlias = Script[_T] | Step[_T]
"""A script, or the only step of one."""


def _script(answer: Answer[_T]) -> Script[_T]:
    return answer if isinstance(answer, Script) else Script(answer)


class FakeDesktop(Desktop):
    """A scripted page.

    Attributes:
        calls: The names of the methods called, in order.
        stimuli: What `stimulate` was asked for, in order.
        outages: Whether its network may be taken away; a browser sets it to what it was asked for.
        urls: The URLs opened.
        closed: Whether it was closed.
        pictures: The names of the pictures taken, in order.
        crashed: Whether its browser died under it.
        checked_by: Checks its browser; a browser sets it to its own check.
    """

    def __init__(
        self,
        *,
        status: Answer[int] = 200,
        connections: Answer[Connections] | None = None,
        first_frame: Answer[FirstFrame] | None = None,
        sample: Answer[StreamSample] | None = None,
        path: Answer[tuple[NetworkPath | None, str | None]] | None = None,
        identity: Answer[PageIdentity] | None = None,
        stimulate: Answer[None] = None,
        look: Answer[Look | None] | None = None,
        interrupt: Answer[None] = None,
        input_latency: Answer[InputTry] = 0.04,
        snapshot: Answer[None] = None,
        artefacts: Answer[Sequence[Artefact]] | None = None,
        delays: Mapping[str, float] | None = None,
    ) -> None:
        """Scripts the methods; what is left out is healthy.

        Args:
            status: Of `open`.
            connections: Of `connections`.
            first_frame: Of `first_frame`.
            sample: Of `sample`.
            path: Of `describe_path`.
            identity: Of `identity`.
            stimulate: Of `stimulate`.
            look: Of `look`.
            interrupt: Of `interrupt`.
            input_latency: Of `try_input`, in seconds; also how long that call takes, `None` takes its whole timeout.
            snapshot: Of `snapshot`; what was taken is kept.
            artefacts: Of `artefacts`; by default what is kept, which a crash does not take away.
            delays: Seconds that a method takes before its step, by the method's name.
        """
        self.calls: list[str] = []
        self.stimuli: list[Stimulus] = []
        self.outages = True
        self.urls: list[str] = []
        self.closed = False
        self.pictures: list[str] = []
        self.checked_by: Callable[[], Awaitable[SelfCheck]] | None = None
        self._delays = dict(delays or {})
        self._opened_at: float | None = None
        self.crashed = False
        self._status = _script(status)
        self._connections = _script(connections or self._healthy_connections)
        self._first_frame = _script(first_frame or self._healthy_first_frame)
        self._sample = _script(sample or self.healthy_sample)
        self._path = _script(path or (NetworkPath(local="host", remote="host", protocol="udp"), "VP8"))
        self._identity = _script(identity or PageIdentity(recognised=True, title="desktop"))
        self._stimulate = _script(stimulate)
        self._look: Script[Look | None] = _script(look or Look(columns=2, rows=1, cells=(90.0, 120.0)))
        self._interrupt = _script(interrupt)
        self._input = _script(input_latency)
        self._snapshot = _script(snapshot)
        self._artefacts = _script(artefacts or self._kept)

    @staticmethod
    def connected() -> Connections:
        """Returns the connections of a healthy desktop."""
        peer = Peer(
            constructed_s=0.10,
            remote_description_s=0.15,
            gathering_s=0.16,
            local_description_s=0.17,
            checking_s=0.18,
            gathered_s=0.20,
            ice_connected_s=0.24,
            connected_s=0.30,
            video=True,
            connection_state="connected",
            ice_state="connected",
            local_candidates=1,
            remote_candidates=1,
        )
        return Connections(peers=(peer,), sockets=(Socket(created_s=0.09, opened_s=0.10),))

    def healthy_sample(self) -> StreamSample:
        """Returns what a healthy stream has come to by now."""
        now = self._now()
        frames = int(now * FRAMES_PER_SECOND)
        return StreamSample(
            at_s=now,
            paused=False,
            frames_rendered=frames,
            frames_decoded=frames,
            frames_dropped=0,
            frames_received=frames,
            last_frame_age_s=0.01,
            longest_gap_s=1.0 / FRAMES_PER_SECOND,
            freezes_s=0.0,
            packets_received=frames * 10,
            packets_lost=0,
            bytes_received=frames * 10_000,
            jitter_s=0.002,
            jitter_buffer_s=frames * 0.02,
            jitter_buffer_frames=frames,
            round_trip_s=0.002,
            width=1280,
            height=720,
            luma=90.0,
            changed=True,
        )

    def crash(self) -> None:
        """Lets the browser die under the page."""
        self.crashed = True

    async def open(self, url: str) -> int:
        """Plays `status`."""
        self.urls.append(url)
        status = await self._play("open", self._status)
        self._opened_at = asyncio.get_running_loop().time()
        return status

    async def load_timings(self) -> dict[str, float]:
        """Says that the page loaded in no time."""
        return {"first_byte": 0.01, "loaded": 0.05}

    async def connections(self) -> Connections:
        """Plays `connections`."""
        return await self._play("connections", self._connections)

    async def press_buttons(self) -> None:
        """Has no buttons; that it was asked is kept."""
        self.calls.append("press_buttons")

    async def first_frame(self) -> FirstFrame:
        """Plays `first_frame`."""
        return await self._play("first_frame", self._first_frame)

    async def sample(self) -> StreamSample:
        """Plays `sample`."""
        return await self._play("sample", self._sample)

    async def describe_path(self) -> tuple[NetworkPath | None, str | None]:
        """Plays `path`."""
        return await self._play("describe_path", self._path)

    async def identity(self) -> PageIdentity:
        """Plays `identity`."""
        return await self._play("identity", self._identity)

    async def look(self) -> Look | None:
        """Plays `look`."""
        return await self._play("look", self._look)

    async def interrupt(self, by: Interruption, *, outage_s: float) -> None:
        """Plays `interrupt`; an outage takes its time, and a reload begins the page's time anew."""
        await self._play("interrupt", self._interrupt)
        if by is Interruption.RELOAD:
            self._opened_at = asyncio.get_running_loop().time()
            return
        if not self.outages:
            raise ProberFailed.because(Reason.DRIVER_ERROR, "the page was opened as one whose network stays")
        await asyncio.sleep(outage_s)

    async def stimulate(self, stimulus: Stimulus, *, for_s: float = STIMULUS_S) -> None:
        """Plays `stimulate`, which takes its time."""
        self.stimuli.append(stimulus)
        await self._play("stimulate", self._stimulate)
        if stimulus is not Stimulus.NONE:
            await asyncio.sleep(for_s)

    async def try_input(self, *, timeout_s: float) -> InputTry:
        """Plays `input_latency`, which takes its time; a miss takes all of it."""
        latency = await self._play("try_input", self._input)
        if isinstance(latency, Unmeasured):
            return latency
        if latency is None or latency > timeout_s:
            await asyncio.sleep(timeout_s)
            return None
        await asyncio.sleep(latency)
        return latency

    async def snapshot(self, name: str, *, small: bool = False) -> None:
        """Plays `snapshot`, then keeps a picture of that name; of no page there is none."""
        if self._opened_at is None or self.closed:
            raise ProberFailed.because(Reason.DRIVER_ERROR, "no page is open")
        await self._play("snapshot", self._snapshot)
        if name not in self.pictures:
            self.pictures.append(name)

    async def artefacts(self) -> Sequence[Artefact]:
        """Plays `artefacts`, also when the browser has crashed."""
        self.calls.append("artefacts")
        if delay := self._delays.get("artefacts"):
            await asyncio.sleep(delay)
        return await self._artefacts.play()

    async def self_check(self) -> SelfCheck:
        """Plays its browser's `self_check`; one whose browser crashed finds it dead."""
        if self.crashed:
            raise ProberFailed.because(Reason.BROWSER_CRASHED, "the fake browser crashed")
        return SOUND_CHECK if self.checked_by is None else await self.checked_by()

    async def close(self) -> None:
        """Closes; a second call does nothing."""
        if not self.closed:
            self.calls.append("close")
        self.closed = True

    async def _play(self, name: str, script: Script[_T]) -> _T:
        self.calls.append(name)
        if delay := self._delays.get(name):
            await asyncio.sleep(delay)
        if self.crashed:
            raise ProberFailed.because(Reason.BROWSER_CRASHED, "the fake browser crashed")
        return await script.play()

    def _now(self) -> float:
        return 0.0 if self._opened_at is None else asyncio.get_running_loop().time() - self._opened_at

    def _kept(self) -> Sequence[Artefact]:
        if self._opened_at is None:
            return ()
        gaps = ["peers.json: the page is gone"] if self.crashed or self.closed else []
        about = Artefact(
            name="browser.json", media_type="application/json", content=json.dumps({"gaps": gaps}).encode()
        )
        pictures = [
            Artefact(name=f"{name}.jpeg", media_type="image/jpeg", content=b"\xff\xd8") for name in self.pictures
        ]
        return (about, *pictures)

    def _healthy_connections(self) -> Connections:
        return Connections() if self._opened_at is None else self.connected()

    def _healthy_first_frame(self) -> FirstFrame:
        if self._opened_at is None:
            return FirstFrame()
        return FirstFrame(
            rendered_s=0.40,
            visible_s=0.42,
            luma=90.0,
            frames_rendered=2,
            frames_decoded=2,
            paused=False,
            videos=1,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What `desktop()` was asked for."""

    client: Client
    login: Login
    verify_tls: bool
    blank_luma: float
    network: NetworkPolicy
    outages: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class FakeBrowser(Browser):
    """A browser that hands out the given desktops in turn, then healthy ones.

    Attributes:
        requests: What was asked for, in order.
        desktops: The desktops handed out, in order.
        launch: Raised instead of handing out a desktop, once set.
        checks: How many self-checks were made.
    """

    requests: list[Request]
    desktops: list[FakeDesktop]
    launch: ProbeError | None
    checks: int
    _planned: list[FakeDesktop] = field(repr=False)
    _self_check: Script[SelfCheck] = field(repr=False)

    def __init__(
        self,
        *desktops: FakeDesktop,
        launch: ProbeError | None = None,
        self_check: Answer[SelfCheck] = SOUND_CHECK,
    ) -> None:
        self.checks = 0
        self._self_check = _script(self_check)
        self.requests = []
        self.desktops = []
        self.launch = launch
        self._planned = list(desktops)

    @property
    def open_desktops(self) -> int:
        """How many of the desktops handed out are not closed."""
        return sum(not desktop.closed for desktop in self.desktops)

    @asynccontextmanager
    async def desktop(
        self,
        *,
        client: Client,
        login: Login,
        verify_tls: bool,
        blank_luma: float,
        network: NetworkPolicy,
        outages: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[FakeDesktop]:
        """Hands out the next desktop, which is closed at the end."""
        self.requests.append(
            Request(
                client=client,
                login=login,
                verify_tls=verify_tls,
                blank_luma=blank_luma,
                network=network,
                outages=outages,
                headers=headers or {},
            )
        )
        if self.launch is not None:
            raise self.launch
        desktop = self._planned.pop(0) if self._planned else FakeDesktop()
        desktop.outages = outages
        desktop.checked_by = self.self_check
        self.desktops.append(desktop)
        try:
            yield desktop
        finally:
            await desktop.close()

    async def self_check(self, *, launch: bool = True) -> SelfCheck:
        """Plays `self_check`, which says that a browser whose page crashed last is dead."""
        self.checks += 1
        if self.launch is not None:
            raise self.launch
        if self.desktops and self.desktops[-1].crashed and not self.desktops[-1].closed:
            raise ProberFailed.because(Reason.BROWSER_CRASHED, "the fake browser crashed")
        return await self._self_check.play()
