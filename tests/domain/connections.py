"""Peer connections and sockets of made-up pages, at the stages that they can stop at."""

from dataclasses import replace

from prober.domain.connection import Peer, Socket

CONNECTED = Peer(
    constructed_s=0.10,
    remote_description_s=0.20,
    local_description_s=0.22,
    gathering_s=0.22,
    gathered_s=0.30,
    checking_s=0.31,
    ice_connected_s=0.36,
    connected_s=0.45,
    video=True,
    connection_state="connected",
    ice_state="connected",
    local_candidates=2,
    remote_candidates=1,
)
NEGOTIATED = replace(
    CONNECTED, ice_connected_s=None, connected_s=None, connection_state="connecting", ice_state="checking"
)
SILENT = Peer(constructed_s=0.1)
OPEN = Socket(created_s=0.05, opened_s=0.08)
CLOSED = replace(OPEN, closed_s=0.5)
UNOPENED = Socket(created_s=0.05)
