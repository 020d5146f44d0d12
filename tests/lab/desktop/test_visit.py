"""A visit's end, when what is to end does not."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from prober.lab.desktop import DesktopHost, visit
from prober.lab.desktop.peer import Peer

PATIENCE = 10
"""Seconds until a wait in these tests counts as failed."""


@pytest.fixture
async def page(host: DesktopHost, http: aiohttp.ClientSession) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """A page that was made an offer, which it does not answer."""
    host.open("session-1", "ann")
    async with http.ws_connect(host.url_of("ann") + "signalling") as socket:
        await socket.receive_json(timeout=PATIENCE)
        yield socket


async def test_a_connection_that_breaks_at_its_end(
    host: DesktopHost, page: aiohttp.ClientWebSocketResponse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session closes although its peer connection cannot be closed."""
    close = Peer.close

    async def broken(peer: Peer) -> None:
        await close(peer)
        raise RuntimeError("cannot be closed")

    monkeypatch.setattr(Peer, "close", broken)
    async with asyncio.timeout(visit.END_LIMIT_S):
        await host.close("session-1")


async def test_a_connection_that_takes_for_ever(
    host: DesktopHost,
    page: aiohttp.ClientWebSocketResponse,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A session does not wait longer than the limit for a peer connection to close."""
    close, release = Peer.close, asyncio.Event()

    async def endless(peer: Peer) -> None:
        await release.wait()
        await close(peer)

    monkeypatch.setattr(visit, "END_LIMIT_S", 0.05)
    monkeypatch.setattr(Peer, "close", endless)
    async with asyncio.timeout(PATIENCE):
        await host.close("session-1")
    assert "a visit did not end" in caplog.text
    release.set()
