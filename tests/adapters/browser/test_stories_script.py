"""The story of a peer connection that does what it is told: what leaves the page of it, and how much at most."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from prober.adapters.browser.stories import read_stories
from tests.adapters.browser.harness import Harness, Watched, harness
from tests.adapters.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SDP = r"""
const SDP = ["v=0", "o=user-name 1 1 IN IP4 10.0.0.1", "s=a-name", "u=http://10.0.0.1/", "c=IN IP6 fe80::1", "t=0 0",
  "k=clear:a-key", "a=group:BUNDLE 0", "a=unheard-of:10.0.0.1", "m=video 9 UDP/TLS/RTP/SAVPF 96",
  "a=rtcp:9 IN IP4 10.0.0.1", "a=ice-ufrag:Fragment", "a=ice-pwd:ice-password", "a=fingerprint:sha-256 AB:CD",
  "a=candidate:1 1 TCP 1 10.0.0.1 9 typ srflx raddr 10.0.0.2 rport 9 tcptype active",
  "a=candidate:1 1 10.0.0.1 1 10.0.0.1 9 typ 10.0.0.1", "a=crypto:1 AES inline:a-key", "a=rtcp-mux",
  "a=rtpmap:96 VP8/90000", "a=ssrc:1 cname:user@host", ""].join("\r\n");
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scripts(executable: Path, site: Site) -> AsyncIterator[Harness]:
    """A browser for the scripts alone."""
    async with harness(executable, site) as scripts:
        yield scripts


@pytest_asyncio.fixture(loop_scope="module")
async def watched(scripts: Harness) -> AsyncIterator[Watched]:
    """A page with stand-ins."""
    async with scripts.page(scripted=True) as watched:
        yield watched


async def told(watched: Watched) -> dict[str, Any]:
    """Returns the story of the only peer connection."""
    (story,) = await read_stories(watched.page)
    return story


async def test_a_description_leaves_the_page_by_an_allow_list(watched: Watched) -> None:
    """Codecs, directions and fingerprints stay; of a candidate its type and protocol; of all else only the name."""
    await watched.run(f"{SDP} new RTCPeerConnection().describe('remote', 'offer', SDP, 'have-remote-offer')")
    (description,) = (await told(watched))["descriptions"]
    assert description["lines"] == [
        "v=0",
        "o=***",
        "s=***",
        "u=***",
        "c=***",
        "t=0 0",
        "k=***",
        "a=group:BUNDLE 0",
        "a=unheard-of:***",
        "m=video 9 UDP/TLS/RTP/SAVPF 96",
        "a=rtcp:***",
        "a=ice-ufrag:***",
        "a=ice-pwd:***",
        "a=fingerprint:sha-256 AB:CD",
        "a=candidate:*** tcp typ srflx",
        "a=candidate:*** unknown typ unknown",
        "a=crypto:***",
        "a=rtcp-mux",
        "a=rtpmap:96 VP8/90000",
        "a=ssrc:***",
    ]


async def test_candidates_that_come_later_make_no_other_description(watched: Watched) -> None:
    """A description is known by its origin's version; the next version is another one."""
    await watched.run(f"""{SDP}
      const peer = new RTCPeerConnection();
      peer.describe("local", "offer", SDP, "have-local-offer");
      peer.describe("local", "offer", SDP + "a=candidate:2\\r\\n", "stable");
      peer.describe("local", "offer", SDP.replace(" 1 1 IN", " 1 2 IN"), "have-local-offer");""")
    story = await told(watched)
    assert len(story["descriptions"]) == 2
    assert [change["state"] for change in story["changes"]] == ["have-local-offer", "stable", "have-local-offer"]


async def test_a_connection_that_goes_on_for_ever_costs_no_memory(watched: Watched) -> None:
    """The first and the last descriptions, the first changes and candidates; how much is missing is told."""
    await watched.run("""
      const peer = new RTCPeerConnection();
      const sdp = (version) => `v=0\\r\\no=- 1 ${version} IN IP4 a\\r\\nt=${version} 0`;
      for (let i = 0; i < 200; i += 1) peer.describe("remote", "offer", sdp(i), "stable");
      const candidate = "candidate:1 1 udp 1 10.0.0.1 9 typ host";
      for (let i = 0; i < 80; i += 1) peer.addIceCandidate({ candidate });""")
    story = await told(watched)
    assert [one["lines"][-1] for one in story["descriptions"]] == [f"t={n} 0" for n in (0, 1, 2, 197, 198, 199)]
    assert len(story["changes"]) == 100
    assert len(story["candidates"]) == 50
    assert story["candidates"][0].keys() == {"at_s", "side", "type", "protocol"}
    assert story["left_out"] == 194 + 100 + 30
