"""The process that keeps one desktop: starts its programs, ends them, leaves nothing.

It ends them when its standard input does, which is to say when whoever started it is gone, however that
went. Says `up` once all programs run, or why the desktop broke; then it ends. It has no threads, which the
kernel's help in `processes` asks for, and imports little, because every desktop waits for it.
"""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import FrameType

from prober.lab.selkies.commands import desktop_commands, screen_command
from prober.lab.selkies.layout import Layout
from prober.lab.selkies.order import Order
from prober.lab.selkies.processes import Processes, ProgramEndedError

UP = "up"
"""What is said once all programs run."""

SCREEN_LIMIT_S = 10.0
"""How long the X server may take until it serves, in seconds; 0.2 s on an idle machine."""

BROKEN = 1
"""The exit code of a keeper whose desktop broke."""

PRIVATE_DIRECTORY = 0o700

_DISPLAY_SOCKET = "/tmp/.X11-unix/X{display}"  # noqa: S108 - where every X server puts it


def main() -> None:
    """Keeps the desktop that the first line of standard input orders."""
    line = sys.stdin.readline()
    if not line:
        return  # whoever started us is gone already
    order = Order.from_line(line)
    signal.signal(signal.SIGTERM, _leave)
    try:
        _keep(order)
    except (ProgramEndedError, OSError) as error:
        _say(f"{error}")
        sys.exit(BROKEN)


def _keep(order: Order) -> None:
    layout = Layout(order.directory)
    processes = Processes(layout, setpriv=order.programs.setpriv, secrets=order.secrets)
    directory = Path(order.directory)
    directory.parent.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)
    directory.mkdir(mode=PRIVATE_DIRECTORY)
    try:
        layout.furnish(ice_servers=order.ice_servers)
        with _screen(order, processes=processes) as display:
            for command in desktop_commands(order, display=display):
                processes.start(command)
            _say(UP)
            processes.wait(until_readable=sys.stdin.fileno())
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _screen(order: Order, *, processes: Processes) -> Iterator[int]:
    """An X server, by its display's number; ends it with everything that was started on it."""
    try:
        display = _open_screen(order, processes=processes)
    except BaseException:  # interrupted too: no program may outlive its start
        processes.end()
        raise
    socket = Path(_DISPLAY_SOCKET.format(display=display))
    identity = _identity(socket)
    try:
        yield display
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # we are leaving already
        processes.end()
        # An X server that was killed leaves it behind; by now the name may be that of another one's.
        if identity is not None and _identity(socket) == identity:
            socket.unlink(missing_ok=True)


def _open_screen(order: Order, *, processes: Processes) -> int:
    reader, writer = os.pipe()
    with closing(os.fdopen(reader, "rb", buffering=0)) as numbers:
        try:
            processes.start(screen_command(order, display_pipe=writer), keep_open=(writer,))
        finally:
            os.close(writer)
        if not processes.wait(until_readable=reader, limit_s=SCREEN_LIMIT_S):
            raise ProgramEndedError(f"the X server was not up within {SCREEN_LIMIT_S:.0f} s")
        return int(numbers.readline() or processes.fail("xvfb"))


def _identity(path: Path) -> tuple[int, int, int] | None:
    """Tells a file from a later one of the same name; `None` where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino, found.st_ctime_ns


def _say(text: str) -> None:
    with suppress(BrokenPipeError):  # nobody listens any more
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main()
