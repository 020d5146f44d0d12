import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from prober.lab.process import LabProcess, LabProcessError
from prober.lab.serving import serve_lab
from tests.lab.platform.observing import SESSIONS, connected, eventually

PARENT = """
import asyncio, sys
from pathlib import Path
from prober.lab.process import LabProcess

async def main():
    async with LabProcess(state=Path(sys.argv[1])) as lab:
        print(lab.pid, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""
"""A parent that starts a lab, says so, then does nothing."""


def _left(state: Path) -> set[str]:
    return {path.name for path in state.iterdir()}


async def _dead(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_a_lab_process_serves(tmp_path: Path) -> None:
    """A lab in a child process is reached through its files, then leaves nothing but its log."""
    async with LabProcess(state=tmp_path) as lab:
        pid = lab.pid
        assert lab.config.exists()
        async with connected(lab.kubeconfig) as api:
            assert await api.list(SESSIONS) == []
    assert await _dead(pid)
    assert _left(tmp_path) == {"lab.log"}
    assert lab.log.read_text() == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_a_signal_ends_a_lab(tmp_path: Path, number: signal.Signals) -> None:
    """SIGTERM or SIGINT ends a lab with exit code 0, with nothing left."""
    async with LabProcess(state=tmp_path) as lab:
        os.kill(lab.pid, number)
        async with asyncio.timeout(10):
            assert await lab.ended() == 0
    assert _left(tmp_path) == {"lab.log"}


async def test_a_lab_ends_with_its_parent(tmp_path: Path) -> None:
    """A lab whose parent is killed, so that it can tidy up nothing, ends by itself."""
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    parent.kill()
    await parent.wait()
    await eventually(lambda: _dead(pid))
    assert _left(tmp_path) == {"lab.log"}


async def test_a_lab_that_cannot_start_is_reported(tmp_path: Path) -> None:
    """A lab that ends before it is ready is an error which says where its log is."""
    with pytest.raises(LabProcessError, match=r"ended with code 2 before it was ready; see .*lab\.log"):
        async with LabProcess(state=tmp_path, fault="balck"):
            pass


async def test_serving_announces_where_to_look(tmp_path: Path) -> None:
    """The files are announced before the line that says that the lab is ready."""
    lines: list[str] = []
    stop = asyncio.Event()

    def announce(line: str) -> None:
        lines.append(line)
        if line == "lab ready":
            stop.set()

    async with asyncio.timeout(20):
        await serve_lab(state=tmp_path, announce=announce, stop=stop)
    assert lines == [
        f"kubeconfig: {tmp_path / 'kubeconfig'}",
        f"configuration: {tmp_path / 'prober.yaml'}",
        "lab ready",
    ]
