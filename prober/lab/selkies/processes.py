"""Programs that are started one by one, then ended in the reverse order.

Each is the leader of a process group, so that what it started ends with it; the kernel ends it, should
we be killed. For a process without threads: the kernel's word for "parent" is the thread that forked.
"""

import os
import select
import signal
import subprocess
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from prober.lab.selkies.commands import Command
from prober.lab.selkies.layout import Layout

END_LIMIT_S = 3.0
"""How long a program may take to end by itself, in seconds."""

TAIL_LINES = 5
"""How much of a broken program's log is worth repeating."""

TAIL_CHARACTERS = 500
"""How long that may be: it becomes the session's message, which a Kubernetes object carries."""

TAIL_BYTES = 65536
"""How much of a log is read for it."""

HIDDEN = "[hidden]"
"""What stands in place of a secret."""

LOG_MODE = 0o600


class ProgramEndedError(Exception):
    """A program ended by itself, which none should."""


class Processes:
    """The programs of one desktop."""

    def __init__(self, layout: Layout, *, setpriv: str, secrets: Collection[str] = ()) -> None:
        """Describes them; nothing starts yet.

        Args:
            layout: Where their logs go.
            setpriv: The path of the program that ties them to us.
            secrets: What is never repeated of their logs.
        """
        self._layout = layout
        self._secrets = tuple(secrets)
        self._setpriv = setpriv
        self._running: list[tuple[str, subprocess.Popen[bytes], int]] = []

    def start(self, command: Command, *, keep_open: Sequence[int] = ()) -> None:
        """Starts a program.

        Args:
            command: What is started.
            keep_open: File descriptors that it inherits.

        Raises:
            OSError: It cannot be started.
        """
        log = os.open(self._layout.log(command.name), os.O_WRONLY | os.O_CREAT | os.O_APPEND, LOG_MODE)
        try:
            process = subprocess.Popen(  # noqa: S603 - paths that `programs` found
                (self._setpriv, "--pdeathsig", "TERM", "--", *command.arguments),
                cwd=self._layout.directory,
                env=command.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=keep_open,
                process_group=0,
            )
        finally:
            os.close(log)
        self._running.append((command.name, process, os.pidfd_open(process.pid)))

    def wait(self, *, until_readable: int, limit_s: float | None = None) -> bool:
        """Waits until a file descriptor can be read; returns False when the limit in seconds came first.

        Raises:
            ProgramEndedError: A program ended before that.
        """
        watched = [until_readable, *(descriptor for _, _, descriptor in self._running)]
        readable, _, _ = select.select(watched, [], [], limit_s)
        if until_readable in readable:
            return True
        for name, _, descriptor in self._running:
            if descriptor in readable:
                self.fail(name)
        return False

    def fail(self, name: str) -> NoReturn:
        """Says why a program ended.

        Raises:
            ProgramEndedError: In any case.
        """
        (descriptor,) = (descriptor for running, _, descriptor in self._running if running == name)
        select.select([descriptor], [], [], END_LIMIT_S)
        raise ProgramEndedError(f"{name} ended with code {_code(descriptor)}: {self._last_words(name)}")

    def end(self) -> None:
        """Ends all programs, the latest first, with what they started."""
        while self._running:
            _, process, descriptor = self._running.pop()
            _signal(process, signal.SIGTERM)
            select.select([descriptor], [], [], END_LIMIT_S)
            # Its number is still its group's: nobody has waited for it.
            _signal(process, signal.SIGKILL)
            process.wait()
            os.close(descriptor)

    def _last_words(self, name: str) -> str:
        with Path(self._layout.log(name)).open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - TAIL_BYTES))
            text = log.read().decode(errors="replace")
        for secret in self._secrets:  # before anything is cut: half a secret would not be found
            text = text.replace(secret, HIDDEN)
        return " / ".join(text.splitlines()[-TAIL_LINES:])[-TAIL_CHARACTERS:]


def _signal(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _code(descriptor: int) -> int:
    """The exit code, or the number of the signal, of a program that ended; it can still be waited for."""
    result = os.waitid(os.P_PIDFD, descriptor, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    return 0 if result is None else result.si_status
