from dataclasses import replace

import pytest

from prober.domain.client import CLIENTS, Stimulus
from prober.domain.connection import Connections, IceServer, Socket
from prober.domain.outcomes import Outcome
from prober.domain.picture import FirstFrame
from prober.domain.reasons import Reason
from prober.domain.report import NetworkPath
from prober.domain.steps import StepName
from prober.domain.target import StreamPlan
from prober.domain.transport import NetworkPolicy, Transport
from prober.flow.ports.desktop import PageIdentity
from tests.fakes.browser import HANG, FakeDesktop, Script
from tests.flow.faults import SOUND, unconnected
from tests.flow.stage import Stage, names, record_of, target_with

pytestmark = pytest.mark.looptime

DRAWN = Connections(sockets=(Socket(created_s=0.1, opened_s=0.2, binary_messages=60, bytes_received=2_000_000),))
"""A page that draws what a WebSocket brings."""

DIRECT = NetworkPath(local="host", remote="host", protocol="udp")
RELAYED = NetworkPath(local="relay", remote="relay", protocol="udp", relay_protocol="udp")


async def test_the_browser_is_told_the_network_path() -> None:
    """The target's policy reaches the page that is going to connect."""
    stage = Stage(desktop=FakeDesktop(path=(RELAYED, "H264")))
    report = await stage.run(target_with(network=NetworkPolicy.RELAY))
    assert report.outcome is Outcome.SUCCESS
    assert stage.browser.requests[0].network is NetworkPolicy.RELAY
    assert report.webrtc is not None
    assert report.webrtc.path == RELAYED


async def test_a_picture_by_another_transport_is_wrong() -> None:
    """A page that shows a picture by a WebSocket fails a target that expects video, and the report says what it saw."""
    desktop = FakeDesktop(connections=DRAWN)
    report = await Stage(desktop=desktop).run()
    assert report.fault is not None
    assert (report.step, report.fault.reason) == (StepName.CONNECT, Reason.WRONG_TRANSPORT)
    assert report.webrtc is not None
    assert report.webrtc.transport == "websocket"
    assert record_of(report, StepName.CONNECT).duration_s == pytest.approx(15.0)


async def test_a_target_may_expect_another_transport() -> None:
    """What is wrong for one target is right for another."""
    report = await Stage(desktop=FakeDesktop(connections=DRAWN)).run(target_with(transport=Transport.WEBSOCKET))
    assert report.outcome is Outcome.SUCCESS
    assert report.webrtc is not None
    assert report.webrtc.transport == "websocket"


async def test_a_page_that_leaves_its_transport_later_is_wrong_too() -> None:
    """A picture that came by video and comes by a WebSocket at the window's end is no WebRTC any more."""
    closed = replace(SOUND, connection_state="closed", ice_state="closed")
    script = Script(FakeDesktop.connected(), replace(DRAWN, peers=(closed,)))
    report = await Stage(desktop=FakeDesktop(connections=script)).run()
    assert report.fault is not None
    assert (report.step, report.fault.reason) == (StepName.STREAM, Reason.WRONG_TRANSPORT)
    assert report.webrtc is not None
    assert report.webrtc.transport == "websocket"


async def test_a_failed_connect_reports_how_far_it_came() -> None:
    """The sub-timings known so far stand in the report, with the transport that was seen."""
    report = await Stage(desktop=FakeDesktop(connections=unconnected)).run()
    timings = record_of(report, StepName.CONNECT).timings
    assert timings["signalling"] == pytest.approx(0.05)
    assert "dtls" not in timings
    assert report.webrtc is not None
    assert (report.webrtc.transport, report.webrtc.dtls_s) == ("none", None)
    assert report.webrtc.signalling_s == pytest.approx(0.05)


async def test_a_relay_that_lends_nothing_is_blamed_where_only_a_relay_is_asked_for() -> None:
    """The same connection that found no pair is explained by what the target's network allows."""
    server = IceServer(url="turn:turn.example.com:3478", credentials=True)
    lost = unconnected(servers=(server,), policy="relay", local_candidates=0, ice_state="new", checking_s=None)
    report = await Stage(desktop=FakeDesktop(connections=lost)).run(target_with(network=NetworkPolicy.RELAY))
    assert report.fault is not None
    assert report.fault.reason is Reason.TURN_UNREACHABLE


async def test_a_relayed_path_is_no_direct_one() -> None:
    """A target that asks for the direct path fails as soon as the one in use is known."""
    desktop = FakeDesktop(path=(RELAYED, "H264"))
    report = await Stage(desktop=desktop).run(target_with(network=NetworkPolicy.DIRECT))
    assert report.fault is not None
    assert (report.step, report.fault.reason) == (StepName.CONNECT, Reason.ICE_FAILED)
    assert report.webrtc is not None
    assert report.webrtc.path == RELAYED


async def test_a_path_that_changes_is_judged_again() -> None:
    """A connection that falls back to a relay during the window is not direct any more."""
    desktop = FakeDesktop(path=Script((DIRECT, "H264"), (RELAYED, "H264")))
    report = await Stage(desktop=desktop).run(target_with(network=NetworkPolicy.DIRECT))
    assert report.fault is not None
    assert (report.step, report.fault.reason) == (StepName.STREAM, Reason.ICE_FAILED)


async def test_a_path_that_is_not_told_at_once_is_asked_for_later() -> None:
    """The browser gets a second to tell the path; the end of the window has another look at it."""
    desktop = FakeDesktop(path=Script(HANG, (DIRECT, "H264")))
    report = await Stage(desktop=desktop).run(target_with(network=NetworkPolicy.DIRECT))
    assert report.outcome is Outcome.SUCCESS
    assert record_of(report, StepName.CONNECT).duration_s == pytest.approx(1.0)


@pytest.mark.parametrize(
    "path", [pytest.param(None, id="no path"), pytest.param(NetworkPath(protocol="udp"), id="no ends")]
)
async def test_a_path_that_nobody_tells_degrades_a_target_that_asks_for_one(path: NetworkPath | None) -> None:
    """What the browser does not say breaks no rule, and is no proof either: the step says so."""
    report = await Stage(desktop=FakeDesktop(path=(path, None))).run(target_with(network=NetworkPolicy.DIRECT))
    assert (report.outcome, report.degraded) == (Outcome.SUCCESS, ("path_untold",))
    assert record_of(report, StepName.STREAM).notes == ("the browser told no network path, so direct was not verified",)


async def test_a_path_that_nobody_asks_for_need_not_be_told() -> None:
    """A target that takes any path has none to verify."""
    report = await Stage(desktop=FakeDesktop(path=(None, None))).run()
    assert (report.outcome, report.degraded) == (Outcome.SUCCESS, ())


async def test_a_page_that_builds_itself_is_waited_for() -> None:
    """What the client is recognised by may come a moment after the page was loaded."""
    script = Script(*[PageIdentity(recognised=False)] * 20, PageIdentity(recognised=True, title="Selkies"))
    report = await Stage(desktop=FakeDesktop(identity=script)).run()
    assert report.outcome is Outcome.SUCCESS
    assert record_of(report, StepName.LOGIN).duration_s == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("title", "words"),
    [
        pytest.param("Sign in to vdi", "a page titled 'Sign in to vdi' stands in front", id="titled"),
        pytest.param("", "a page without a title stands in front", id="untitled"),
    ],
)
async def test_a_page_of_somebody_else_stands_in_front(title: str, words: str) -> None:
    """A portal or a login form instead of the desktop is named by its title within login's budget."""
    desktop = FakeDesktop(identity=PageIdentity(recognised=False, title=title))
    report = await Stage(desktop=desktop).run(target_with(client=CLIENTS["selkies"]))
    assert names(report)[3] is StepName.LOGIN
    assert report.fault is not None
    assert (report.step, report.fault.reason) == (StepName.LOGIN, Reason.AUTH_FORM_CHANGED)
    assert words in report.fault.summary
    assert "client selkies" in report.fault.summary
    assert record_of(report, StepName.LOGIN).duration_s == pytest.approx(30.0)


async def test_a_browser_that_does_not_say_what_it_loaded_is_ours() -> None:
    """A page that was loaded and never looked at proves nothing against the desktop."""
    report = await Stage(desktop=FakeDesktop(identity=HANG)).run()
    assert report.outcome is Outcome.ERROR
    assert report.fault is not None
    assert (report.step, report.fault.reason) == (StepName.LOGIN, Reason.DEADLINE_EXCEEDED)


async def test_a_button_that_was_clicked_is_noted() -> None:
    """Whether a button stood between a user and the picture differs from run to run, and the report says so."""
    desktop = FakeDesktop(first_frame=FirstFrame(visible_s=0.4, clicked=("#playButton",)))
    report = await Stage(desktop=desktop).run()
    assert record_of(report, StepName.FIRST_FRAME).notes == ("clicked #playButton",)


async def test_a_page_may_connect_on_a_click_only() -> None:
    """The client's buttons are pressed while the connection is waited for, not only once it is there."""
    desktop: FakeDesktop = FakeDesktop(
        connections=lambda: FakeDesktop.connected() if "press_buttons" in desktop.calls else Connections()
    )
    report = await Stage(desktop=desktop).run()
    assert report.outcome is Outcome.SUCCESS


SINGLE = FirstFrame(frames_rendered=0, frames_decoded=1, paused=False, videos=1)
"""A frame came, and the browser keeps it until there is another one."""


async def test_an_idle_desktop_is_moved_for_its_second_frame() -> None:
    """A desktop that draws on input only shows its picture once the pointer moves."""
    shown = FirstFrame(rendered_s=0.4, visible_s=0.4, luma=90.0, frames_rendered=1, frames_decoded=2, videos=1)
    desktop: FakeDesktop = FakeDesktop(first_frame=lambda: shown if desktop.stimuli else SINGLE)
    report = await Stage(desktop=desktop).run()
    assert report.outcome is Outcome.SUCCESS
    assert desktop.stimuli[0] is Stimulus.POINTER


async def test_where_nothing_may_be_moved_nothing_is() -> None:
    """A target without a stimulus waits for its second frame."""
    desktop = FakeDesktop(first_frame=SINGLE)
    report = await Stage(desktop=desktop).run(target_with(stream=StreamPlan(stimulus=Stimulus.NONE)))
    assert report.fault is not None
    assert report.fault.reason is Reason.NO_FIRST_FRAME
    assert desktop.stimuli == []
