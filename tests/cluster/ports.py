"""Ports for servers that tests start."""

import random
import socket
from itertools import islice

PORTS = (20_000, 32_000)
"""Where servers listen; Linux gives clients ports from 32768 on."""


def free_ports(count: int) -> list[int]:
    """Returns ports that are free now, below those that clients are given: a restarted server needs its own again."""
    return list(islice(filter(_is_free, (random.randrange(*PORTS) for _ in range(1000))), count))


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
