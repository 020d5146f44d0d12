"""What every test is held to: no leaked task, no leaked process, no silent skip of a heavy part in CI.

A test of a heavy real part gets a second try, since such parts miss their times now and then on a machine that is
shared; each is told at the end of the run, and a run with more than a few of them fails.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import cache

import psutil
import pytest
from blockbuster import BlockBuster, blockbuster_ctx

from prober.adapters.browser import find_executable
from prober.lab.selkies.programs import MissingProgramsError, find_programs
from tests.cluster import daemon, parts

pytest.register_assert_rewrite("tests.contracts")
pytest_plugins = ("tests.cluster.fixtures",)


MOST_TRIED_AGAIN = 12
"""Tests that may need a second try in one run; of some 1000 with heavy parts a busy machine was seen to fail 6."""


@cache
def _has_selkies() -> bool:
    """Whether its programs are there, with the libraries of the system that its encoders are linked to."""
    try:
        find_programs()
    except MissingProgramsError:
        return False
    return (
        subprocess.run([sys.executable, "-c", "import pcmflux, pixelflux"], check=False, capture_output=True).returncode
        == 0
    )


_PARTS: Mapping[str, tuple[Callable[[], object], Callable[[], str]]] = {
    "browser": (
        lambda: find_executable(os.environ),
        lambda: "no browser: `make test` installs one, or name an executable with PROBER_BROWSER",
    ),
    "cluster": (lambda: parts.foreign_kubeconfig() or parts.has_control_plane(), parts.advice),
    "selkies": (_has_selkies, lambda: "no Selkies or no X server: `make test` installs both, where it can"),
    "turn": (
        lambda: shutil.which("turnserver"),
        lambda: "no coturn: `make test` installs it, or install it from the system's packages",
    ),
    "operator": (
        lambda: parts.find("operator-types"),
        lambda: "no operator-types: `make test` builds it, with Go",
    ),
    "node": (
        parts.has_node,
        lambda: "no kubelet to start: `make test-cluster` builds all, as root on a Debian-like system with Go",
    ),
    "image": (
        parts.image.is_file,
        lambda: f"no image at {parts.image}: `make test-cluster` builds it, or `.ci/image`",
    ),
    "kubectl": (
        lambda: shutil.which("kubectl"),
        lambda: "no kubectl: install it from the system's packages or kubernetes.io",
    ),
    "prometheus": (
        lambda: all(map(shutil.which, ("prometheus", "promtool", "prometheus-alertmanager", "amtool"))),
        lambda: "no Prometheus: `make test` installs it, or install prometheus and prometheus-alertmanager",
    ),
}
"""For each marker of a heavy part: how to find the part, and how to get it."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips a test whose heavy part is missing; in CI that is a failure."""
    for name, (find, advice) in _PARTS.items():
        if item.get_closest_marker(name) is None or find():
            continue
        if os.environ.get("CI"):
            pytest.fail(f"{advice()} (in CI a missing part is a failure)", pytrace=False)
        pytest.skip(advice())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Shows what tests of the real parts found, which pytest swallows where they pass."""
    for line in config.stash.get(parts.FINDINGS, []):
        terminalreporter.write_line(line)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuses a test whose docstring does not say the behaviour; gives those of heavy parts a second try."""
    mute = [item.nodeid for item in items if isinstance(item, pytest.Function) and not item.function.__doc__]
    if mute:
        raise pytest.UsageError(f"tests without a docstring: {', '.join(mute)}")
    for item in items:
        if any(item.get_closest_marker(name) for name in _PARTS):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fails a run in which more tests needed a second try than a busy machine explains."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    tried_again = [] if reporter is None else reporter.stats.get("rerun", [])
    if len(tried_again) > MOST_TRIED_AGAIN and session.exitstatus == pytest.ExitCode.OK:
        session.config.stash.setdefault(parts.FINDINGS, []).append(
            f"{len(tried_again)} tests needed a second try, {MOST_TRIED_AGAIN} may: the run fails"
        )
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
async def no_leaked_tasks() -> AsyncIterator[None]:
    """Fails a test that leaves a task running."""
    before = asyncio.all_tasks()
    yield
    leaked = [task for task in asyncio.all_tasks() - before if task is not asyncio.current_task() and not task.done()]
    assert not leaked, f"tasks left running: {leaked}"


@pytest.fixture(autouse=True)
def no_blocking_calls() -> Iterator[BlockBuster]:
    """Makes a blocking call of our code inside the event loop an error."""
    with blockbuster_ctx("prober") as guard:
        yield guard


@pytest.fixture(autouse=True, scope="module")
def no_leaked_processes() -> Iterator[None]:
    """Fails a module that leaves a process running, zombies included."""
    us = psutil.Process()
    before = set(us.children(recursive=True))
    yield
    left = [child for child in us.children(recursive=True) if child not in before and child.pid not in daemon.STARTED]
    _, alive = psutil.wait_procs(left, timeout=5)
    assert not alive, f"processes left running: {alive}"
