"""The scripts against Chromium's own peer connections and sockets."""

from collections.abc import AsyncIterator
from dataclasses import fields
from pathlib import Path

import pytest
import pytest_asyncio

from prober.adapters.browser.collector import ask_frames
from prober.adapters.browser.statistics import busiest
from prober.domain.carried import transport_of
from prober.domain.connection import Connections, IceServer, Peer
from prober.domain.stream import StreamSample
from prober.domain.transport import NetworkPolicy, Transport
from tests.adapters.browser.harness import Harness, Watched, harness
from tests.adapters.browser.site import Site, eventually
from tests.adapters.browser.turn import refusing_turn

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SOUNDING = """<video id=v width=640 height=360 autoplay></video><script>
  async function sound() {
    const context = new AudioContext();
    const [tone, heard] = [context.createOscillator(), context.createMediaStreamDestination()];
    tone.connect(heard);
    tone.start();
    const [, receiver] = await connectPeers(heard.stream);
    document.body.append(Object.assign(new Audio(), {srcObject: receiver.stream, autoplay: true}));
  }
  showDesktop(v);
  sound();
</script>"""
TWO = """<video id=v width=640 height=360 autoplay muted></video><script>
  (async () => {
    await showDesktop(v);
    window.other = document.createElement("video");
    await showDesktop(other);
  })();
</script>"""
CHANNELS = """<script>
  (async () => {
    const [one, other] = [new RTCPeerConnection(), new webkitRTCPeerConnection()];
    one.onicecandidate = ({candidate}) => other.addIceCandidate(candidate);
    other.onicecandidate = ({candidate}) => one.addIceCandidate(candidate);
    const channel = one.createDataChannel("picture");
    other.ondatachannel = (event) => { window.theirs = event.channel; };
    await one.setLocalDescription();
    await other.setRemoteDescription(one.localDescription);
    await other.setLocalDescription();
    await one.setRemoteDescription(other.localDescription);
    channel.onopen = () => { for (let i = 0; i < 10; i += 1) channel.send(new Uint8Array(1000)); };
  })();
</script>"""
RARE = {
    "codec_parameters",
    "corruption_sum",
    "corruption_measurements",
    "available_incoming_bits_per_s",
    "audio_playout_s",
    "decoder",
    "decoder_efficient",
    "taken_s",
}
"""What Chromium says of special streams only (VP8 has no parameters), or to pages that may use a camera; the last is
the prober's own."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scripts(executable: Path, site: Site) -> AsyncIterator[Harness]:
    """A browser for the scripts alone."""
    async with harness(executable, site) as scripts:
        yield scripts


async def test_video_and_sound_of_two_connections_fill_a_sample(scripts: Harness) -> None:
    """All that a sample names is told by Chromium, but for what it says of special streams only."""
    async with scripts.page(SOUNDING) as watched:
        sample = await eventually(watched.sample, lambda seen: bool(seen.audio_energy and seen.width and seen.changed))
        silent = {field.name for field in fields(StreamSample) if getattr(sample, field.name) is None}
        assert silent <= RARE
        assert sample.disconnections == 0
        await eventually(watched.sample, lambda seen: (seen.audio_energy or 0) > (sample.audio_energy or 0))
        seen = await watched.connections()
        assert len(seen.peers) == 4
        media = seen.media()
        assert media is not None
        assert {"VP8", "H264"} <= set(media.offered_codecs) & set(seen.decodable)
        assert not {"rtx", "red", "ulpfec", "flexfec-03"} & {*media.offered_codecs, *seen.decodable}
        assert media.track_s is not None
        assert media.connected_s is not None
        assert media.unmuted_s is not None
        assert media.track_s < media.unmuted_s
        assert not media.video_rejected


async def test_the_connection_whose_video_is_shown_is_read(scripts: Harness) -> None:
    """A newer connection that brings a video too counts from when the picture is its own."""
    async with scripts.page(TWO) as watched:
        sample = await eventually(watched.sample, lambda seen: bool(seen.width and seen.frames_decoded))
        seen = await eventually(watched.connections, lambda seen: len(_connected(seen)) == 4)
        old, new = (peer for peer in seen.peers if peer.video)
        assert (old.shown, new.shown) == (True, False)
        assert seen.media() is old
        assert old.packet_age_s is not None
        assert 0 <= old.packet_age_s < 3
        assert transport_of(seen) is Transport.WEBRTC_VIDEO
        assert (await watched.sample()).source == sample.source
        await watched.run("v.srcObject = other.srcObject")
        moved = await eventually(watched.sample, lambda now: now.source not in {None, sample.source})
        assert moved.frames_decoded is not None
        assert [peer.shown for peer in (await watched.connections()).peers if peer.video] == [False, True]
        await watched.run("v.srcObject = new MediaStream([other.srcObject.getVideoTracks()[0].clone()])")
        seen = await watched.connections()
        assert [peer.shown for peer in seen.peers if peer.video] == [None, None]
        path = busiest([answer.value for answer in await ask_frames(watched.page, "statistics")]).path
        assert path is not None
        assert (path.ice_state, path.dtls_state) == ("connected", "connected")
        assert None not in (path.ice_role, path.tls_version, path.dtls_cipher, path.srtp_cipher)
        assert path.relay_url is None


def _connected(seen: Connections) -> list[Peer]:
    return [peer for peer in seen.peers if peer.connection_state == "connected"]


async def test_a_page_that_refuses_the_video_is_seen_to(scripts: Harness) -> None:
    """A transceiver that the page stops makes an answer that rejects all video."""
    async with scripts.page() as watched:
        await watched.run("""
          const [offering, refusing] = [new RTCPeerConnection(), new RTCPeerConnection()];
          offering.addTransceiver("video", {direction: "sendonly"});
          await offering.setLocalDescription();
          await refusing.setRemoteDescription(offering.localDescription);
          refusing.getTransceivers()[0].stop();
          await refusing.setLocalDescription();""")
        assert [peer.video_rejected for peer in (await watched.connections()).peers] == [False, True]


async def test_a_desktop_over_a_data_channel_has_volume_and_a_path(scripts: Harness) -> None:
    """Without any track the connected peer with an open channel is asked, and tells its path."""
    async with scripts.page(CHANNELS) as watched:
        seen = await eventually(
            watched.connections, lambda seen: sum(c.messages for peer in seen.peers for c in peer.channels) == 10
        )
        sending, receiving = (peer.channels[0] for peer in seen.peers)
        assert (sending.label, sending.messages) == ("picture", 0)
        assert (receiving.label, receiving.bytes_received) == ("picture", 10_000)
        assert receiving.opened_s is not None
        answers = await ask_frames(watched.page, "statistics")
        path = busiest([answer.value for answer in answers]).path
        assert path is not None
        assert path.protocol == "udp"


async def test_peers_of_an_iframe_without_a_url_are_seen(scripts: Harness) -> None:
    """A page may borrow its constructor from a frame that was never loaded."""
    body = """<iframe id=f></iframe><script>window.borrowed = new f.contentWindow.RTCPeerConnection()</script>"""
    async with scripts.page(body) as watched:
        assert len((await watched.connections()).peers) == 1


@pytest.mark.parametrize(
    ("network", "hosts", "turn"),
    [(NetworkPolicy.ANY, True, True), (NetworkPolicy.RELAY, False, True), (NetworkPolicy.DIRECT, True, False)],
    ids=["any", "relay", "direct"],
)
async def test_chromium_gathers_what_the_policy_allows(
    scripts: Harness, network: NetworkPolicy, *, hosts: bool, turn: bool
) -> None:
    """Relay-only offers no host candidate, direct asks no TURN server, and the page cannot undo either."""
    async with refusing_turn() as server, scripts.page(network=network) as watched:
        await watched.run(f"""
          const iceServers = [{{urls: ["{server.url}"], username: "probe", credential: "s3cret"}}];
          const peer = window.peer = new RTCPeerConnection({{iceServers}});
          peer.setConfiguration({{...peer.getConfiguration(), iceServers, iceTransportPolicy: "all"}});
          peer.createDataChannel("c");
          await peer.setLocalDescription();""")
        peer = await eventually(watched.peer, lambda peer: peer.gathered_s is not None)
        assert (peer.local_candidates > 0, peer.relay_candidates) == (hosts, 0)
        assert peer.policy == ("relay" if network is NetworkPolicy.RELAY else "all")
        assert peer.servers == ((IceServer(url=server.url, credentials=True),) if turn else ())
        assert {(error.code, error.text) for error in peer.candidate_errors} == (
            {(401, "Unauthorized")} if turn else set()
        )
        assert all(error.url.startswith(server.url) for error in peer.candidate_errors)
        assert server.asked is turn
        assert "s3cret" not in await watched.words()


async def test_sockets_count_what_is_binary(scripts: Harness) -> None:
    """Blobs and buffers are counted with their bytes, text is not."""
    body = """<script>
      for (const kind of ["arraybuffer", "blob"]) {
        const socket = new WebSocket(`ws://${location.host}/echo`);
        socket.binaryType = kind;
        socket.onopen = () => ["text", new Uint8Array(1000), new Uint8Array(24)].forEach((it) => socket.send(it));
        // A buffer that is given away is empty from then on.
        socket.onmessage = ({data}) => { if (data instanceof ArrayBuffer) structuredClone(data, {transfer: [data]}); };
      }
    </script>"""
    async with scripts.page(body) as watched:
        seen = await eventually(
            watched.connections, lambda seen: all(socket.binary_messages == 2 for socket in seen.sockets)
        )
        assert [socket.bytes_received for socket in seen.sockets] == [1024, 1024]


async def test_chunks_given_to_a_decoder_are_counted(scripts: Harness) -> None:
    """What the page decodes by itself counts, whether the decoder can make sense of it or not."""
    async with scripts.page() as watched:
        assert (await watched.connections()).chunks_decoded == 0
        await decode(watched, chunks=3)
        assert (await watched.connections()).chunks_decoded == 3


async def test_a_decoder_that_is_tried_out_streams_nothing(scripts: Harness) -> None:
    """A page that gives each of its decoders one key frame, to see which codecs work, decodes no picture."""
    async with scripts.page() as watched:
        for _ in range(3):
            await decode(watched, chunks=1)
        assert (await watched.connections()).chunks_decoded == 0


async def decode(watched: Watched, *, chunks: int) -> None:
    """Gives chunks to a new decoder."""
    await watched.run(
        f"const CHUNKS = {chunks};"
        """
      // The head of a VP8 key frame.
      const KEY_FRAME = new Uint8Array([0x10, 0, 0, 0x9d, 0x01, 0x2a, 16, 0, 16, 0]);
      const decoder = new VideoDecoder({output: (frame) => frame.close(), error: () => {}});
      decoder.configure({codec: "vp8"});
      for (let timestamp = 0; timestamp < CHUNKS; timestamp += 1) {
        decoder.decode(new EncodedVideoChunk({type: "key", timestamp, data: KEY_FRAME}));
      }"""
    )
