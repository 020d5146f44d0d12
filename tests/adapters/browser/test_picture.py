"""Which element of a page is the desktop's picture, and whether a user can see it."""

import pytest

from prober.adapters.browser import WarmBrowser
from prober.domain.client import Client
from prober.domain.picture import FirstFrame
from prober.domain.thresholds import Thresholds
from prober.domain.transport import NetworkPolicy
from prober.flow.ports import Desktop, Login
from tests.adapters.browser.conftest import OpenPage
from tests.adapters.browser.seats import seat
from tests.adapters.browser.site import Site, evaluate, eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

VIDEO = "<video id=v width=640 height=360 muted autoplay></video><script>showDesktop(v)</script>"
HIDDEN = {
    "display": "<div style='display: none'>VIDEO</div>",
    "visibility": "<div style='visibility: hidden'>VIDEO</div>",
    "opacity": "<div style='opacity: 0'>VIDEO</div>",
    "outside the viewport": "<div style='position: fixed; left: -2000px'>VIDEO</div>",
    "clipped away": "<div style='width: 0; height: 0; overflow: hidden'>VIDEO</div>",
    "without size": "<style>video { width: 0; height: 0 }</style>VIDEO",
    "a dot": "<style>video { width: 2px; height: 2px }</style>VIDEO",
}


async def shown(desktop: Desktop) -> FirstFrame:
    """Waits for the first visible frame."""
    return await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)


@pytest.mark.parametrize("where", HIDDEN.values(), ids=HIDDEN.keys())
async def test_a_video_that_nobody_can_see_is_hidden(open_page: OpenPage, where: str) -> None:
    """Frames decode, and even are announced, and none of them counts."""
    desktop = await open_page(where.replace("VIDEO", VIDEO))
    seen = await eventually(desktop.first_frame, lambda seen: (seen.frames_decoded or 0) > 10)
    assert seen.hidden
    assert seen.videos == 1
    assert (seen.frames_rendered, seen.rendered_s, seen.visible_s, seen.luma) == (0, None, None, None)
    sample = await desktop.sample()
    assert (sample.luma, sample.last_frame_age_s) == (None, None)


async def test_a_video_that_is_shown_late_counts_from_then(open_page: OpenPage) -> None:
    """What was decoded before is not rendered: the first frame is the first one on the screen."""
    desktop = await open_page(HIDDEN["display"].replace("VIDEO", VIDEO).replace("<div", "<div id=box"))
    await eventually(desktop.first_frame, lambda seen: (seen.frames_decoded or 0) > 20)
    at_s = (await desktop.sample()).at_s
    await evaluate(desktop, "box.style.display = 'block'")
    seen = await shown(desktop)
    assert seen.hidden is False
    assert seen.rendered_s is not None
    assert 0 < seen.rendered_s - at_s < 1


async def test_a_video_that_is_played_late_counts_from_then(open_page: OpenPage) -> None:
    """Chromium announces the frames of a video that was never played, and could be made to give away their pixels."""
    desktop = await open_page("<video id=v width=640 height=360 muted></video><script>showDesktop(v)</script>")
    seen = await eventually(desktop.first_frame, lambda seen: (seen.frames_decoded or 0) > 20)
    assert (seen.paused, seen.hidden, seen.frames_rendered) == (True, False, 0)
    assert (seen.rendered_s, seen.visible_s, seen.luma) == (None, None, None)
    at_s = (await desktop.sample()).at_s
    await evaluate(desktop, "v.play()")
    seen = await shown(desktop)
    assert seen.paused is False
    assert seen.rendered_s is not None
    assert 0 < seen.rendered_s - at_s < 1
    await evaluate(desktop, "v.pause()")
    sample = await eventually(desktop.sample, lambda sample: (sample.last_frame_age_s or 0) > 0.5)
    assert sample.paused


STILL = """<canvas id=c width=640 height=360 style='display: none'></canvas>
<video id=v width=640 height=360 muted></video><script>
  const context = c.getContext("2d");
  const stream = c.captureStream(0);
  v.srcObject = stream;
  let drawn = 0;
  const timer = setInterval(() => {
    context.fillStyle = ["#c0c0c0", "#d0d0d0"][drawn % 2];
    context.fillRect(0, 0, 640, 360);
    stream.getVideoTracks()[0].requestFrame();
    drawn += 1;
    if (drawn === 5) clearInterval(timer);
  }, 50);
</script>"""
"""A video that gets a few frames before it plays, and none afterwards."""


async def test_a_frame_that_came_before_it_was_played_is_shown_then(open_page: OpenPage) -> None:
    """It is announced while the element is paused, and is on the screen from the moment when it plays."""
    desktop = await open_page(STILL)

    async def drawn() -> int:
        return int(await evaluate(desktop, "drawn"))

    await eventually(drawn, lambda drawn: drawn == 5)
    seen = await desktop.first_frame()
    assert (seen.paused, seen.frames_rendered, seen.rendered_s) == (True, 0, None)
    at_ms = await evaluate(desktop, "{ const at = performance.now(); v.play(); at }")
    seen = await shown(desktop)
    assert seen.frames_rendered == 1
    assert seen.rendered_s == seen.visible_s
    assert seen.visible_s is not None
    assert 0 <= seen.visible_s - at_ms / 1000 < 1
    assert seen.luma == pytest.approx(0xC0, abs=3)


async def test_what_is_covered_is_not_hidden(open_page: OpenPage) -> None:
    """A layer over the picture, as clients lay one to catch input, hides nothing."""
    layer = "<div style='position: fixed; inset: 0; background: rgb(0 0 0 / 1%)'></div>"
    seen = await shown(await open_page(VIDEO + layer))
    assert seen.hidden is False


async def test_the_part_that_can_be_seen_decides(open_page: OpenPage) -> None:
    """Of a large video in a small box that scrolls, and a video half as large, the latter takes more of the screen."""
    body = """<div style="width: 200px; height: 200px; overflow: hidden"><video id=a width=1000 height=600 muted
      autoplay></video></div><video id=b width=500 height=300 muted autoplay></video>
      <script>showDesktop(a, {size: [320, 180]}); showDesktop(b)</script>"""
    desktop = await open_page(body)
    sample = await eventually(desktop.sample, lambda sample: (sample.frames_rendered or 0) > 3)
    assert (sample.width, sample.height) == (640, 360)


@pytest.mark.parametrize("style", ["visibility: hidden", "opacity: 0", "display: none"])
async def test_an_iframe_that_nobody_can_see_hides_its_video(stranger: Site, open_page: OpenPage, style: str) -> None:
    """The page around, of another origin even, decides on what it shows; display: none leaves no frame to count."""
    desktop = await open_page(f"<iframe src={stranger.page(VIDEO)} width=700 height=400 style='{style}'></iframe>")
    seen = await eventually(desktop.first_frame, lambda seen: (seen.frames_decoded or 0) > 10)
    assert seen.hidden
    assert (seen.frames_rendered, seen.rendered_s, seen.visible_s) == (0, None, None)


async def test_nested_iframes_of_other_origins_show_their_video(
    site: Site, stranger: Site, open_page: OpenPage
) -> None:
    """A picture two frames deep is found, timed and sampled."""
    inner = stranger.page(f"<iframe src={site.page(VIDEO)} width=700 height=400></iframe>")
    desktop = await open_page(f"<iframe src={inner} width=800 height=500></iframe>")
    seen = await shown(desktop)
    assert (seen.hidden, seen.videos) == (False, 1)
    sample = await eventually(desktop.sample, lambda sample: (sample.frames_rendered or 0) > 10)
    assert (sample.width, sample.height) == (640, 360)


async def test_an_iframe_that_reaches_beyond_the_viewport_counts_by_its_part(
    stranger: Site, open_page: OpenPage
) -> None:
    """A larger video in an iframe of which a strip can be seen is not the desktop; a smaller one in full is."""
    inner = stranger.page("<video id=v width=1000 height=600 muted autoplay></video><script>showDesktop(v)</script>")
    body = f"""<video id=own width=320 height=180 muted autoplay></video>
      <script>showDesktop(own, {{size: [320, 180]}})</script>
      <iframe src={inner} width=1000 height=600 style="position: fixed; top: 700px"></iframe>"""
    desktop = await open_page(body)
    await eventually(desktop.first_frame, lambda seen: seen.videos == 2)
    await eventually(desktop.sample, lambda sample: sample.width == 320 and (sample.frames_rendered or 0) > 5)


async def test_a_video_that_moves_is_still_followed(open_page: OpenPage) -> None:
    """Taken out, put back, into a shadow root, into another document: it is found where it is."""
    body = VIDEO + "<div id=host></div><iframe id=f width=700 height=400></iframe>"
    desktop = await open_page(body)
    await shown(desktop)
    await evaluate(desktop, "window.video = v; video.remove()")
    assert (await desktop.first_frame()).videos == 0
    for place in ["document.body", "host.attachShadow({mode: 'closed'})", "f.contentDocument.body"]:
        before = (await desktop.sample()).frames_rendered or 0
        await evaluate(desktop, f"{place}.append(video); video.play()")
        seen = await eventually(desktop.sample, lambda sample, least=before: (sample.frames_rendered or 0) > least)  # type: ignore[misc]  # a lambda's default
        assert seen.width == 640
        assert (await desktop.first_frame()).videos == 1


async def test_a_video_that_never_had_a_source_is_no_picture_beside_one_that_has(open_page: OpenPage) -> None:
    """Clients keep elements for modes that they are not in."""
    desktop = await open_page(f"<div><video width=700 height=330></video></div>{VIDEO}")
    assert (await shown(desktop)).videos == 2


@pytest.mark.parametrize(
    ("body", "selector"),
    [
        ("<div id=desk>SMALL</div>LARGE", "#desk"),
        ("<div id=desk><div id=host></div></div>LARGE", "#desk"),
        ("<iframe id=desk srcdoc='<video></video>' width=320 height=180></iframe>LARGE", "#desk"),
        ("SMALL LARGE", "#small"),
    ],
    ids=["a container", "a shadow root in it", "an iframe", "the element"],
)
async def test_the_element_that_the_client_names_is_the_picture(
    browser: WarmBrowser, site: Site, body: str, selector: str
) -> None:
    """A larger video elsewhere does not count then."""
    small = "<video id=small width=320 height=180 muted autoplay></video>"
    large = "<video id=large width=800 height=450 muted autoplay></video>"
    script = """<script>
      showDesktop(large);
      onload = () => {
        const inner = document.querySelector("iframe")?.contentDocument.querySelector("video");
        const root = window.host?.attachShadow({mode: "closed"});
        if (root) root.innerHTML = "<video width=320 height=180></video>";
        const video = window.small ?? root?.firstChild ?? inner;
        Object.assign(video, {muted: true, autoplay: true});
        showDesktop(video, {size: [320, 180]});
      };
    </script>"""
    url = site.page(body.replace("SMALL", small).replace("LARGE", large) + script)
    client = Client(name="own", element=selector)
    async with browser.desktop(
        client=client,
        login=Login(),
        verify_tls=True,
        blank_luma=Thresholds().blank_luma,
        network=NetworkPolicy.ANY,
    ) as desktop:
        await desktop.open(url)
        seen = await shown(desktop)
        assert seen.videos == 2
        sample = await eventually(desktop.sample, lambda sample: (sample.frames_rendered or 0) > 5)
        assert (sample.width, sample.height) == (320, 180)


async def test_pixels_are_read_once_a_second(open_page: OpenPage) -> None:
    """However often samples are taken after the first visible frame, the picture is seldom looked at."""
    counting = """<script>
      window.reads = 0;
      window.VideoFrame = class extends VideoFrame { constructor(...args) { super(...args); reads += 1; } };
    </script>"""
    desktop = await open_page(counting + VIDEO)
    await shown(desktop)
    before = await evaluate(desktop, "reads")
    first = await desktop.sample()
    samples = [first]
    while samples[-1].at_s < first.at_s + 2.5:
        samples.append(await desktop.sample())
    reads = await evaluate(desktop, "reads") - before
    assert len(samples) > 8
    assert 2 <= reads <= 4
    assert sum(sample.luma is not None for sample in samples) <= reads


async def test_a_coarse_look_is_the_picture_in_small(open_page: OpenPage) -> None:
    """Sixteen times nine cells have the luma of their part of the picture; without a picture there is no look."""
    body = VIDEO.replace("showDesktop(v)", "showDesktop(v, {animate: false}).then(halve)").replace(
        "<script>",
        """<script>const halve = (shown) => setInterval(() => {
          shown.fillStyle = "#fff"; shown.fillRect(0, 0, 320, 360);
        }, 33);""",
    )
    desktop = await open_page(body)
    sample = await eventually(desktop.sample, lambda sample: (sample.luma or 0) > 150)
    assert sample.luma == pytest.approx((255 + 120) / 2, abs=8)
    look = await desktop.look()
    assert look is not None
    assert (look.columns, look.rows, len(look.cells)) == (16, 9, 144)
    for row in range(9):
        cells = look.cells[row * 16 : row * 16 + 16]
        assert cells[:7] == pytest.approx([255] * 7, abs=12)
        assert cells[9:] == pytest.approx([120] * 7, abs=12)
    await evaluate(desktop, "v.remove()")
    assert await desktop.look() is None


async def test_pictures_outside_the_named_element_are_counted(browser: WarmBrowser, site: Site) -> None:
    """A selector that is out of date leaves a page that plays, and none of its pictures is the one that is meant."""
    async with seat(browser, client=Client(name="old", element="#gone")) as desktop:
        await desktop.open(
            site.page("<video id=v width=640 height=360 muted autoplay></video><script>showDesktop(v)</script>")
        )
        seen = await eventually(desktop.first_frame, lambda seen: bool(seen.frames_decoded))
    assert (seen.videos, seen.meant, seen.rendered_s) == (1, 0, None)
