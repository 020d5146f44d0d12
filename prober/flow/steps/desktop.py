"""The steps in the browser: log in, connect, see a picture."""

import asyncio
from dataclasses import replace

from prober.domain.connection import Connections, explain_unconnected
from prober.domain.connection import timings as connecting_timings
from prober.domain.errors import Fault, TargetFailed, failed
from prober.domain.exposure import login_fault
from prober.domain.picture import FirstFrame, explain_no_picture
from prober.domain.reasons import Reason
from prober.domain.report import WebrtcSummary
from prober.flow.ports import Desktop

LOOK_EVERY_S = 0.1
"""Distance of looks at the page, in seconds; the times themselves are taken in the page, so this bounds no
precision."""

VIDEO_TRANSPORT = "webrtc_video"
"""The transport of a desktop that is a video track."""


async def log_in(desktop: Desktop, url: str, *, budget_s: float) -> dict[str, float]:
    """Loads the page with the target's credentials, and returns what that took, in seconds by name.

    Raises:
        TargetFailed: `auth_rejected` where the desktop refuses us, else the reason for which no page came.
    """
    try:
        async with asyncio.timeout(budget_s):
            status = await desktop.open(url)
            timings = await desktop.load_timings()
    except TimeoutError:
        summary = f"the page did not load within {budget_s:g} s"
        raise TargetFailed.because(Reason.FALSE_RUNNING, summary) from None
    fault = login_fault(status)
    if fault is not None:
        raise failed(fault)
    return timings


async def wait_connected(desktop: Desktop, *, budget_s: float) -> Connections:
    """Waits until the video's peer connection is connected.

    A connection that failed is waited for too: clients reconnect, and so would a user wait.

    Raises:
        TargetFailed: The stage at which connecting stopped.
        ProberFailed: `deadline_exceeded` when our own browser never said.
    """
    seen: Connections | None = None
    try:
        async with asyncio.timeout(budget_s):
            while True:
                seen = await desktop.connections()
                if seen.connected():
                    return seen
                await asyncio.sleep(LOOK_EVERY_S)
    except TimeoutError:
        raise failed(_silent(budget_s) if seen is None else explain_unconnected(seen)) from None


def connected_summary(summary: WebrtcSummary, connections: Connections) -> WebrtcSummary:
    """Adds to the WebRTC summary what connecting took."""
    spans = connecting_timings(connections)
    return replace(
        summary,
        transport=VIDEO_TRANSPORT,
        signalling_s=spans.get("signalling"),
        ice_connect_s=spans.get("checking"),
        dtls_s=spans.get("dtls"),
    )


async def wait_first_frame(desktop: Desktop, *, budget_s: float) -> FirstFrame:
    """Waits until a frame that is not blank was rendered.

    Raises:
        TargetFailed: `playback_blocked`, `black_frames` or `no_first_frame`.
        ProberFailed: `deadline_exceeded` when our own browser never said.
    """
    look: FirstFrame | None = None
    try:
        async with asyncio.timeout(budget_s):
            while True:
                look = await desktop.first_frame()
                if look.visible_s is not None:
                    return look
                await asyncio.sleep(LOOK_EVERY_S)
    except TimeoutError:
        raise failed(_silent(budget_s) if look is None else explain_no_picture(look, budget_s=budget_s)) from None


def _silent(budget_s: float) -> Fault:
    return Fault(reason=Reason.DEADLINE_EXCEEDED, summary=f"the browser told nothing of its page for {budget_s:g} s")
