"""A UDP socket that hears everything and answers nothing: where `Media.NEVER` sends browsers.

It takes the place of aiortc's candidates, because aiortc answers connectivity checks from the
moment it has gathered, whether or not it ever learns whom they are from. A port that is merely
closed would not do either: it could soon be someone else's.
"""

import asyncio


class DeafSocket:
    """One open port on loopback, drained in silence. Use it until `close`."""

    def __init__(self, transport: asyncio.DatagramTransport) -> None:
        self._transport = transport

    @classmethod
    async def open(cls) -> "DeafSocket":
        """Open it on a free port.

        Raises:
            OSError: No port could be had.
        """
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)
        )
        return cls(transport)

    def stand_in(self, sdp: str) -> str:
        """The same description, with this socket as the only address of each host candidate."""
        host, port = self._transport.get_extra_info("sockname")
        return "".join(
            _with_address(line, host, port) if line.startswith("a=candidate:") else line
            for line in sdp.splitlines(keepends=True)
        )

    def close(self) -> None:
        """Give the port back. May be called again."""
        self._transport.close()


def _with_address(line: str, host: str, port: int) -> str:
    """Replace address and port of a candidate line: its fifth and sixth field (RFC 8839)."""
    fields = line.split(" ")
    fields[4:6] = [host, str(port)]
    return " ".join(fields)
