"""No page notices the scripts: whatever it can look at is as it is without them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from prober.domain.transport import NetworkPolicy
from tests.adapters.browser.harness import Harness, harness
from tests.adapters.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

LOOK = r"""
const native = {RTCPeerConnection, WebSocket, VideoDecoder};
const methods = ["addIceCandidate", "createDataChannel", "setConfiguration", "getConfiguration"];
const flags = (object, name) => {
  const {value, get, set, ...rest} = Object.getOwnPropertyDescriptor(object, name);
  return [name, typeof value, typeof get, rest];
};
const shape = (it) => [it.name, it.length, String(it).includes("[native code]"), Reflect.ownKeys(it).map(String),
  it.prototype && Reflect.ownKeys(it.prototype).map((name) => flags(it.prototype, name))];
const complaint = async (act) => {
  try {
    await act();
    return "none";
  } catch (error) {
    return [error.constructor.name, error.name, error.message];
  }
};
const enumerated = (it) => { const names = []; for (const name in it) names.push(name); return names; };
class Own extends RTCPeerConnection { hello() { return "hello"; } }
const [peer, own, socket] = [new RTCPeerConnection(), new Own(), new WebSocket(`ws://${location.host}/echo`)];
const order = [];
peer.onsignalingstatechange = () => order.push("handler");
peer.addEventListener("signalingstatechange", () => order.push("listener"));
const echoed = new Promise((resolve) => {
  socket.onmessage = ({data}) => { order.push(data instanceof Blob); resolve(); };
});
const opened = new Promise((resolve) => socket.addEventListener("open", resolve));
const channel = peer.createDataChannel("c");
await peer.setLocalDescription();
await opened;
socket.send(new Uint8Array(3));
await echoed;
const looked = {
  windows: [Object.keys(window), enumerated(window), Object.getOwnPropertyNames(window)],
  symbols: Object.getOwnPropertySymbols(window).filter((it) => ({}).propertyIsEnumerable.call(window, it)).length,
  globals: Object.keys(native).map((name) => flags(window, name)),
  shapes: [...Object.values(native).map(shape), ...methods.map((name) => shape(RTCPeerConnection.prototype[name]))],
  instances: [peer, own, socket].map((it) => [enumerated(it), Reflect.ownKeys(it).length, String(it)]),
  kinds: [peer instanceof RTCPeerConnection, own instanceof Own, own instanceof RTCPeerConnection, own.hello(),
    peer.constructor === RTCPeerConnection, own.constructor === Own, socket.constructor === WebSocket,
    Object.getPrototypeOf(Own) === RTCPeerConnection, webkitRTCPeerConnection === RTCPeerConnection,
    RTCPeerConnection.prototype.constructor === RTCPeerConnection, channel instanceof RTCDataChannel],
  statics: [WebSocket.OPEN, typeof RTCPeerConnection.generateCertificate, socket.binaryType, channel.binaryType],
  order,
  complaints: await Promise.all([
    () => RTCPeerConnection(),
    () => new RTCPeerConnection(5),
    () => new RTCPeerConnection({iceServers: 5}),
    () => new RTCPeerConnection({iceServers: [null]}),
    () => new RTCPeerConnection({iceServers: [{}]}),
    () => new RTCPeerConnection({iceServers: [{urls: "http://a.test"}]}),
    () => new RTCPeerConnection({bundlePolicy: "none"}),
    () => new RTCPeerConnection({get iceServers() { throw new RangeError("mine"); }}),
    () => new RTCPeerConnection({iceServers: [{urls: "stun:a.test"}]}),
    () => peer.setConfiguration(5),
    () => peer.setConfiguration({bundlePolicy: "max-bundle"}),
    () => peer.setConfiguration.call(window, {}),
    () => peer.addIceCandidate({candidate: "x"}),
    () => peer.addIceCandidate.call(null),
    () => peer.createDataChannel(),
    () => new WebSocket("nonsense://x"),
    () => new WebSocket(),
    () => WebSocket("ws://a.test"),
    () => VideoDecoder.prototype.decode.call({}),
    () => new (class extends RTCPeerConnection { constructor() { super(5); } })(),
  ].map(complaint)),
};
socket.close();
peer.close();
own.close();
return looked;"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scripts(executable: Path, site: Site) -> AsyncIterator[Harness]:
    """A browser for the scripts alone."""
    async with harness(executable, site) as scripts:
        yield scripts


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def without(scripts: Harness) -> Any:
    """What a page sees without the scripts."""
    async with scripts.page(network=None) as page:
        return await page.run(LOOK)


@pytest.mark.parametrize("network", NetworkPolicy, ids=str)
async def test_a_page_sees_what_it_sees_without_us(scripts: Harness, without: Any, network: NetworkPolicy) -> None:
    """Names, prototypes, statics, handlers' order, errors: all is as without the scripts."""
    async with scripts.page(network=network) as page:
        seen = await page.run(LOOK)
    assert without["order"] == ["handler", "listener", True]
    for aspect, expected in without.items():
        assert seen[aspect] == expected, aspect


async def test_a_handler_that_throws_is_the_page_s_own_affair(scripts: Harness) -> None:
    """The page's error reaches the page, and ours none of it."""
    async with scripts.page() as page:
        errors: list[str] = []
        page.page.on("pageerror", lambda error: errors.append(error.message))
        await page.run("""
          const peer = new RTCPeerConnection();
          peer.onsignalingstatechange = () => { throw new Error("the page's own"); };
          peer.createDataChannel("c");
          await peer.setLocalDescription();""")
        assert (await page.peer()).local_description_s is not None
        assert errors == ["the page's own"]
