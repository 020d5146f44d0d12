from dataclasses import replace

import pytest

from prober.domain.connection import CandidateError, IceServer, Peer
from prober.domain.ice import explain_ice, judge_path
from prober.domain.reasons import Reason
from prober.domain.report import NetworkPath
from prober.domain.transport import NetworkPolicy
from tests.domain.connections import CONNECTED, NEGOTIATED

TURN = "turn:turn.example.com:3478?transport=udp"
STUN = "stun:stun.example.com:19302"
SERVERS = (IceServer(url=STUN), IceServer(url=TURN, credentials=True))
ASKED = replace(NEGOTIATED, servers=SERVERS)
RELAYED = replace(ASKED, policy="relay", local_candidates=0)
LENT = replace(ASKED, relay_candidates=1)
REFUSED = CandidateError(code=401, url=TURN, text="Unauthorized.")
SILENT = CandidateError(code=701, url=TURN)
UNRESOLVED = CandidateError(code=701, url=STUN, text="STUN host lookup received error.")


def erring(peer: Peer, *errors: CandidateError) -> Peer:
    """Returns the peer connection with what its gathering met."""
    return replace(peer, candidate_errors=errors)


@pytest.mark.parametrize(
    ("peer", "network", "reason", "words"),
    [
        (
            erring(RELAYED, UNRESOLVED, REFUSED),
            NetworkPolicy.RELAY,
            Reason.TURN_AUTH_FAILED,
            f"401 Unauthorized. ({TURN})",
        ),
        (
            erring(RELAYED, replace(REFUSED, code=438, text="")),
            NetworkPolicy.RELAY,
            Reason.TURN_AUTH_FAILED,
            f"438 ({TURN})",
        ),
        (erring(RELAYED, SILENT, REFUSED), NetworkPolicy.RELAY, Reason.TURN_AUTH_FAILED, "401"),
        (erring(RELAYED, SILENT), NetworkPolicy.RELAY, Reason.TURN_UNREACHABLE, f"no TURN server answers ({TURN})"),
        (RELAYED, NetworkPolicy.RELAY, Reason.TURN_UNREACHABLE, "no TURN server answers"),
        (
            erring(RELAYED, CandidateError(code=486, url=TURN, text="Allocation Quota Reached")),
            NetworkPolicy.RELAY,
            Reason.TURN_UNREACHABLE,
            "lends no address: 486",
        ),
        (RELAYED, NetworkPolicy.ANY, Reason.TURN_UNREACHABLE, "no TURN server answers"),
        (
            replace(RELAYED, servers=SERVERS[:1]),
            NetworkPolicy.RELAY,
            Reason.ICE_NO_CANDIDATES,
            "the page configures no TURN server",
        ),
        (replace(RELAYED, gathering_s=None, gathered_s=None), NetworkPolicy.RELAY, Reason.ICE_FAILED, "0 local"),
        (
            erring(replace(LENT, policy="relay"), SILENT, REFUSED),
            NetworkPolicy.RELAY,
            Reason.ICE_FAILED,
            "2 local (1 relayed) and 1 remote",
        ),
        (erring(ASKED, REFUSED), NetworkPolicy.ANY, Reason.TURN_AUTH_FAILED, "refuses the credentials"),
        (ASKED, NetworkPolicy.ANY, Reason.TURN_UNREACHABLE, "no TURN server answers"),
        (replace(ASKED, remote_candidates=0), NetworkPolicy.ANY, Reason.ICE_NO_CANDIDATES, "the desktop offered"),
        (
            erring(replace(NEGOTIATED, servers=SERVERS[:1]), UNRESOLVED),
            NetworkPolicy.ANY,
            Reason.ICE_FAILED,
            "no pair of addresses works",
        ),
        (NEGOTIATED, NetworkPolicy.DIRECT, Reason.ICE_FAILED, "relays are not allowed"),
    ],
    ids=[
        "refused",
        "stale",
        "one silent, one refuses",
        "unreachable",
        "no word at all",
        "nothing to lend",
        "the page's own policy",
        "no TURN server",
        "not gathered yet",
        "lent by another one",
        "refused, and no other path",
        "silent, and no other path",
        "the desktop is silent first",
        "STUN proves nothing",
        "direct paths only",
    ],
)
def test_the_relay_is_blamed_for_what_it_did(peer: Peer, network: NetworkPolicy, reason: Reason, words: str) -> None:
    """Refusal and silence differ, and a server that is not needed, or another's neighbour, is not blamed."""
    fault = explain_ice(peer, network=network)
    assert fault.reason is reason
    assert words in fault.summary


HELD = replace(CONNECTED, connected_s=None, connection_state="connecting")


@pytest.mark.parametrize(
    ("peer", "reason"),
    [
        (HELD, Reason.DTLS_FAILED),
        (replace(HELD, connection_state="failed"), Reason.DTLS_FAILED),
        (replace(HELD, connection_state="failed", ice_state="disconnected", disconnections=1), Reason.DTLS_FAILED),
        (replace(HELD, connection_state="closed", ice_state="closed"), Reason.DTLS_FAILED),
        (replace(HELD, ice_state="disconnected", disconnections=1), Reason.ICE_FAILED),
        (replace(HELD, connection_state="failed", ice_state="failed"), Reason.ICE_FAILED),
        (replace(HELD, connection_state="closed", ice_state="closed", failed_s=3.0), Reason.ICE_FAILED),
        (replace(HELD, connection_state="closed", ice_state="closed", disconnections=1), Reason.ICE_FAILED),
        (replace(CONNECTED, connection_state="closed", ice_state="closed"), Reason.ICE_FAILED),
    ],
    ids=[
        "no handshake",
        "handshake failed",
        "handshake failed, then silence",
        "closed after it",
        "ICE lost before it",
        "ICE failed before it",
        "ICE failed, then closed",
        "ICE lost, then closed",
        "connected, then closed",
    ],
)
def test_a_failed_handshake_is_told_from_a_lost_path(peer: Peer, reason: Reason) -> None:
    """ICE that holds, or breaks only after the connection failed, has done its part."""
    assert explain_ice(peer, network=NetworkPolicy.ANY).reason is reason


@pytest.mark.parametrize(
    ("path", "network", "reason"),
    [
        (NetworkPath(local="relay", remote="host"), NetworkPolicy.DIRECT, Reason.ICE_FAILED),
        (NetworkPath(local="host", remote="relay"), NetworkPolicy.DIRECT, Reason.ICE_FAILED),
        (NetworkPath(local="host", remote="prflx"), NetworkPolicy.DIRECT, None),
        (NetworkPath(local="relay", remote="relay"), NetworkPolicy.RELAY, None),
        (NetworkPath(local="host", remote="relay"), NetworkPolicy.RELAY, Reason.INTERNAL),
        (NetworkPath(), NetworkPolicy.RELAY, None),
        (NetworkPath(), NetworkPolicy.DIRECT, None),
        (NetworkPath(local="relay", remote="host"), NetworkPolicy.ANY, None),
    ],
    ids=[
        "relayed by us",
        "relayed by the desktop",
        "direct",
        "relayed as asked",
        "not relayed",
        "relay unsaid",
        "direct unsaid",
        "any",
    ],
)
def test_the_path_in_use_must_be_allowed(path: NetworkPath, network: NetworkPolicy, reason: Reason | None) -> None:
    """A relay where none is allowed is the target's fault; none where one was forced on the page is ours."""
    fault = judge_path(path, network)
    assert (fault and fault.reason) == reason
