"""A TURN server that lends nobody an address (RFC 8656)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aioice import stun


class RefusingTurn(asyncio.DatagramProtocol):
    """Answers STUN's questions, and every request for an address with 401, however it is signed.

    Attributes:
        url: Its URL.
        asked: Whether anybody asked for an address.
    """

    def __init__(self) -> None:
        self.url = ""
        self.asked = False
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]  # a datagram's
        """Keeps the way back."""
        self._transport = transport
        host, port = transport.get_extra_info("sockname")
        self.url = f"turn:{host}:{port}?transport=udp"

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Answers."""
        request = stun.parse_message(data)
        binding = request.message_method is stun.Method.BINDING
        answer = stun.Message(
            message_method=request.message_method,
            message_class=stun.Class.RESPONSE if binding else stun.Class.ERROR,
            transaction_id=request.transaction_id,
        )
        if binding:
            answer.attributes["XOR-MAPPED-ADDRESS"] = addr
        else:
            self.asked = True
            answer.attributes["ERROR-CODE"] = (401, "Unauthorized")
            answer.attributes["REALM"] = "realm.test"
            answer.attributes["NONCE"] = b"nonce"
        if self._transport is not None:
            self._transport.sendto(bytes(answer), addr)


@asynccontextmanager
async def refusing_turn() -> AsyncIterator[RefusingTurn]:
    """Runs one on loopback, on a free port."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(RefusingTurn, local_addr=("127.0.0.1", 0))
    try:
        yield server
    finally:
        transport.close()
