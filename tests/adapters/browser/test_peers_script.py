"""The scripts against peer connections that do what they are told: every order in which things may happen."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from prober.domain.connection import CandidateError, IceServer
from prober.domain.transport import NetworkPolicy
from tests.adapters.browser.harness import Harness, Watched, harness
from tests.adapters.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

OFFER = r"""
const OFFER = ["v=0", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=sendrecv", "a=rtpmap:111 opus/48000/2",
  "m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 100 101", "a=sendonly", "a=candidate:1 1 udp 1 10.0.0.1 9 typ host",
  "a=rtpmap:96 H264/90000", "a=rtpmap:97 rtx/90000", "a=rtpmap:98 VP8/90000", "a=rtpmap:99 red/90000",
  "a=rtpmap:100 ulpfec/90000", "a=rtpmap:101 flexfec-03/90000",
  "m=video 9 UDP/TLS/RTP/SAVPF 102", "a=recvonly", "a=rtpmap:102 VP9/90000", ""].join("\r\n");
const answer = (port, direction) => ["v=0", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=recvonly",
  `m=video ${port} UDP/TLS/RTP/SAVPF 96`, `a=${direction}`, "m=video 9 UDP/TLS/RTP/SAVPF 102", "a=sendonly",
  ""].join("\r\n");
const negotiate = (peer, port = 9, direction = "recvonly") => {
  peer.describe("remote", "offer", OFFER, "have-remote-offer");
  peer.describe("local", "answer", answer(port, direction), "stable");
};
const connect = (peer) => { peer.ice("checking", "connected"); peer.connection("connected"); };
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scripts(executable: Path, site: Site) -> AsyncIterator[Harness]:
    """A browser for the scripts alone."""
    async with harness(executable, site) as scripts:
        yield scripts


@pytest_asyncio.fixture(loop_scope="module")
async def watched(scripts: Harness) -> AsyncIterator[Watched]:
    """A page with stand-ins."""
    async with scripts.page(f"<script>{OFFER}</script>", scripted=True) as watched:
        yield watched


async def test_every_stage_of_a_sound_connection_is_timed_in_order(watched: Watched) -> None:
    """From the constructor to the first packet each stage has its time, none before the one that it follows."""
    await watched.run("""
      const peer = new RTCPeerConnection();
      negotiate(peer);
      const track = peer.receive("video");
      peer.gather("host", "srflx", "relay");
      await peer.addIceCandidate({candidate: "candidate:2"});
      connect(peer);
      track.become("unmute", {muted: false});""")
    peer = await watched.peer()
    stages = [
        peer.constructed_s,
        peer.remote_description_s,
        peer.local_description_s,
        peer.track_s,
        peer.gathering_s,
        peer.gathered_s,
        peer.checking_s,
        peer.ice_connected_s,
        peer.connected_s,
        peer.unmuted_s,
    ]
    times = [stage for stage in stages if stage is not None]
    assert len(times) == len(stages)
    assert times == sorted(times)
    assert (peer.local_candidates, peer.relay_candidates, peer.remote_candidates) == (3, 1, 2)
    assert (peer.video, peer.video_rejected, peer.failed_s, peer.disconnections) == (True, False, None, 0)


async def test_codecs_are_those_of_the_video_that_the_other_side_sends(watched: Watched) -> None:
    """Repair formats, sound and the section for our own camera offer no picture."""
    await watched.run("negotiate(new RTCPeerConnection())")
    assert (await watched.peer()).offered_codecs == ("H264", "VP8")


@pytest.mark.parametrize(
    ("port", "direction", "rejected"),
    [(0, "recvonly", True), (9, "inactive", True), (9, "sendonly", True), (9, "recvonly", False)],
    ids=["port 0", "inactive", "sendonly", "accepted"],
)
async def test_video_that_our_answer_refuses_is_rejected(
    watched: Watched, port: int, direction: str, *, rejected: bool
) -> None:
    """What counts is our answer to the sections that the other side sends."""
    await watched.run(f"negotiate(new RTCPeerConnection(), {port}, '{direction}')")
    assert (await watched.peer()).video_rejected is rejected


WISH = r"""
const section = (port, direction) => ["v=0", `m=video ${port} UDP/TLS/RTP/SAVPF 96`, `a=${direction}`, ""].join("\r\n");
const ask = (peer, wish, port, direction) => {
  peer.describe("local", "offer", section(9, wish), "have-local-offer");
  peer.describe("remote", "answer", section(port, direction), "stable");
};
"""


@pytest.mark.parametrize(
    ("wish", "port", "direction", "denied"),
    [
        ("recvonly", 0, "sendonly", True),
        ("recvonly", 9, "inactive", True),
        ("sendrecv", 9, "recvonly", True),
        ("recvonly", 9, "sendonly", False),
        ("sendonly", 9, "recvonly", False),
    ],
    ids=["port 0", "inactive", "only receives", "accepted", "nothing asked"],
)
async def test_video_that_the_other_side_s_answer_refuses_is_denied(
    watched: Watched, wish: str, port: int, direction: str, *, denied: bool
) -> None:
    """Where the page makes the offer, as with WHEP, what counts is the answer to what it asks for."""
    await watched.run(f"{WISH} ask(new RTCPeerConnection(), '{wish}', {port}, '{direction}')")
    peer = await watched.peer()
    assert (peer.video_denied, peer.video_rejected) == (denied, False)


async def test_a_camera_that_nobody_answers_with_video_is_no_denial(watched: Watched) -> None:
    """A page that sends its own video asks for none by the way."""
    await watched.run(f"""{WISH}
      const peer = Object.assign(new RTCPeerConnection(), {{getSenders: () => [{{track: {{kind: "video"}}}}]}});
      ask(peer, "sendrecv", 9, "recvonly");""")
    assert not (await watched.peer()).video_denied


async def test_what_did_not_happen_has_no_time(watched: Watched) -> None:
    """A peer connection that was only made has its constructor's time and nothing else."""
    await watched.run("new RTCPeerConnection()")
    peer = await watched.peer()
    assert peer.constructed_s is not None
    assert (peer.remote_description_s, peer.gathering_s, peer.track_s, peer.failed_s) == (None, None, None, None)
    assert (peer.policy, peer.servers, peer.channels) == ("all", (), ())
    assert (await watched.sample()).disconnections == 0


async def test_trickled_candidates_count_as_those_of_the_description_do(watched: Watched) -> None:
    """Candidates may come before ICE begins, after it, and empty at their end."""
    await watched.run("""
      const peer = new RTCPeerConnection();
      negotiate(peer);
      await peer.addIceCandidate({candidate: "candidate:2"});
      peer.ice("checking");
      await peer.addIceCandidate({candidate: "candidate:3"});
      await peer.addIceCandidate({candidate: ""});
      await peer.addIceCandidate();""")
    assert (await watched.peer()).remote_candidates == 3


async def test_failed_gathering_tells_code_server_and_meaning(watched: Watched) -> None:
    """A server's refusal and its silence are told apart; its own words, which may repeat a user name, stay there."""
    await watched.run("""
      const peer = new RTCPeerConnection({iceServers: [
        {urls: ["turn:turn.test:3478?transport=udp", "turns:turn.test"], username: "probe", credential: "s3cret"},
        {urls: "stun:stun.test"}]});
      const fails = (errorCode, url, errorText) => announce(peer, "icecandidateerror", {errorCode, url, errorText});
      fails(401, "turn:turn.test:3478?transport=udp", "Unauthorized for probe:s3cret, once earlier-user.");
      fails(701, "turn:probe:s3cret@turn.test:3478", "s3cret");
      fails(999, "stun:stun.test", null);""")
    peer = await watched.peer()
    assert peer.candidate_errors == (
        CandidateError(code=401, url="turn:turn.test:3478?transport=udp", text="Unauthorized"),
        CandidateError(code=701, url="turn:turn.test:3478", text="No Answer"),
        CandidateError(code=999, url="stun:stun.test", text=""),
    )
    assert peer.servers == (
        IceServer(url="turn:turn.test:3478?transport=udp", credentials=True),
        IceServer(url="turns:turn.test", credentials=True),
        IceServer(url="stun:stun.test", credentials=False),
    )
    words = await watched.words()
    assert not any(secret in words for secret in ("s3cret", "earlier-user"))


async def test_endless_errors_are_few_in_the_end(watched: Watched) -> None:
    """More than twenty errors of one peer connection tell nothing new."""
    await watched.run("""
      const peer = new RTCPeerConnection();
      const error = {errorCode: 701, url: "", errorText: ""};
      for (let i = 0; i < 100; i += 1) announce(peer, "icecandidateerror", error);""")
    assert len((await watched.peer()).candidate_errors) == 20


async def test_a_connection_lost_counts_once_until_it_is_found_again(watched: Watched) -> None:
    """Disconnected and then failed is one loss; connected again and disconnected again is another."""
    await watched.run("""
      const peer = new RTCPeerConnection();
      negotiate(peer);
      connect(peer);
      peer.ice("disconnected", "connected", "disconnected", "checking", "completed", "disconnected", "failed");""")
    peer = await watched.peer()
    assert peer.disconnections == 3
    assert peer.failed_s is not None
    assert (await watched.sample()).disconnections == 3


async def test_ice_that_never_connected_fails_without_a_loss(watched: Watched) -> None:
    """A failure before any connection is no disconnection."""
    await watched.run("const peer = new RTCPeerConnection(); negotiate(peer); peer.ice('checking', 'failed')")
    peer = await watched.peer()
    assert peer.failed_s is not None
    assert (peer.disconnections, peer.ice_connected_s) == (0, None)


async def test_channels_are_timed_and_counted_whoever_made_them(watched: Watched) -> None:
    """Channels that the page made and channels that the other side announced have times, messages, bytes."""
    await watched.run("""
      const peer = new RTCPeerConnection();
      const own = peer.createDataChannel("input");
      own.become("open", {readyState: "open"});
      announce(own, "message", {data: "four"});
      const theirs = Object.assign(new ScriptedChannel("picture"), {readyState: "open"});
      announce(peer, "datachannel", {channel: theirs});
      announce(theirs, "message", {data: new ArrayBuffer(1000)});
      announce(theirs, "message", {data: new Blob(["x".repeat(24)])});
      theirs.become("close", {readyState: "closed"});
      peer.createDataChannel("n".repeat(500));""")
    own, theirs, never = (await watched.peer()).channels
    assert (own.label, own.messages, own.bytes_received) == ("input", 1, 4)
    assert own.opened_s is not None
    assert own.closed_s is None
    assert (theirs.label, theirs.messages, theirs.bytes_received) == ("picture", 2, 1024)
    assert theirs.opened_s is not None
    assert theirs.closed_s is not None
    assert (len(never.label), never.opened_s) == (80, None)


async def test_a_storm_of_reconnects_forgets_the_oldest_closed_ones(watched: Watched) -> None:
    """Fifty peer connections are kept, the open one among them; losses of forgotten ones stay counted."""
    await watched.run("""
      const kept = new RTCPeerConnection();
      negotiate(kept);
      for (let i = 0; i < 80; i += 1) {
        const peer = new RTCPeerConnection();
        peer.ice("connected", "failed");
        peer.close();
      }""")
    seen = await watched.connections()
    assert (len(seen.peers), seen.peers_forgotten) == (50, 31)
    assert seen.peers[0].remote_description_s is not None
    assert {peer.connection_state for peer in seen.peers[1:]} == {"closed"}
    assert (await watched.sample()).disconnections == 80


async def test_a_storm_of_sockets_keeps_the_open_one(watched: Watched) -> None:
    """A page that tries its signalling for ever costs no memory, and what it has open is known."""
    await watched.run("""
      const open = new WebSocket("ws://a.test");
      open.become("open");
      open.become("message", {}, {data: "text"});
      open.become("message", {}, {data: new ArrayBuffer(7)});
      for (let i = 0; i < 80; i += 1) new WebSocket("ws://a.test").become("close");""")
    first, *others = (await watched.connections()).sockets
    assert (first.binary_messages, first.bytes_received, first.closed_s) == (1, 7, None)
    assert len(others) == 49
    assert all(socket.opened_s is None and socket.closed_s is not None for socket in others)


async def test_after_a_reconnect_the_new_connection_is_asked(watched: Watched) -> None:
    """Statistics come from the connected peer, and the closed one costs no question."""
    await watched.run("""
      const [old, next] = [new RTCPeerConnection(), new RTCPeerConnection()];
      for (const peer of [old, next]) {
        negotiate(peer);
        peer.receive("video");
        connect(peer);
      }
      old.close();
      old.stats = [{id: "v", type: "inbound-rtp", kind: "video", framesDecoded: 900}];
      next.stats = [{id: "v", type: "inbound-rtp", kind: "video", framesDecoded: 9}];""")
    assert (await watched.sample()).frames_decoded == 9
    assert await watched.run("return RTCPeerConnection.made.map(({asked}) => asked)") == [0, 1]


async def test_sound_of_a_second_peer_connection_joins_the_video(watched: Watched) -> None:
    """A client with one peer connection for video and one for audio is asked twice, for one sample."""
    await watched.run("""
      const [video, audio] = [new RTCPeerConnection(), new RTCPeerConnection()];
      for (const peer of [video, audio]) connect(peer);
      video.receive("video");
      audio.receive("audio");
      video.stats = [{id: "v", type: "inbound-rtp", kind: "video", framesDecoded: 9}];
      audio.stats = [{id: "v", type: "inbound-rtp", kind: "audio", totalAudioEnergy: 0.5, bytesReceived: 7}];""")
    sample = await watched.sample()
    assert (sample.frames_decoded, sample.audio_energy, sample.audio_bytes) == (9, 0.5, 7)
    assert sample.bytes_received is None


async def test_of_a_report_only_what_matters_leaves_the_page(watched: Watched) -> None:
    """Addresses, user fragments and reports of other types stay where they are."""
    await watched.run("""
      const peer = new RTCPeerConnection();
      connect(peer);
      peer.receive("video");
      peer.stats = [
        {id: "l", type: "local-candidate", address: "10.9.8.7", usernameFragment: "ufrag", candidateType: "host"},
        {id: "c", type: "certificate", base64Certificate: "MII"}];""")
    words = await watched.words()
    assert "'candidateType': 'host'" in words
    assert not any(word in words for word in ("10.9.8.7", "ufrag", "MII"))


@pytest.mark.parametrize(
    ("network", "policy", "urls"),
    [
        (NetworkPolicy.ANY, "all", ["turn:a.test", "stun:b.test", "stun:c.test", "turns:d.test"]),
        (NetworkPolicy.RELAY, "relay", ["turn:a.test", "stun:b.test", "stun:c.test", "turns:d.test"]),
        (NetworkPolicy.DIRECT, "all", ["stun:b.test", "stun:c.test"]),
    ],
    ids=["any", "relay", "direct"],
)
async def test_the_policy_is_laid_over_the_page_s_configuration(
    scripts: Harness, network: NetworkPolicy, policy: str, urls: list[str]
) -> None:
    """Constructor and setConfiguration get the policy, all else as it is; the page's own object is not touched."""
    async with scripts.page(scripted=True, network=network) as watched:
        same, bundle = await watched.run("""
          const configuration = Object.freeze({bundlePolicy: "max-bundle", iceServers: Object.freeze([
            Object.freeze({urls: ["turn:a.test", "stun:b.test"], username: "u", credential: "p"}),
            Object.freeze({urls: "stun:c.test"}), Object.freeze({urls: "turns:d.test"})])});
          const before = JSON.stringify(configuration);
          const [made, set] = [new RTCPeerConnection(configuration), new RTCPeerConnection()];
          set.setConfiguration(configuration);
          const bundles = [made, set].map((one) => one.configuration.bundlePolicy);
          return [JSON.stringify(configuration) === before, bundles];""")
        assert same
        assert bundle == ["max-bundle", "max-bundle"]
        for peer in (await watched.connections()).peers:
            assert peer.policy == policy
            assert [server.url for server in peer.servers] == urls
