"""Each fault that a step can meet, as a stage to run on, with the step that it ends and the reason that comes out."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from prober.domain.connection import Connections
from prober.domain.errors import ProberFailed, TargetFailed
from prober.domain.picture import FirstFrame
from prober.domain.reasons import Reason
from prober.domain.session import Phase
from prober.domain.steps import StepName
from prober.domain.stream import StreamSample
from tests.fakes.browser import HANG, FakeDesktop, Script
from tests.fakes.sessions import Change, Operation, Story
from tests.flow.stage import Stage

SOUND = FakeDesktop.connected().peers[0]
CRASH = ProberFailed.because(Reason.BROWSER_CRASHED, "the page crashed")


def unconnected(**changes: Any) -> Connections:
    """Returns connections whose only peer never got connected."""
    peer = replace(SOUND, connection_state="connecting", connected_s=None, ice_connected_s=None, ice_state="checking")
    return Connections(peers=(replace(peer, **changes),))


def failing(operation: Operation, reason: Reason) -> Stage:
    """Returns a stage on which one operation of the cluster is refused."""
    stage = Stage()
    stage.sessions.fail(operation, TargetFailed.because(reason, "refused"))
    return stage


def failing_always(operation: Operation, reason: Reason) -> Stage:
    """Returns a stage on which one operation of the cluster is refused again and again."""
    stage = Stage()
    stage.sessions.fail(operation, TargetFailed.because(reason, "refused"), always=True)
    return stage


def hanging(operation: Operation) -> Stage:
    """Returns a stage on which one operation of the cluster never ends."""
    stage = Stage()
    stage.sessions.hang(operation)
    return stage


def showing(**sample: Any) -> Stage:
    """Returns a stage with a stream that differs from a healthy one in some fields."""

    class Differing(FakeDesktop):
        def healthy_sample(self) -> StreamSample:
            return replace(super().healthy_sample(), **sample)

    return Stage(desktop=Differing())


def page(**script: Any) -> Stage:
    """Returns a stage with a scripted page."""
    return Stage(desktop=FakeDesktop(**script))


def story(*changes: Change) -> Stage:
    """Returns a stage on which the platform does this with a session."""
    return Stage(Story(changes=changes))


Case = tuple[Callable[[], Stage], StepName, Reason]

FAULTS: dict[str, Case] = {
    "API unreachable": (
        lambda: failing("create", Reason.API_UNREACHABLE),
        StepName.CREATE,
        Reason.API_UNREACHABLE,
    ),
    "API refuses the list": (lambda: failing("ours", Reason.RBAC_DENIED), StepName.CREATE, Reason.RBAC_DENIED),
    "no quota": (lambda: failing("create", Reason.QUOTA_EXCEEDED), StepName.CREATE, Reason.QUOTA_EXCEEDED),
    "not admitted": (lambda: failing("create", Reason.ADMISSION_REJECTED), StepName.CREATE, Reason.ADMISSION_REJECTED),
    "API silent": (lambda: hanging("create"), StepName.CREATE, Reason.API_UNREACHABLE),
    "no operator": (story, StepName.RUNNING, Reason.OPERATOR_STALLED),
    "pending": (lambda: story(Change(phase=Phase.PENDING)), StepName.RUNNING, Reason.OPERATOR_STALLED),
    "creating for ever": (lambda: story(Change(phase=Phase.CREATING)), StepName.RUNNING, Reason.RUNNING_TIMEOUT),
    "phase Failed": (
        lambda: story(Change(phase=Phase.FAILED, message="no image")),
        StepName.RUNNING,
        Reason.PHASE_FAILED,
    ),
    "template missing": (
        lambda: story(Change(after_s=1.0, phase=Phase.FAILED, message="VDITemplate kde not found")),
        StepName.RUNNING,
        Reason.TEMPLATE_NOT_FOUND,
    ),
    "watch refused": (lambda: failing("watch", Reason.RBAC_DENIED), StepName.RUNNING, Reason.RBAC_DENIED),
    "no URL": (lambda: story(Change(phase=Phase.RUNNING)), StepName.URL, Reason.URL_MISSING),
    "URL of another kind": (
        lambda: story(Change(phase=Phase.RUNNING, url="http://desk.example.com")),
        StepName.URL,
        Reason.URL_REJECTED,
    ),
    "late URL of another kind": (
        lambda: story(Change(phase=Phase.RUNNING), Change(after_s=2.0, url="http://desk.example.com")),
        StepName.URL,
        Reason.URL_REJECTED,
    ),
    "no name": (
        lambda: Stage(always=TargetFailed.because(Reason.DNS, "no such host")),
        StepName.URL,
        Reason.DNS,
    ),
    "route missing": (lambda: Stage(always=404), StepName.URL, Reason.HTTP_404_ROUTE),
    "server error": (lambda: Stage(always=503), StepName.URL, Reason.HTTP_5XX),
    "no answer": (lambda: Stage(always=HANG), StepName.URL, Reason.FALSE_RUNNING),
    "refused login": (lambda: page(status=401), StepName.LOGIN, Reason.AUTH_REJECTED),
    "gone at login": (lambda: page(status=404), StepName.LOGIN, Reason.HTTP_404_ROUTE),
    "page never loads": (lambda: page(status=HANG), StepName.LOGIN, Reason.FALSE_RUNNING),
    "browser crash at login": (lambda: page(status=CRASH), StepName.LOGIN, Reason.BROWSER_CRASHED),
    "no signalling": (
        lambda: page(connections=Connections),
        StepName.CONNECT,
        Reason.SIGNALLING_NEVER_OPENED,
    ),
    "ICE never completes": (lambda: page(connections=unconnected), StepName.CONNECT, Reason.ICE_FAILED),
    "no candidate": (
        lambda: page(connections=lambda: unconnected(remote_candidates=0)),
        StepName.CONNECT,
        Reason.ICE_NO_CANDIDATES,
    ),
    "no DTLS": (
        lambda: page(connections=lambda: unconnected(ice_connected_s=0.2, ice_state="connected")),
        StepName.CONNECT,
        Reason.DTLS_FAILED,
    ),
    "browser crash at connect": (lambda: page(connections=CRASH), StepName.CONNECT, Reason.BROWSER_CRASHED),
    "no frame": (
        lambda: page(first_frame=lambda: FirstFrame(videos=1)),
        StepName.FIRST_FRAME,
        Reason.NO_FIRST_FRAME,
    ),
    "playback blocked": (
        lambda: page(first_frame=lambda: FirstFrame(videos=1, paused=True, frames_decoded=9)),
        StepName.FIRST_FRAME,
        Reason.PLAYBACK_BLOCKED,
    ),
    "black": (
        lambda: page(first_frame=lambda: FirstFrame(videos=1, rendered_s=0.4, luma=0.0)),
        StepName.FIRST_FRAME,
        Reason.BLACK_FRAMES,
    ),
    "frozen": (lambda: showing(changed=False), StepName.STREAM, Reason.FROZEN),
    "turned black": (lambda: showing(luma=4.0), StepName.STREAM, Reason.BLACK_FRAMES),
    "far away": (lambda: showing(round_trip_s=0.4), StepName.STREAM, Reason.HIGH_RTT),
    "samples never come": (lambda: page(sample=HANG), StepName.STREAM, Reason.DEADLINE_EXCEEDED),
    "path never comes": (lambda: page(path=HANG), StepName.STREAM, Reason.DEADLINE_EXCEEDED),
    "browser crash at stream": (
        lambda: page(sample=Script(StreamSample(at_s=0.0), CRASH)),
        StepName.STREAM,
        Reason.BROWSER_CRASHED,
    ),
    "input dead": (lambda: page(input_latency=None), StepName.INPUT, Reason.INPUT_DEAD),
    "input slow": (lambda: page(input_latency=0.5), StepName.INPUT, Reason.INPUT_SLOW),
    "input never comes": (lambda: page(input_latency=HANG), StepName.INPUT, Reason.DEADLINE_EXCEEDED),
    "delete refused": (lambda: failing("delete", Reason.DELETE_REJECTED), StepName.TERMINATE, Reason.DELETE_REJECTED),
    "delete silent": (lambda: hanging("delete"), StepName.TERMINATE, Reason.API_UNREACHABLE),
    "finalizer stuck": (
        lambda: Stage(Story(gone_after_s=None, finalizers=("vdi.kasm.io/session-cleanup",))),
        StepName.TERMINATE,
        Reason.FINALIZER_STUCK,
    ),
    "never gone": (lambda: Stage(Story(gone_after_s=None)), StepName.TERMINATE, Reason.CLEANUP_TIMEOUT),
    "URL serves on": (lambda: Stage(always=200), StepName.CLEANUP, Reason.URL_STILL_SERVING),
    "children cannot be listed": (
        lambda: failing_always("children", Reason.RBAC_DENIED),
        StepName.CLEANUP,
        Reason.CLEANUP_TIMEOUT,
    ),
    "children never listed": (lambda: hanging("children"), StepName.CLEANUP, Reason.CLEANUP_TIMEOUT),
}
