"""Wishes of one target that exclude one another."""

from collections.abc import Iterator

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
    """Refuses an outage that could not be told from a desktop with nothing to draw: the last frame stays visible."""
    if target.checks.needs_outages and not target.stream.stimulated:
        problem = "network proves nothing without a stimulus, since an idle desktop may draw no further frame"
        mend = "write reload, or give stream.stimulus another value than none"
        yield Finding(path=(*path, "checks", "reconnect", "by"), problem=problem, mend=mend)


def _typing(target: Target, *, path: KeyPath) -> Iterator[Finding]:
    if target.input is None and target.stream.stimulus is Stimulus.TYPING:
        problem = "typing is input, which the target forbids"
        yield Finding(path=(*path, "stream", "stimulus"), problem=problem, mend="write pointer, or allow input")
