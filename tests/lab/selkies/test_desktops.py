"""Real desktops: their programs come, go, and leave nothing."""

import asyncio
import os
import signal
import stat
import sys
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import aiohttp
import psutil
import pytest

from prober.lab.desktop.access import Credentials
from prober.lab.desktop.behaviour import Behaviour
from prober.lab.operator.lifecycle import DesktopError
from prober.lab.operator.session import Session
from prober.lab.selkies import desktop
from prober.lab.selkies.host import SelkiesHost
from prober.lab.selkies.programs import Programs, find_programs
from prober.lab.turn.relay import Relay

pytestmark = pytest.mark.selkies

CREDENTIALS = Credentials(username="probe", password="s3cret")
AUTHORIZED = {"Authorization": aiohttp.encode_basic_auth("probe", "s3cret")}
UNREADY = """
import socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.bind(sys.argv[sys.argv.index("--unix-socket") + 1])
    server.listen()
    while True:
        with server.accept()[0] as visitor:
            visitor.recv(65536)
            visitor.sendall(b"HTTP/1.1 503 Not Yet\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n")
"""
"""A Selkies that is never ready."""

SCREENS = Path("/tmp/.X11-unix")  # noqa: S108 - where every X server puts its socket


def session(uid: str, *, user: str = "one@example.com") -> Session:
    """A session of a user."""
    return Session(namespace="vdi", name=f"s-{uid}", uid=uid, user=user, template="ubuntu-desktop", timeout_s=60)


def programs_in(directory: Path) -> list[psutil.Process]:
    """The processes that work in a directory or below."""
    found = []
    for process in psutil.process_iter(["cwd"]):
        cwd = process.info["cwd"]
        if cwd is not None and Path(cwd).is_relative_to(directory):
            found.append(process)
    return found


def named(processes: list[psutil.Process], name: str) -> psutil.Process:
    """The process of that name."""
    (found,) = (process for process in processes if process.name() == name)
    return found


def runs(process: psutil.Process) -> bool:
    """Whether a process runs; one that ended may stay listed where nobody asks for its exit code."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def starting(directory: Path) -> list[psutil.Process]:
    """Waits until a desktop is on its way up; returns what runs by then."""
    deadline = time.monotonic() + 10
    while "selkies" not in {Path(word).name for process in programs_in(directory) for word in words(process)}:
        assert time.monotonic() < deadline, "no desktop starts"
        await asyncio.sleep(0.02)  # nothing announces it
    return programs_in(directory)


def words(process: psutil.Process) -> list[str]:
    """How a process was started; nothing of one that is gone."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


async def gone(processes: list[psutil.Process], *paths: Path) -> None:
    """Waits until processes and files are gone."""
    deadline = time.monotonic() + 10
    while any(runs(process) for process in processes) or any(path.exists() for path in paths):
        assert time.monotonic() < deadline, f"still there: {processes} {paths}"
        await asyncio.sleep(0.05)  # nothing announces it


def homes(directory: Path) -> list[Path]:
    """The directories of the desktops that there are."""
    return list(directory.iterdir())


def listening(process: psutil.Process) -> list[object]:
    """Where a process can be reached by the network."""
    return [connection for connection in process.net_connections(kind="tcp") if connection.status == "LISTEN"]


def socket_of(screen: psutil.Process) -> Path:
    """Where an X server listens."""
    names = {Path(str(connection.laddr)) for connection in screen.net_connections(kind="unix")}
    (path,) = (name for name in names if name.parent == SCREENS)
    return path


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Where the desktops' directories are."""
    return tmp_path / "desktops"


@pytest.fixture
def programs() -> Programs:
    """Where the programs are."""
    return find_programs()


@pytest.fixture
def unready(programs: Programs, tmp_path: Path) -> Programs:
    """Programs that run, but whose web server never gets further than an excuse."""
    path = tmp_path / "selkies"
    path.write_text(f"#!{sys.executable}\n{UNREADY}")
    path.chmod(0o700)
    return replace(programs, selkies=str(path))


@pytest.fixture
async def host(directory: Path, programs: Programs) -> AsyncIterator[SelkiesHost]:
    """A host without desktops."""
    async with (
        Relay(directory=directory.parent / "turn") as relay,
        SelkiesHost(programs=programs, credentials=CREDENTIALS, directory=directory, relay=relay) as host,
    ):
        yield host


async def status(url: str, *, headers: Mapping[str, str] = AUTHORIZED) -> int:
    """What a page answers."""
    async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as answer:
        return answer.status


async def test_a_desktop_comes_and_goes(host: SelkiesHost, directory: Path) -> None:
    """It answers as soon as it is open, to the right password, and is to be reached in no other way.

    Closed, it leaves no answer, process, file, screen.
    """
    url = await host.open(session("a"), behaviour=Behaviour())
    assert await status(url) == 200
    assert await status(url.removesuffix("/")) == 200
    assert await status(url, headers={}) == 401
    assert await host.serves(session("a"))
    running = programs_in(directory)
    assert {"Xvfb", "openbox", "ico"} < {process.name() for process in running}
    assert not [connection for process in running for connection in listening(process)]
    assert {stat.S_IMODE((home / "xauthority").stat().st_mode) for home in homes(directory)} == {0o600}
    screen = socket_of(named(running, "Xvfb"))
    await host.close(session("a"))
    assert await status(url) == 404
    assert not await host.serves(session("a"))
    await gone(running, screen)
    assert not homes(directory)


async def test_a_user_has_one_route(host: SelkiesHost) -> None:
    """Of two sessions of one user the latest is served, then the older one again; another user is not concerned."""
    url = await host.open(session("a"), behaviour=Behaviour())
    assert await host.open(session("b"), behaviour=Behaviour()) == url
    await host.close(session("b"))
    assert await status(url) == 200
    assert await status(url.replace("one-", "two-")) == 404


async def test_a_program_that_ends_takes_the_desktop_along(
    host: SelkiesHost, directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A desktop whose X server was killed ends as a whole, says so, and leaves nothing."""
    url = await host.open(session("a"), behaviour=Behaviour())
    running, (home,) = programs_in(directory), homes(directory)
    screen = socket_of(named(running, "Xvfb"))
    named(running, "Xvfb").kill()
    await gone(running, home, screen)
    assert await status(url) == 502
    assert not await host.serves(session("a"))
    await host.close(session("a"))
    assert "broke: " in caplog.text


async def test_a_killed_keeper_takes_its_programs_along(host: SelkiesHost, directory: Path) -> None:
    """The kernel ends what a keeper started that could not do so itself; the lab removes the files."""
    await host.open(session("a"), behaviour=Behaviour())
    running = programs_in(directory)
    screen = socket_of(named(running, "Xvfb"))
    os.kill(named(running, "Xvfb").ppid(), signal.SIGKILL)
    await gone(running, screen)
    await host.close(session("a"))
    assert not homes(directory)


async def test_a_desktop_that_cannot_start_says_why(directory: Path, programs: Programs) -> None:
    """A program that ends at once is named, with what it said last; nothing is left of the others."""
    broken = replace(programs, openbox="/bin/false")
    async with (
        Relay(directory=directory.parent / "turn") as relay,
        SelkiesHost(programs=broken, credentials=CREDENTIALS, directory=directory, relay=relay) as host,
    ):
        with pytest.raises(DesktopError, match="openbox ended with code 1"):
            await host.open(session("a"), behaviour=Behaviour())
        assert not await host.serves(session("a"))
        assert not programs_in(directory)
        assert not homes(directory)


async def test_a_desktop_that_only_excuses_itself_is_not_open(
    directory: Path, unready: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer with status 503 is none; in the end the desktop has failed, and nothing is left of it."""
    monkeypatch.setattr(desktop, "START_LIMIT_S", 2)
    async with (
        Relay(directory=directory.parent / "turn") as relay,
        SelkiesHost(programs=unready, credentials=CREDENTIALS, directory=directory, relay=relay) as host,
    ):
        with pytest.raises(DesktopError, match="did not answer within 2 s"):
            await host.open(session("a"), behaviour=Behaviour())
        assert not programs_in(directory)


async def test_a_desktop_is_closed_while_it_opens(directory: Path, unready: Programs) -> None:
    """Whoever closes it waits until nothing is left of it; whoever opens it is told. It can be opened again."""
    async with (
        Relay(directory=directory.parent / "turn") as relay,
        SelkiesHost(programs=unready, credentials=CREDENTIALS, directory=directory, relay=relay) as host,
    ):
        for _ in range(2):
            opening = asyncio.create_task(host.open(session("a"), behaviour=Behaviour()), name="opening")
            running = await starting(directory)
            with pytest.raises(ValueError, match="has a desktop already"):
                await host.open(session("a"), behaviour=Behaviour())
            screen = socket_of(named(running, "Xvfb"))
            await host.close(session("a"))
            assert not homes(directory)
            await gone(running, screen)
            with pytest.raises(DesktopError, match="closed before it was open"):
                await opening


@pytest.mark.parametrize("cancelled", [False, True], ids=["host_ends", "opener_gives_up"])
async def test_nothing_outlives_a_host(directory: Path, unready: Programs, *, cancelled: bool) -> None:
    """A desktop that opens while its host ends, or whose opener gives up, leaves no process, file, screen."""
    async with Relay(directory=directory.parent / "turn") as relay:
        host = SelkiesHost(programs=unready, credentials=CREDENTIALS, directory=directory, relay=relay)
        async with host:
            opening = asyncio.create_task(host.open(session("a"), behaviour=Behaviour()), name="opening")
            running = await starting(directory)
            screen = socket_of(named(running, "Xvfb"))
            if cancelled:
                opening.cancel()
                await asyncio.wait([opening])
                assert opening.cancelled()
                assert not homes(directory)
        assert not homes(directory)
        await gone(running, screen)
        if not cancelled:
            with pytest.raises(DesktopError, match="closed before it was open"):
                await opening
            with pytest.raises(DesktopError, match="the lab is ending"):
                await host.open(session("b"), behaviour=Behaviour())


async def test_a_path_can_be_too_long(tmp_path: Path, programs: Programs) -> None:
    """A state directory whose path is too long for a socket is refused with the way out."""
    directory = tmp_path / ("long" * 25)
    directory.mkdir()
    async with (
        Relay(directory=tmp_path / "turn") as relay,
        SelkiesHost(programs=programs, credentials=CREDENTIALS, directory=directory, relay=relay) as host,
    ):
        with pytest.raises(DesktopError, match="shorter state directory"):
            await host.open(session("a"), behaviour=Behaviour())
        assert not homes(directory)
