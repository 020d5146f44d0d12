"""Why the network path of the media never came to be, or is not the one that was asked for.

A TURN server is blamed for what it did only: it refused, or it lent nothing although it was asked. Public STUN servers
that cannot be resolved are met in sound runs too, so a STUN URL's error proves nothing; nor does one of several TURN
URLs once another one lent an address.
"""

from prober.domain.connection import CandidateError, IceServer, Peer
from prober.domain.errors import Fault
from prober.domain.reasons import Reason
from prober.domain.report import NetworkPath
from prober.domain.transport import NetworkPolicy

_UNANSWERED = 701
"""`errorCode` of an `icecandidateerror` where no server answered, as webrtc-pc defines it."""

_REFUSALS = frozenset({401, 403, 430, 431, 432, 435, 436, 438, 441})
"""STUN error codes that speak of credentials or permission (RFC 8489, RFC 8656, and RFC 3489's, which old servers still
send); other codes, such as 486 and 508, say that the server has nothing to lend."""


def explain_ice(peer: Peer, *, network: NetworkPolicy) -> Fault:
    """Names what kept a negotiated peer connection from being connected.

    Args:
        peer: The peer connection, both session descriptions applied.
        network: Which network path the media may take.
    """
    if peer.ice_connected_s is not None:
        return _explain_lost(peer)
    if network is NetworkPolicy.RELAY or peer.policy == "relay":
        return _explain_relay(peer) or _explain_addresses(peer) or _explain_pairs(peer, network)
    return _explain_addresses(peer) or _explain_turn(peer) or _explain_pairs(peer, network)


def judge_path(path: NetworkPath, network: NetworkPolicy) -> Fault | None:
    """Judges whether the path in use is one that the target allows; what the browser did not say is not judged."""
    ends = f"the path in use is {path.local} to {path.remote}"
    if network is NetworkPolicy.DIRECT and "relay" in {path.local, path.remote}:
        return _fault(Reason.ICE_FAILED, f"{ends}, and no relay is allowed")
    if network is NetworkPolicy.RELAY and path.local in {"host", "srflx"}:
        return _fault(Reason.INTERNAL, f"{ends}: the prober's own policy, relays only, was not in force")
    return None


def is_told(path: NetworkPath | None, network: NetworkPolicy) -> bool:
    """Tells whether the browser said enough of the path to judge it; a target that allows any asks for nothing."""
    return network is NetworkPolicy.ANY or (path is not None and path.local is not None)


def _explain_relay(peer: Peer) -> Fault | None:
    if not _turn_servers(peer) and not peer.relay_candidates:
        summary = "only relayed paths are allowed, and the page configures no TURN server"
        return _fault(Reason.ICE_NO_CANDIDATES, summary)
    return _explain_turn(peer)


def _explain_turn(peer: Peer) -> Fault | None:
    """Blames TURN servers that were asked, and of which none lent an address."""
    servers = _turn_servers(peer)
    if not servers or peer.relay_candidates or peer.gathering_s is None:
        return None
    errors = [error for error in peer.candidate_errors if _is_turn(error.url)]
    refusal = next((error for error in errors if error.code in _REFUSALS), None)
    if refusal is not None:
        return _fault(Reason.TURN_AUTH_FAILED, f"the TURN server refuses the credentials: {_words(refusal)}")
    answer = next((error for error in errors if error.code != _UNANSWERED), None)
    if answer is not None:
        return _fault(Reason.TURN_UNREACHABLE, f"the TURN server lends no address: {_words(answer)}")
    named = ", ".join(dict.fromkeys(server.url for server in servers))
    return _fault(Reason.TURN_UNREACHABLE, f"no TURN server answers ({named})")


def _explain_addresses(peer: Peer) -> Fault | None:
    if peer.local_candidates == 0 and peer.gathered_s is not None:
        return _fault(Reason.ICE_NO_CANDIDATES, "the browser found no address to offer")
    if peer.remote_candidates == 0:
        return _fault(Reason.ICE_NO_CANDIDATES, "the desktop offered no address")
    return None


def _explain_pairs(peer: Peer, network: NetworkPolicy) -> Fault:
    relayed = f" ({peer.relay_candidates} relayed)" if peer.relay_candidates else ""
    allowed = ", relays are not allowed" if network is NetworkPolicy.DIRECT else ""
    return _fault(
        Reason.ICE_FAILED,
        f"no pair of addresses works: ICE is {peer.ice_state} with {peer.local_candidates} local{relayed}"
        f" and {peer.remote_candidates} remote candidates{allowed}",
    )


def _explain_lost(peer: Peer) -> Fault:
    """Tells ICE that was lost again from ICE that held while the handshake failed.

    A handshake that fails makes the connection fail while ICE holds; many pages then close it, and the desktop that
    gave up no longer answers, which makes ICE disconnected. So ICE is blamed where the connection once was connected,
    or where ICE failed by itself before anything else did.
    """
    handshake = f"ICE was connected, the connection is {peer.connection_state}: no DTLS handshake"
    if peer.connected_s is None and peer.failed_s is None and peer.ice_state != "failed":
        broke = peer.disconnections > 0 or peer.ice_state == "disconnected"
        if peer.connection_state == "failed" or not broke:
            return _fault(Reason.DTLS_FAILED, handshake)
    return _fault(Reason.ICE_FAILED, f"ICE was connected and then {peer.ice_state}")


def _turn_servers(peer: Peer) -> list[IceServer]:
    return [server for server in peer.servers if _is_turn(server.url)]


def _is_turn(url: str) -> bool:
    return url.lower().startswith(("turn:", "turns:"))


def _words(error: CandidateError) -> str:
    return " ".join(part for part in (str(error.code), error.text, f"({error.url})") if part)


def _fault(reason: Reason, summary: str) -> Fault:
    return Fault(reason=reason, summary=summary)
