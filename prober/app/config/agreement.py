"""Wishes of one target that exclude one another."""

from collections.abc import Iterator

from prober.app.config.driving import only_points
from prober.app.config.problems import Finding, KeyPath
from prober.domain.client import Stimulus
from prober.domain.target import Target
from prober.domain.transport import NetworkPolicy, Transport


def check_agreement(target: Target, *, path: KeyPath) -> list[Finding]:
    """Returns what one wish of a target makes impossible in another.

    Args:
        target: The target.
        path: Where the target stands in the file.
    """
    checks = (_network, _audio, _outage, _typing)
    return [finding for check in checks for finding in check(target, path=path)]


def _network(target: Target, *, path: KeyPath) -> Iterator[Finding]:
    if target.transport is Transport.WEBSOCKET and target.network is not NetworkPolicy.ANY:
        problem = f"{target.network} is a path of WebRTC, and expect.transport is {target.transport}"
        yield Finding(path=(*path, "network", "path"), problem=problem, mend="write any, or expect WebRTC")


def _audio(target: Target, *, path: KeyPath) -> Iterator[Finding]:
    if target.transport is Transport.WEBSOCKET and target.checks.audio:
        problem = f"can be checked of WebRTC only, and expect.transport is {target.transport}"
        yield Finding(path=(*path, "checks", "audio"), problem=problem, mend="write false, or expect WebRTC")


def _outage(target: Target, *, path: KeyPath) -> Iterator[Finding]:
    """Refuses an outage that proves nothing.

    A WebSocket stalls with what it carries and goes on afterwards: nobody has to reconnect. The last frame stays
    visible, so without a stimulus a desktop that is gone looks like one with nothing to draw.
    """
    if not target.checks.needs_outages:
        return
    by = (*path, "checks", "reconnect", "by")
    if target.transport is Transport.WEBSOCKET:
        problem = f"network proves nothing while expect.transport is {target.transport}, which outlives an outage"
        yield Finding(path=by, problem=problem, mend="write reload, or expect WebRTC")
    if not target.stream.stimulated:
        problem = "network proves nothing without a stimulus, since an idle desktop may draw no further frame"
        yield Finding(path=by, problem=problem, mend="write reload, or give stream.stimulus another value than none")


def _typing(target: Target, *, path: KeyPath) -> Iterator[Finding]:
    if target.input is not None:
        return
    stimulus = (*path, "stream", "stimulus")
    if target.stream.stimulus is Stimulus.TYPING:
        problem = "typing is input, which the target forbids"
        yield Finding(path=stimulus, problem=problem, mend="write pointer, or allow input")
    if target.stream.stimulus is Stimulus.CLIENT and not only_points(target.client):
        problem = "the client's own way is more than a moving pointer, and the target forbids input"
        yield Finding(path=stimulus, problem=problem, mend="write pointer, or allow input")
