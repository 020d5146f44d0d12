"""Who is told of the TURN server: visitors of a desktop that was told itself, behind the desktop's own password."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from prober.lab.desktop import Credentials, DesktopHost
from prober.lab.turn import Handout, TurnAccess

CREDENTIALS = Credentials(username="probe", password="correct horse")
TOLD = TurnAccess(host="127.0.0.1", port=9, username="lab", password="battery staple")


@pytest.fixture
async def host() -> AsyncIterator[DesktopHost]:
    """A host with a desktop that was told of a TURN server, and one that was not."""
    async with DesktopHost(credentials=CREDENTIALS) as running:
        running.open("session-1", "ann", turn=Handout(visitors=TOLD))
        running.open("session-2", "ben")
        yield running


@pytest.mark.parametrize(
    ("route", "servers"),
    [
        (
            "ann",
            [{"urls": "turn:127.0.0.1:9?transport=udp", "username": "lab", "credential": "battery staple"}],
        ),
        ("ben", []),
    ],
    ids=["told", "untold"],
)
async def test_the_offer_names_the_server(host: DesktopHost, route: str, servers: object) -> None:
    """A visitor gets address, user and password with the offer; nothing where the desktop does without TURN."""
    headers = {"Authorization": aiohttp.encode_basic_auth(CREDENTIALS.username, CREDENTIALS.password)}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.ws_connect(f"{host.url_of(route)}signalling") as socket,
    ):
        offer = await socket.receive_json()
    assert (offer["type"], offer["iceServers"]) == ("offer", servers)


async def test_a_stranger_is_told_nothing(host: DesktopHost) -> None:
    """Without the desktop's own password there is no offer, so no password of the TURN server."""
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await http.ws_connect(f"{host.url_of('ann')}signalling")
    assert refusal.value.status == 401
