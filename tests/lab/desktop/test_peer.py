"""Desktops seen by an aiortc visitor, over the real signalling and real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress

import aiohttp
import numpy as np
import pytest
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)
from av import VideoFrame
from numpy.typing import NDArray

from prober.lab.desktop import Behaviour, Codec, Credentials, DesktopHost, InputTruth
from prober.lab.desktop.behaviour import Input, Media, Picture

PATIENCE = 20
"""Seconds until a wait in these tests counts as failed."""
MENU = np.s_[210:330, 500:640]
"""Where the context menu is after a right click at 480, 200."""


class Visitor:
    """A page without a browser: answers the offer, receives frames, sends input."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.offer = ""
        self._track: asyncio.Future[MediaStreamTrack] = asyncio.Future()
        self._channel: asyncio.Future[RTCDataChannel] = asyncio.Future()
        self._settled = asyncio.Event()
        self.connection.on("iceconnectionstatechange", self._on_ice_state)
        self.connection.on("track", self._track.set_result)
        self.connection.on("datachannel", self._channel.set_result)

    async def answer(self) -> None:
        """Take the offer, send the answer with all candidates in it."""
        offer = await self.socket.receive_json(timeout=PATIENCE)
        self.offer = offer["sdp"]
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp=self.offer, type=offer["type"]))
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        description = self.connection.localDescription
        await self.socket.send_json({"type": "answer", "sdp": description.sdp})

    async def picture(self) -> NDArray[np.int16]:
        """The next frame's luma."""
        async with asyncio.timeout(PATIENCE):
            frame = await (await self._track).recv()
        assert isinstance(frame, VideoFrame)
        return frame.to_ndarray(format="yuv420p")[: frame.height].astype(np.int16)

    async def send(self, message: str) -> None:
        """Send a message over the input channel."""
        async with asyncio.timeout(PATIENCE):
            (await self._channel).send(message)

    async def leave(self) -> None:
        """Close the connection, not in the middle of ICE's checks: aioice would leak a task."""
        if self.connection.iceConnectionState == "checking":
            with suppress(TimeoutError):
                await asyncio.wait_for(self._settled.wait(), 1)
        await self.connection.close()

    def _on_ice_state(self) -> None:
        if self.connection.iceConnectionState not in ("new", "checking"):
            self._settled.set()

    async def right_click(self) -> None:
        """Press the right button in the calm middle of the screen."""
        event = {"kind": "pointerdown", "x": 480, "y": 200, "button": 2}
        await self.send(json.dumps(event))


Visit = Callable[[str], Awaitable[Visitor]]


@pytest.fixture
async def visit(http: aiohttp.ClientSession) -> AsyncIterator[Visit]:
    """Opens the signalling of a page; ends all visits after the test."""
    async with AsyncExitStack() as stack:

        async def open_visit(url: str) -> Visitor:
            socket = await stack.enter_async_context(http.ws_connect(f"{url}signalling"))
            visitor = Visitor(socket)
            stack.push_async_callback(visitor.leave)
            return visitor

        yield open_visit


async def input_seen(host: DesktopHost, visitor: Visitor, done: Callable[[InputTruth], bool]) -> InputTruth:
    """Receive frames until the truth about the first input is as wanted."""
    async with asyncio.timeout(PATIENCE):
        while True:
            await visitor.picture()
            for entry in host.truth("session-1").inputs:
                if done(entry):
                    return entry


@pytest.mark.parametrize("codec", list(Codec), ids=lambda codec: codec.name)
async def test_frames_arrive_and_the_truth_is_told(credentials: Credentials, visit: Visit, codec: Codec) -> None:
    """The preferred codec is offered first, and every milestone is logged in its order."""
    async with DesktopHost(credentials=credentials, codec=codec) as host:
        host.open("session-1", "ann")
        visitor = await visit(host.url_of("ann"))
        await visitor.answer()
        for _ in range(5):
            assert (await visitor.picture()).shape == (540, 960)
        first_codec = visitor.offer.split("a=rtpmap:")[1].split()[1]
        assert f"video/{first_codec}".startswith(codec.value)
        await host.close("session-1")
        peer = host.truth("session-1").peers[0]
        milestones = [
            peer.opened,
            peer.offer,
            peer.answer,
            peer.ice_connected,
            peer.dtls_connected,
            peer.first_frame_sent,
            peer.closed,
        ]
        times = [at for at in milestones if at is not None]
        assert len(times) == len(milestones)
        assert times == sorted(times)
        assert peer.frames_sent >= 4


async def test_the_offer_stays_on_this_machine(host: DesktopHost, visit: Visit) -> None:
    """Only host candidates are offered, and no bandwidth estimation."""
    host.open("session-1", "ann")
    visitor = await visit(host.url_of("ann"))
    await visitor.answer()
    candidates = [line for line in visitor.offer.splitlines() if "a=candidate" in line]
    assert candidates
    assert all(" typ host" in line for line in candidates)
    assert "goog-remb" not in visitor.offer


async def test_a_click_is_in_a_frame_and_in_the_truth(host: DesktopHost, visit: Visit) -> None:
    """The menu appears; the frame that shows it was sent soon after the click arrived."""
    host.open("session-1", "ann")
    visitor = await visit(host.url_of("ann"))
    await visitor.answer()
    before = await visitor.picture()
    await visitor.right_click()
    entry = await input_seen(host, visitor, lambda entry: entry.frame_sent is not None)
    assert entry.kind == "pointerdown"
    assert entry.frame_sent is not None
    assert 0 < entry.frame_sent - entry.received < 2
    for _ in range(30):
        after = await visitor.picture()
        if np.abs(after[MENU] - before[MENU]).mean() > 50:
            break
    else:
        pytest.fail("no frame shows the menu")


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(input=Input.DEAD),
        Behaviour(picture=Picture.FROZEN),
        Behaviour(picture=Picture.BLACK),
    ],
    ids=["dead", "frozen", "black"],
)
async def test_a_click_that_nothing_shows(host: DesktopHost, visit: Visit, behaviour: Behaviour) -> None:
    """The click is logged as received, no frame claims to show it, and none does."""
    host.open("session-1", "ann", behaviour)
    visitor = await visit(host.url_of("ann"))
    await visitor.answer()
    before = await visitor.picture()
    await visitor.right_click()
    await input_seen(host, visitor, lambda _: True)
    for _ in range(10):
        after = await visitor.picture()
    assert np.abs(after[MENU] - before[MENU]).mean() < 10
    assert host.truth("session-1").inputs[0].frame_sent is None


async def test_black_frames_are_black(host: DesktopHost, visit: Visit) -> None:
    """Frames flow, and their luma is the limited range's 16 after decoding too."""
    host.open("session-1", "ann", Behaviour(picture=Picture.BLACK))
    visitor = await visit(host.url_of("ann"))
    await visitor.answer()
    pictures = [await visitor.picture() for _ in range(10)]
    assert max(picture.max() for picture in pictures) <= 17


async def test_a_frozen_picture_never_changes(host: DesktopHost, visit: Visit) -> None:
    """Frames flow, and show the same moment; only the encoder's refinement remains."""
    host.open("session-1", "ann", Behaviour(picture=Picture.FROZEN))
    visitor = await visit(host.url_of("ann"))
    await visitor.answer()
    pictures = [await visitor.picture() for _ in range(40)]
    assert np.abs(pictures[-1] - pictures[10]).mean() < 1


async def test_media_never_connects(host: DesktopHost, visit: Visit) -> None:
    """The offer has candidates on this machine, and no check is answered."""
    host.open("session-1", "ann", Behaviour(media=Media.NEVER))
    visitor = await visit(host.url_of("ann"))
    await visitor.answer()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await visitor.picture()
    peer = host.truth("session-1").peers[0]
    assert visitor.connection.iceConnectionState == "checking"
    assert peer.answer is not None
    assert peer.ice_connected is None


async def test_two_visitors_share_a_desktop(host: DesktopHost, visit: Visit) -> None:
    """Both see frames, and one sees what the other does."""
    host.open("session-1", "ann")
    visitors = [await visit(host.url_of("ann")) for _ in range(2)]
    for visitor in visitors:
        await visitor.answer()
    before = await visitors[1].picture()
    await visitors[0].right_click()
    for _ in range(60):
        if np.abs((await visitors[1].picture())[MENU] - before[MENU]).mean() > 50:
            break
    else:
        pytest.fail("the second visitor does not see the menu")
    assert len(host.truth("session-1").peers) == 2


@pytest.mark.parametrize(
    "message",
    [
        "not JSON",
        "[]",
        '{"type": "answer"}',
        '{"type": "answer", "sdp": "nonsense"}',
        '{"type": "candidate", "candidate": "nonsense", "mid": "0"}',
    ],
    ids=["not JSON", "no object", "no SDP", "bad SDP", "bad candidate"],
)
async def test_unusable_signalling_closes_the_socket(host: DesktopHost, visit: Visit, message: str) -> None:
    """The page is told by a protocol error, the peer connection is closed."""
    host.open("session-1", "ann")
    visitor = await visit(host.url_of("ann"))
    await visitor.socket.receive_json(timeout=PATIENCE)
    await visitor.socket.send_str(message)
    answer = await visitor.socket.receive(timeout=PATIENCE)
    assert answer.type is aiohttp.WSMsgType.CLOSE
    assert answer.data == aiohttp.WSCloseCode.PROTOCOL_ERROR


async def test_unusable_input_is_ignored(host: DesktopHost, visit: Visit) -> None:
    """What no page would send does no harm, and is no input."""
    host.open("session-1", "ann")
    visitor = await visit(host.url_of("ann"))
    await visitor.answer()
    await visitor.send("nonsense")
    await visitor.right_click()
    await input_seen(host, visitor, lambda entry: entry.kind == "pointerdown")
    assert len(host.truth("session-1").inputs) == 1


async def test_closing_a_session_ends_its_connections(host: DesktopHost, visit: Visit) -> None:
    """When close returns the peer connection is closed; the page's socket is told."""
    host.open("session-1", "ann")
    visitor = await visit(host.url_of("ann"))
    await visitor.answer()
    await visitor.picture()
    await asyncio.gather(host.close("session-1"), visitor.socket.receive(timeout=PATIENCE))
    assert visitor.socket.close_code == aiohttp.WSCloseCode.GOING_AWAY
    assert host.truth("session-1").peers[0].closed is not None


@pytest.mark.parametrize("moment", ["connected", "offered", "answered", "playing"], ids=str)
async def test_nothing_is_left_after_the_end(
    credentials: Credentials, http: aiohttp.ClientSession, visit: Visit, moment: str
) -> None:
    """At whatever moment the host ends, no task of it survives."""
    before = asyncio.all_tasks()
    async with DesktopHost(credentials=credentials) as host:
        host.open("session-1", "ann")
        visitor = await visit(host.url_of("ann"))
        if moment == "offered":
            await visitor.socket.receive_json(timeout=PATIENCE)
        if moment in ("answered", "playing"):
            await visitor.answer()
        if moment == "playing":
            await visitor.picture()
    await visitor.leave()
    await visitor.socket.close()
    left = asyncio.all_tasks() - before
    assert not await still_running(left)


async def still_running(tasks: set["asyncio.Task[object]"]) -> set["asyncio.Task[object]"]:
    """Those that do not end by themselves at once: what only waits for its turn may take it."""
    if not tasks:
        return set()
    _, pending = await asyncio.wait(tasks, timeout=1)
    return pending
