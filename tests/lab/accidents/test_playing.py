"""Accidents hit real processes, are undone, and never hit one that has another's number."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import psutil
import pytest

from prober.lab.accidents.kernel import Process, read_process
from prober.lab.accidents.load import PER_CORE, Load
from prober.lab.accidents.playing import Disks, GoneError, Undo, kill_browser, kill_driver, starve, stop_browser
from prober.lab.accidents.visitors import Visitor

WRITES = "import sys\nfor line in sys.stdin:\n try:\n  open(line.strip(), 'wb', 0).write(b'x')\n"
WRITES += "  print('written', flush=True)\n"
WRITES += " except OSError as error: print(error.strerror, flush=True)\n"


class Victim:
    """A process that stands for all of a visitor's."""

    def __init__(self, program: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        found = read_process(self.process.pid)
        assert found is not None
        self.seen: Process = found
        self.visitor = Visitor(browser=found, driver=found, prober=found)

    def write(self, path: object) -> str:
        """Has it write a file; returns what came of that."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(path, file=self.process.stdin, flush=True)
        return self.process.stdout.readline().strip()

    def status(self) -> str:
        """How the kernel says that it is."""
        return psutil.Process(self.process.pid).status()


@pytest.fixture
def victim() -> Iterator[Victim]:
    """A process that writes the files that it is told."""
    one = Victim(WRITES)
    try:
        yield one
    finally:
        one.process.kill()
        one.process.communicate()


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether something comes true within a while: signals take their time."""
    deadline = time.monotonic() + 5
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds()


@pytest.mark.parametrize("kill", [kill_browser, kill_driver], ids=["browser", "driver"])
def test_what_is_killed_is_dead(victim: Victim, kill: Callable[[Visitor], Undo]) -> None:
    """It is gone, and undoing that does nothing."""
    undo = kill(victim.visitor)
    assert victim.process.wait(timeout=5) < 0
    undo()


def test_what_stands_still_goes_on(victim: Victim) -> None:
    """The browser is stopped until that is undone; it may have ended meanwhile."""
    undo = stop_browser(victim.visitor)
    assert eventually(lambda: victim.status() == psutil.STATUS_STOPPED)
    undo()
    assert eventually(lambda: victim.status() != psutil.STATUS_STOPPED)
    victim.process.kill()
    victim.process.wait()
    undo()


@pytest.mark.parametrize("play", [kill_browser, kill_driver, stop_browser], ids=["kill", "driver", "stop"])
def test_a_number_that_another_process_has_is_not_hit(victim: Victim, play: Callable[[Visitor], Undo]) -> None:
    """A process is known by its start too."""
    earlier = replace(victim.seen, started=victim.seen.started - 1)
    with pytest.raises(GoneError):
        play(Visitor(browser=earlier, driver=earlier, prober=earlier))
    assert victim.process.poll() is None
    assert victim.status() != psutil.STATUS_STOPPED


def test_a_full_disk_takes_no_file(victim: Victim, tmp_path: os.PathLike[str]) -> None:
    """Writes fail until every accident is undone that filled it, then work as before."""
    place, limits = f"{tmp_path}/file", psutil.Process(victim.process.pid).rlimit(psutil.RLIMIT_FSIZE)
    disks = Disks()
    assert victim.write(place) == "written"
    first, second = disks.fill(victim.visitor), disks.fill(victim.visitor)
    assert victim.write(place) == "File too large"
    first()
    assert victim.write(place) == "File too large"
    second()
    assert victim.write(place) == "written"
    assert psutil.Process(victim.process.pid).rlimit(psutil.RLIMIT_FSIZE) == limits


def test_our_own_disk_is_never_full() -> None:
    """A lab in the prober's own process spares it."""
    ours = read_process(os.getpid())
    assert ours is not None
    with pytest.raises(GoneError):
        Disks().fill(Visitor(browser=ours, driver=ours, prober=ours))


def test_a_full_disk_of_a_prober_that_ended_is_nobodys(victim: Victim) -> None:
    """Undoing it finds nobody, and does nothing."""
    undo = Disks().fill(victim.visitor)
    victim.process.kill()
    victim.process.wait()
    undo()
    with pytest.raises(GoneError):
        Disks().fill(victim.visitor)


def test_busy_processes_end_when_told() -> None:
    """There are some for each core while it lasts, and none after."""
    before = {child.pid for child in psutil.Process().children()}
    undo = starve()
    busy = {child.pid for child in psutil.Process().children()} - before
    assert len(busy) == PER_CORE * (os.cpu_count() or 1)
    undo()
    assert {child.pid for child in psutil.Process().children()} == before


def test_busy_processes_do_not_outlive_us() -> None:
    """Should the lab be killed, they notice."""
    program = "from prober.lab.accidents.load import Load; load = Load(); load.start(); print(*load.pids); load.end"
    program += "; import sys; sys.stdout.flush(); import os; os.kill(os.getpid(), 9)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=30)
    pids = list(map(int, done.stdout.split()))
    assert pids
    assert eventually(lambda: not any(map(psutil.pid_exists, pids)))


def test_a_load_without_processes_ends() -> None:
    """Ending what was not started does nothing."""
    load = Load()
    load.end()
    assert load.pids == ()
