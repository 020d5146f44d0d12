"""The scripts in the page: what they see, and that no page notices them."""

import asyncio

import pytest

from prober.adapters.browser import WarmBrowser
from prober.domain.connection import timings
from prober.flow.ports import Desktop
from tests.adapters.browser.conftest import OpenPage
from tests.adapters.browser.seats import seat
from tests.adapters.browser.site import Site, eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

DESKTOP = "<video id=v width=640 height=360 muted autoplay></video><script>showDesktop(v)</script>"
SHADOWED = """
<div id=host></div>
<script>
  const root = host.attachShadow({mode: "MODE"});
  root.innerHTML = "<video width=640 height=360 muted autoplay></video>";
  showDesktop(root.firstChild);
</script>"""
DECLARED = """
<div id=host><template shadowrootmode=open><video width=640 height=360 muted autoplay></video></template></div>
<script>showDesktop(host.shadowRoot.firstChild)</script>"""
UNNOTICED = """
<pre id=out></pre>
<script>
  class Own extends RTCPeerConnection { hello() { return "hello"; } }
  const peer = new RTCPeerConnection();
  const own = new Own();
  const facts = {
    instance: peer instanceof RTCPeerConnection && own instanceof RTCPeerConnection && own.hello() === "hello",
    constructor: peer.constructor === RTCPeerConnection,
    prefixed: webkitRTCPeerConnection === RTCPeerConnection,
    name: RTCPeerConnection.name === "RTCPeerConnection" && WebSocket.name === "WebSocket",
    native: [RTCPeerConnection, WebSocket, peer.addIceCandidate].every((f) => String(f).includes("[native code]")),
    constants: WebSocket.OPEN === 1,
    hidden: !Object.keys(window).some((key) => key.includes("prober")),
    refused: (() => { try { RTCPeerConnection(); } catch (error) { return error instanceof TypeError; } })(),
  };
  RTCPeerConnection.generateCertificate({name: "ECDSA", namedCurve: "P-256"}).then(() => {
    const wrong = Object.entries(facts).filter(([, right]) => !right).map(([name]) => name);
    new WebSocket(`ws://${location.host}/echo?${wrong.join() || "nothing"}`);
    document.title = wrong.join() || "nothing";
  });
</script>"""


async def test_a_connected_peer_has_all_its_times_in_order(open_page: OpenPage) -> None:
    """Of the page's two peers the receiving one counts, with every stage timed and candidates of both sides."""
    desktop = await open_page(DESKTOP)
    seen = await eventually(desktop.connections, lambda seen: seen.connected())
    peer = seen.media()
    assert peer is not None
    assert len(seen.peers) == 2
    assert peer.video
    assert peer.local_candidates > 0
    assert peer.remote_candidates > 0
    stages = [
        peer.constructed_s,
        peer.remote_description_s,
        peer.local_description_s,
        peer.checking_s,
        peer.ice_connected_s,
        peer.connected_s,
    ]
    times = [stage for stage in stages if stage is not None]
    assert len(times) == len(stages)
    assert times == sorted(times)
    assert 0 < times[0] < times[-1] < 10
    assert {"signalling", "gathering", "checking", "dtls"} <= set(timings(seen))


async def test_a_page_that_closes_its_peer_shows_it_closed(open_page: OpenPage) -> None:
    """After the page closed its peer connections their history is kept and their state is closed."""
    body = DESKTOP.replace(
        "showDesktop(v)",
        "showDesktop(v).then((shown) => setTimeout(() => { shown.sender.close(); shown.receiver.close() }, 500))",
    )
    desktop = await open_page(body)

    async def states() -> set[str]:
        return {peer.connection_state for peer in (await desktop.connections()).peers}

    await eventually(states, lambda seen: seen == {"closed"})
    assert (await desktop.sample()).frames_decoded is None or not (await desktop.connections()).connected()


async def test_sockets_are_timed_from_creation_to_close(open_page: OpenPage) -> None:
    """A socket that opens, one that is closed and one that is refused are told apart."""
    body = """<script>
      new WebSocket(`ws://${location.host}/echo`);
      const closing = new WebSocket(`ws://${location.host}/echo`);
      closing.onopen = () => closing.close();
      new WebSocket(`ws://${location.host}/status/503`);
    </script>"""
    desktop = await open_page(body)
    seen = await eventually(
        desktop.connections,
        lambda seen: [socket.closed_s is not None for socket in seen.sockets] == [False, True, True],
    )
    assert [socket.opened_s is not None for socket in seen.sockets] == [True, True, False]
    assert all(socket.created_s is not None for socket in seen.sockets)


async def test_no_page_notices_the_scripts(open_page: OpenPage) -> None:
    """Prototypes, statics, subclasses, names and enumerations are as without us."""
    desktop = await open_page(UNNOTICED)
    await eventually(desktop.connections, lambda seen: len(seen.sockets) == 1)
    page = desktop._page  # type: ignore[attr-defined]  # only the page itself can tell
    assert await page.title() == "nothing"


@pytest.mark.parametrize(
    "body",
    [DESKTOP, SHADOWED.replace("MODE", "open"), SHADOWED.replace("MODE", "closed"), DECLARED],
    ids=["document", "open shadow root", "closed shadow root", "declarative shadow root"],
)
async def test_videos_are_found_wherever_they_are(open_page: OpenPage, body: str) -> None:
    """A picture is seen in the document and in every kind of shadow root."""
    desktop = await open_page(body)
    seen = await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    assert seen.videos == 1
    assert seen.rendered_s is not None
    assert seen.visible_s is not None
    assert seen.rendered_s <= seen.visible_s
    assert seen.luma == pytest.approx(120, abs=8)


async def test_an_iframe_is_on_the_page_s_time(site: Site, open_page: OpenPage) -> None:
    """What happens in an iframe that is added late is timed from the top page's navigation."""
    body = f"""<iframe id=f width=700 height=400></iframe>
      <script>setTimeout(() => {{ f.src = "{site.page(DESKTOP)}" }}, 700)</script>"""
    desktop = await open_page(body)
    seen = await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    media = (await desktop.connections()).media()
    assert media is not None
    assert media.constructed_s is not None
    assert seen.visible_s is not None
    assert 0.7 < media.constructed_s < seen.visible_s
    sample = await desktop.sample()
    assert sample.at_s > seen.visible_s
    assert (sample.width, sample.height) == (640, 360)


async def test_the_largest_visible_video_counts(open_page: OpenPage) -> None:
    """A larger video that is hidden, and a smaller one, are not the desktop."""
    body = """
      <video id=hidden width=1200 height=700 muted autoplay style="visibility: hidden; position: absolute"></video>
      <video id=small width=64 height=36 muted autoplay></video><video id=v width=640 height=360 muted autoplay></video>
      <script>
        showDesktop(hidden, {size: [320, 180]}); showDesktop(small, {size: [160, 90]}); showDesktop(v);
      </script>"""
    desktop = await open_page(body)
    sample = await eventually(desktop.sample, lambda sample: (sample.frames_rendered or 0) > 5)
    assert (sample.width, sample.height) == (640, 360)
    assert (await desktop.first_frame()).videos == 3


async def test_frames_that_decode_behind_a_paused_video_are_not_rendered(site: Site, desktop: Desktop) -> None:
    """Without playback frames are decoded, the video is paused, and nothing is visible."""
    body = "<video id=v width=640 height=360></video><script>showDesktop(v)</script>"
    await desktop.open(site.page(body))
    seen = await eventually(desktop.first_frame, lambda seen: (seen.frames_decoded or 0) > 20)
    assert seen.paused
    assert seen.frames_rendered == 0
    assert seen.rendered_s is None
    assert (await desktop.sample()).paused


async def test_the_play_button_is_pressed_while_it_is_visible(site: Site, selkies: Desktop) -> None:
    """A video that waits for a click is started by the client's play button, which may appear late."""
    body = """<div class=video-container><video id=v width=640 height=360 muted></video></div>
      <button id=playButton style="display: none" onclick="v.play(); this.style.display='none'">Play</button>
      <script>showDesktop(v); setTimeout(() => { playButton.style.display = "block" }, 300)</script>"""
    desktop = selkies
    await desktop.open(site.page(body))
    seen = await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    assert seen.paused is False


async def test_a_blank_picture_is_rendered_and_never_visible(open_page: OpenPage) -> None:
    """Black frames count as rendered, their luma is low, and no first visible frame is claimed."""
    body = DESKTOP.replace("showDesktop(v)", "showDesktop(v, {grey: 0, animate: false}).then(blink)").replace(
        "<script>",
        "<script>const blink = (shown) => setInterval(() => shown.fillRect(0, 0, 4, 4), 33);",
    )
    desktop = await open_page(body)
    seen = await eventually(desktop.first_frame, lambda seen: (seen.frames_rendered or 0) > 20)
    assert seen.rendered_s is not None
    assert seen.visible_s is None
    assert seen.luma == pytest.approx(0, abs=5)


@pytest.mark.parametrize(("blank_luma", "looks"), [(5.0, "visible"), (20.0, "blank")], ids=["below it", "above it"])
async def test_what_is_blank_is_the_target_s_to_say(
    browser: WarmBrowser, site: Site, blank_luma: float, looks: str
) -> None:
    """A dark picture is visible where the threshold lies below its mean luma, and blank where it does not."""
    body = DESKTOP.replace("showDesktop(v)", "showDesktop(v, {grey: 10, animate: false}).then(blink)").replace(
        "<script>",
        "<script>const blink = (shown) => setInterval(() => shown.fillRect(0, 0, 4, 4), 33);",
    )
    async with seat(browser, blank_luma=blank_luma) as desktop:
        await desktop.open(site.page(body))
        seen = await eventually(desktop.first_frame, lambda seen: (seen.frames_rendered or 0) > 20)
    assert seen.luma == pytest.approx(10, abs=4)
    assert ("blank" if seen.visible_s is None else "visible") == looks


async def test_the_first_visible_frame_is_the_one_that_shows_something(open_page: OpenPage) -> None:
    """A picture that is black for a second is visible a second after its first frame."""
    body = DESKTOP.replace(
        "showDesktop(v)",
        """showDesktop(v, {grey: 0, animate: false}).then((shown) => {
          setInterval(() => shown.fillRect(0, 0, 4, 4), 33);
          v.onplaying = () => setTimeout(() => { shown.fillStyle = "#fff"; shown.fillRect(0, 0, 640, 360); }, 1000);
        })""",
    )
    desktop = await open_page(body)
    seen = await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    assert seen.rendered_s is not None
    assert seen.visible_s is not None
    assert 0.8 < seen.visible_s - seen.rendered_s < 1.5


async def test_a_frozen_picture_shows_no_change_and_an_ageing_frame(open_page: OpenPage) -> None:
    """Once the source stands still samples say unchanged, and the last frame grows old."""
    body = DESKTOP.replace("showDesktop(v)", "showDesktop(v).then((shown) => { window.shown = shown })")
    desktop = await open_page(body)
    await eventually(desktop.sample, lambda sample: sample.changed is True)
    page = desktop._page  # type: ignore[attr-defined]  # the test's own hand inside the page
    await page.evaluate("shown.freeze()")
    await eventually(desktop.sample, lambda sample: sample.changed is False)
    sample = await eventually(desktop.sample, lambda sample: (sample.last_frame_age_s or 0) > 0.5)
    assert sample.longest_gap_s is not None
    assert sample.last_frame_age_s is not None
    assert sample.longest_gap_s >= sample.last_frame_age_s


async def test_a_stream_is_sampled_with_its_counters(open_page: OpenPage) -> None:
    """A running stream has growing counters, a luma once a second, and a path."""
    desktop = await open_page(DESKTOP)
    await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    first = await desktop.sample()
    await asyncio.sleep(1.0)  # the window that is measured, no synchronisation
    last = await desktop.sample()
    assert last.at_s - first.at_s == pytest.approx(1.0, abs=0.3)
    assert first.frames_rendered is not None
    assert last.frames_rendered is not None
    assert last.frames_rendered - first.frames_rendered > 10
    assert (last.packets_received or 0) > (first.packets_received or 0)
    assert last.luma is not None
    assert last.longest_gap_s is not None
    assert 0 < last.longest_gap_s < 1
    path, codec = await desktop.describe_path()
    assert path is not None
    assert (path.local, path.protocol) == ("host", "udp")
    assert codec == "VP8"


async def test_without_video_frames_pixels_are_drawn(open_page: OpenPage) -> None:
    """Pages that have no VideoFrame, as those without TLS, are read through a canvas."""
    desktop = await open_page("<script>delete window.VideoFrame</script>" + DESKTOP)
    seen = await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
    assert seen.luma == pytest.approx(120, abs=8)


async def test_a_page_without_a_desktop_has_nothing_to_tell(open_page: OpenPage) -> None:
    """No video, no peer: absent, not zero."""
    desktop = await open_page("<h1>Maintenance</h1>")
    assert (await desktop.first_frame()).videos == 0
    sample = await desktop.sample()
    assert sample.at_s > 0
    assert sample.frames_rendered is None
    assert sample.luma is None
    assert await desktop.describe_path() == (None, None)
    assert (await desktop.connections()).media() is None
