"""coturn as the lab runs it: where it listens, whom it serves, what it leaves."""

import asyncio
import signal
import stat
import sys
from pathlib import Path

import psutil
import pytest

from prober.lab.turn import TurnError, TurnMissingError, TurnServer
from prober.lab.turn.binding import answers

START_S = 20

PARENT = """
import asyncio, sys
from pathlib import Path
from prober.lab.turn import TurnServer

async def main():
    async with TurnServer(directory=Path(sys.argv[1])) as server:
        print(server.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""
"""A parent that starts a server, says so, then does nothing."""


def _program(folder: Path, *, script: str) -> str:
    path = folder / "turnserver"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return str(path)


@pytest.mark.turn
async def test_it_answers_on_loopback_only(tmp_path: Path) -> None:
    """A running server answers; each of its sockets is on loopback, and it has no command-line port."""
    async with TurnServer(directory=tmp_path / "turn") as server:
        access = server.access
        assert await answers(access.host, access.port)
        bound = psutil.Process(server.pid).net_connections()
        assert {(address.laddr.ip, address.laddr.port) for address in bound} == {("127.0.0.1", access.port)}


@pytest.mark.turn
async def test_it_leaves_nothing(tmp_path: Path) -> None:
    """At the end neither its process nor one of its files is there."""
    async with TurnServer(directory=tmp_path / "turn") as server:
        pid = server.pid
    assert not psutil.pid_exists(pid)
    assert not (tmp_path / "turn").exists()


@pytest.mark.turn
async def test_its_password_is_its_owners_only(tmp_path: Path) -> None:
    """The password stands in one private file: not in the command line, not in a log, not in a representation."""
    async with TurnServer(directory=tmp_path / "turn") as server:
        password = server.access.password
        holders = [path for path in (tmp_path / "turn").iterdir() if password in path.read_text(errors="replace")]
        assert [(path.name, stat.S_IMODE(path.stat().st_mode)) for path in holders] == [("turnserver.conf", 0o600)]
        assert stat.S_IMODE((tmp_path / "turn").stat().st_mode) == 0o700
        assert password not in " ".join(psutil.Process(server.pid).cmdline())
        assert password not in repr(server.access)


@pytest.mark.turn
async def test_it_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    """Whoever started it is killed, so that it can tidy up nothing: the server ends all the same."""
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(tmp_path / "turn")), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    async with asyncio.timeout(START_S):
        server = psutil.Process(int(await parent.stdout.readline()))
    parent.send_signal(signal.SIGKILL)
    await parent.wait()
    gone, _ = await asyncio.to_thread(psutil.wait_procs, [server], timeout=5)
    assert gone


@pytest.mark.turn
async def test_what_a_killed_one_left_is_taken_away(tmp_path: Path) -> None:
    """A directory with an old server's files serves a new one."""
    (tmp_path / "turnserver.conf").write_text("no-such-setting")
    (tmp_path / "turndb").write_text("not a database")
    async with TurnServer(directory=tmp_path) as server:
        assert await answers(server.access.host, server.access.port)


async def test_a_missing_program_says_how_to_get_it(tmp_path: Path) -> None:
    """Without coturn the message names the package, and nothing is left."""
    with pytest.raises(TurnMissingError, match="apt-get install coturn"):
        async with TurnServer(directory=tmp_path / "turn", program="no-such-turnserver"):
            pass
    assert not (tmp_path / "turn").exists()


async def test_a_server_that_ends_at_once_is_an_error(tmp_path: Path) -> None:
    """The error has the exit code and the server's last words."""
    program = _program(tmp_path, script="echo 'cannot bind' > turnserver.log; exit 7")
    with pytest.raises(TurnError, match="ended with code 7 before it answered; it last said: 'cannot bind'"):
        async with TurnServer(directory=tmp_path / "turn", program=program):
            pass
    assert not (tmp_path / "turn").exists()


async def test_a_server_that_never_answers_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that runs and is silent is given up, and ended though it does not heed SIGTERM."""
    monkeypatch.setattr("prober.lab.turn.server.START_LIMIT_S", 0.3)
    monkeypatch.setattr("prober.lab.turn.server.STOP_LIMIT_S", 0.1)
    program = _program(
        tmp_path, script=f"trap '' TERM; echo $$ > {tmp_path}/pid; while :; do read -r _ < /dev/zero; done"
    )
    with pytest.raises(TurnError, match="does not answer"):
        async with TurnServer(directory=tmp_path / "turn", program=program):
            pass
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))
