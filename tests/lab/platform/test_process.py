import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest
import yaml

from prober.lab.cluster.choice import Foreign
from prober.lab.platform import Lab
from prober.lab.process import STOP_LIMIT_S, LabProcess, LabProcessError
from prober.lab.serving import STOP_SIGNALS, serve_lab
from tests.lab.platform.observing import PATIENCE_S, SESSIONS, connected, eventually

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


STUCK = """
import asyncio
from prober.lab.serving import stopping_on_signal

async def main():
    stop = asyncio.Event()
    with stopping_on_signal(stop, announce=lambda line: print(line, flush=True)):
        print("ready", flush=True)
        await stop.wait()
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""
"""A process that is told to stop and does not."""


def _left(state: Path) -> set[str]:
    return {path.name for path in state.iterdir()}


async def _dead(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


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


@pytest.mark.parametrize("number", STOP_SIGNALS, ids=lambda number: number.name)
async def test_a_signal_ends_a_lab(tmp_path: Path, number: signal.Signals) -> None:
    """SIGTERM, SIGINT or the end of the terminal ends a lab with exit code 0, with nothing left."""
    async with LabProcess(state=tmp_path) as lab:
        os.kill(lab.pid, number)
        async with asyncio.timeout(STOP_LIMIT_S):
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


async def test_signals_get_their_effect_back(tmp_path: Path) -> None:
    """The second signal restores what signals do by default, so that a third one ends a lab that does not end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STUCK, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        for _ in range(2):
            assert await process.stdout.readline() == b"ready\n"
            process.send_signal(signal.SIGTERM)
        assert (await process.stdout.readline()).startswith(b"still stopping")
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == -signal.SIGTERM


async def test_a_second_lab_is_refused(tmp_path: Path) -> None:
    """A state directory in use: exit code 3, one line that names it with the process that uses it."""
    async with LabProcess(state=tmp_path) as lab:
        second = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "prober.lab", "--state", str(tmp_path)), stderr=asyncio.subprocess.PIPE
        )
        _, said = await second.communicate()
        assert second.returncode == 3
        assert said.decode() == f"a lab is already running in {tmp_path} (pid {lab.pid})\n"
        async with connected(lab.kubeconfig) as api:
            assert await api.list(SESSIONS) == []


async def test_a_lab_process_works_in_another_cluster(tmp_path: Path, embedded_kubeconfig: Path) -> None:
    """A child process is led into a cluster as a lab in this one is."""
    cluster = Foreign(kubeconfig=embedded_kubeconfig, context="vdi-lab")
    async with LabProcess(state=tmp_path / "state", cluster=cluster, namespace="other") as lab:
        async with connected(embedded_kubeconfig) as api:
            assert (await api.get("/api/v1/namespaces/other"))["metadata"]["labels"]
        assert yaml.safe_load(lab.config.read_text())["targets"][0]["session"]["namespace"] == "other"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--kubeconfig", "/nowhere/config"), "kubeconfig cannot be read: /nowhere/config: No such file or directory"),
        (("--context", "prod"), "needs --kubeconfig"),
    ],
    ids=["no file", "no kubeconfig"],
)
@pytest.mark.parametrize("command", [("prober.lab",), ("prober", "lab")], ids=["module", "command"])
async def test_a_wrong_cluster_is_a_usage_error(
    tmp_path: Path, command: tuple[str, ...], options: tuple[str, ...], said: str
) -> None:
    """Exit code 3, with words that say what to mend, no traceback."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *command, "--state", str(tmp_path), *options), stderr=asyncio.subprocess.PIPE
    )
    _, printed = await process.communicate()
    assert process.returncode == 3
    assert said in " ".join(printed.decode().split())
    assert "Traceback" not in printed.decode()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--desktop", "selkies", "--fault", "black"), "this lab cannot play 'black'; there are: quota"),
        (("--path", "any", "--fault", "turn_down"), "turn_down is noticed on the network path relay alone, not on any"),
    ],
    ids=["no such desktop", "no such path"],
)
async def test_a_fault_that_cannot_be_shown_is_a_usage_error(
    tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    """Exit code 3, with words that say what to choose, no traceback; nothing starts."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "prober.lab", "--state", str(tmp_path / "state"), *options),
        stderr=asyncio.subprocess.PIPE,
    )
    _, printed = await process.communicate()
    assert process.returncode == 3
    assert said in printed.decode()
    assert "Traceback" not in printed.decode()
    assert not (tmp_path / "state").exists()


async def test_a_killed_labs_keys_go_with_the_next(tmp_path: Path) -> None:
    """A lab that is killed leaves its files, the TLS key among them; the next one leaves nothing of them."""
    async with LabProcess(state=tmp_path) as lab:
        os.kill(lab.pid, signal.SIGKILL)
        assert await lab.ended() == -signal.SIGKILL
    assert (tmp_path / "tls" / "kube-api.key").exists()
    async with LabProcess(state=tmp_path):
        pass
    assert _left(tmp_path) == {"lab.log"}


async def test_a_lab_that_cannot_start_is_reported(tmp_path: Path) -> None:
    """A lab that ends before it is ready is an error which repeats its last words and says where its log is."""
    with pytest.raises(
        LabProcessError, match=r"code 3 before it was ready: .*no fault is called 'balck'.*; see .*lab\.log"
    ):
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
        await serve_lab(Lab(state=tmp_path), announce=announce, stop=stop)
    assert lines == [
        f"kubeconfig: {tmp_path / 'kubeconfig'}",
        f"configuration: {tmp_path / 'prober.yaml'}",
        "lab ready",
    ]
