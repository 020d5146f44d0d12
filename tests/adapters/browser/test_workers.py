"""The script in a page's workers, where a desktop may hold its socket and its decoder."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.adapters.browser.harness import Harness, harness
from tests.adapters.browser.site import Site, eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

START = """<script>
  const start = (code) => new Worker(URL.createObjectURL(new Blob([`const host = "${location.host}"; (${code})()`])));
</script>"""
SOCKET = """<script>
  // As Selkies does: one worker reads, and gives what it read to one that decodes.
  const [reading, decoding] = [start(() => {
    onmessage = ({data: {port}}) => {
      const socket = new WebSocket(`ws://${host}/echo`);
      socket.binaryType = "arraybuffer";
      socket.onmessage = ({data}) => port.postMessage(data, [data]);
      socket.onopen = () => setInterval(() => socket.send(new Uint8Array(1000)), 20);
    };
  }), start(() => {
    onmessage = ({data: {port}}) => {
      port.onmessage = ({data}) => {
        // The head of a VP8 key frame, for a decoder that has not met the nonsense behind it yet.
        new Uint8Array(data).set([0x10, 0, 0, 0x9d, 0x01, 0x2a, 16, 0, 16, 0]);
        const decoder = new VideoDecoder({output: (frame) => frame.close(), error: () => {}});
        decoder.configure({codec: "vp8"});
        for (const timestamp of [0, 1]) decoder.decode(new EncodedVideoChunk({type: "key", timestamp, data}));
        decoder.close();
      };
    };
  })];
  const {port1, port2} = new MessageChannel();
  reading.postMessage({port: port1}, [port1]);
  decoding.postMessage({port: port2}, [port2]);
</script>"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scripts(executable: Path, site: Site) -> AsyncIterator[Harness]:
    """A browser for the scripts alone."""
    async with harness(executable, site) as scripts:
        yield scripts


async def test_a_socket_in_a_worker_is_seen_with_its_volume(scripts: Harness) -> None:
    """Messages that a worker reads count, given away or not, and so do the chunks that another one decodes."""
    async with scripts.page(START + SOCKET) as watched:
        await eventually(watched.connections, lambda seen: bool(seen.sockets) and seen.chunks_decoded > 0)
        seen = await eventually(watched.connections, lambda seen: seen.sockets[0].binary_messages > 20)
        (socket,) = seen.sockets
        assert socket.bytes_received == 1000 * socket.binary_messages
        assert socket.opened_s is not None
        assert 0 < socket.opened_s < 10
        assert socket.closed_s is None
        assert seen.peers == ()


async def test_a_decoder_that_a_worker_tries_out_streams_nothing(scripts: Harness) -> None:
    """One chunk for each of several decoders finds out what the browser decodes, in a worker as in the page."""
    tries = """<script>
      const worker = start(() => {
        onmessage = () => {
          const data = new Uint8Array([0x10, 0, 0, 0x9d, 0x01, 0x2a, 16, 0, 16, 0]);
          for (let i = 0; i < 3; i += 1) {
            const decoder = new VideoDecoder({output: (frame) => frame.close(), error: () => {}});
            decoder.configure({codec: "vp8"});
            decoder.decode(new EncodedVideoChunk({type: "key", timestamp: 0, data}));
          }
          postMessage("tried");
        };
      });
    </script>"""
    async with scripts.page(START + tries) as watched:
        # The first question brings the script into the worker.
        assert (await watched.connections()).chunks_decoded == 0
        await watched.run("await new Promise((done) => { worker.onmessage = done; worker.postMessage(null); })")
        assert (await watched.connections()).chunks_decoded == 0


async def test_a_worker_without_sockets_has_nothing_to_tell(scripts: Harness) -> None:
    """Workers that only compute leave no trace."""
    async with scripts.page(START + "<script>start(() => { onmessage = ({data}) => data })</script>") as watched:
        assert (await watched.connections()).sockets == ()


async def test_a_busy_worker_is_not_waited_for(scripts: Harness) -> None:
    """A worker that never comes to rest holds nobody up."""
    async with scripts.page(START + "<script>start(() => { for (;;) {} })</script>") as watched:
        begun = time.monotonic()
        assert (await watched.connections()).sockets == ()
        assert time.monotonic() - begun < 3
