"""The step that waits for the connection by which the picture comes."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace

from prober.domain.carried import is_established, judge_transport, transport_of
from prober.domain.connecting import explain_unconnected
from prober.domain.connection import Connections, timings
from prober.domain.errors import failed
from prober.domain.ice import judge_path
from prober.domain.opened import opened
from prober.domain.report import NetworkPath, WebrtcSummary
from prober.domain.target import Target
from prober.domain.transport import NetworkPolicy
from prober.flow.ports import Desktop
from prober.flow.steps.looking import look_until

PATH_S = 1.0
"""How long the browser may take to tell the network path, in seconds; it is asked again when the window is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """What became of connecting: what the page set up, with the network path where one was asked for."""

    connections: Connections
    path: NetworkPath | None = None


async def wait_connected(desktop: Desktop, *, target: Target) -> Connected:
    """Waits until the picture may come as it is expected to.

    A connection that failed is waited for too, and a transport that was not expected: clients reconnect and change
    their minds, and so would a user wait.

    Returns:
        What there was at the end, whether that is a connection or not.

    Raises:
        ProberFailed: `deadline_exceeded` when our own browser never said.
    """
    connections = await look_until(
        lambda: _look_at_connections(desktop),
        done=lambda seen: is_established(seen, target.transport),
        budget_s=target.budgets.connect,
    )
    path: NetworkPath | None = None
    if target.network is not NetworkPolicy.ANY:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATH_S):
                path, _ = await desktop.describe_path()
    return Connected(connections=connections, path=path)


async def _look_at_connections(desktop: Desktop) -> Connections:
    """Presses the buttons that are there, since some pages connect on a click, then looks what became of it.

    Raises:
        ProberFailed: What the browser met.
    """
    await desktop.press_buttons()
    return await desktop.connections()


def connected_summary(summary: WebrtcSummary, connected: Connected) -> WebrtcSummary:
    """Adds to the WebRTC summary what connecting took, and how the picture comes."""
    spans = timings(connected.connections)
    return replace(
        summary,
        transport=transport_of(connected.connections).value,
        signalling_s=spans.get("signalling"),
        ice_connect_s=spans.get("checking"),
        dtls_s=spans.get("dtls"),
        path=connected.path,
        opened=opened(connected.connections),
    )


def check_connected(connected: Connected, *, target: Target) -> None:
    """Sees that connecting came to what was expected.

    Raises:
        TargetFailed: The stage at which connecting stopped, or why its path is none that the target allows.
    """
    connections, expected = connected.connections, target.transport
    if not is_established(connections, expected):
        raise failed(explain_unconnected(connections, expected=expected, network=target.network))
    _check_path(connected.path, target=target)


def check_carried(connections: Connections, *, path: NetworkPath | None, target: Target) -> None:
    """Sees that the picture comes as it is expected to: a page may leave its transport or its path at any time.

    Raises:
        TargetFailed: `wrong_transport`, or why the path is none that the target allows.
    """
    fault = judge_transport(connections, target.transport)
    if fault is not None:
        raise failed(fault)
    _check_path(path, target=target)


def check_still_established(connections: Connections, *, target: Target) -> None:
    """Sees that the picture can still come at the window's end: a judgement of what came before does not tell.

    Raises:
        TargetFailed: Why it can no longer come.
    """
    if not is_established(connections, target.transport):
        raise failed(explain_unconnected(connections, expected=target.transport, network=target.network))


def _check_path(path: NetworkPath | None, *, target: Target) -> None:
    """A path that the browser does not tell is none that could be judged."""
    fault = None if path is None else judge_path(path, target.network)
    if fault is not None:
        raise failed(fault)
