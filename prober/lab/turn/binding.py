"""A STUN binding request: the question whether a server answers at that address (RFC 8489).

Spelled out here because it is 20 bytes there and a type and an id back; no library is needed for that.
"""

import asyncio
import secrets
import struct

BINDING_REQUEST = 0x0001
BINDING_SUCCESS = 0x0101
MAGIC_COOKIE = 0x2112A442
HEADER = struct.Struct("!HHI12s")
"""Type, length of what follows, cookie, transaction id."""

PATIENCE_S = 0.05
"""How long one request waits for its answer, in seconds; loopback takes less than 1 ms."""


async def answers(host: str, port: int) -> bool:
    """Whether a STUN server answers there now.

    Args:
        host: An IP address.
        port: UDP port.

    Raises:
        OSError: No socket could be had.
    """
    transaction = secrets.token_bytes(12)
    transport, question = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Question(transaction), remote_addr=(host, port)
    )
    try:
        transport.sendto(HEADER.pack(BINDING_REQUEST, 0, MAGIC_COOKIE, transaction))
        async with asyncio.timeout(PATIENCE_S):
            await question.answered.wait()
    except TimeoutError:
        return False
    finally:
        transport.close()
    return True


class _Question(asyncio.DatagramProtocol):
    """Waits for the success response to one transaction; a closed port's refusal is no answer."""

    def __init__(self, transaction: bytes) -> None:
        self.answered = asyncio.Event()
        self._transaction = transaction

    def datagram_received(self, data: bytes, addr: object) -> None:
        del addr  # the socket is connected: it hears nobody else
        if len(data) < HEADER.size:
            return
        kind, _, cookie, transaction = HEADER.unpack_from(data)
        if (kind, cookie, transaction) == (BINDING_SUCCESS, MAGIC_COOKIE, self._transaction):
            self.answered.set()
