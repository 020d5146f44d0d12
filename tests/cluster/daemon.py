"""A process of a control plane: started, waited for, ended, never left behind."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

STARTED: set[int] = set()
"""The process ids of all daemons that run, which outlive the module of tests that started them."""

_STARTER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="daemons")
"""Starts all daemons: the kernel ends them with the thread that started them, which must be none of a test's."""

END_S = 3
"""How long most may take to end, in seconds, before they are killed: an API server waits a minute for clients."""


class Daemon:
    """One process that ends with us, however we end.

    Args:
        name: What it is called when it fails.
        command: What is started.
        log: Where it writes what it says.
        env: Variables beside the environment's.
        end_s: How long it may take to end, in seconds, before it is killed.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | os.PathLike[str]],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        end_s: float = END_S,
    ) -> None:
        self.name = name
        self._command = [os.fspath(part) for part in command]
        self._log = log
        self._env = {**os.environ, **(env or {})}
        self._end_s = end_s
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the process, unless it runs; what it says goes to the end of the log."""
        if self._process is not None and self._process.poll() is None:
            return
        # The kernel ends it when we are killed: nobody else would.
        guard = ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []
        with self._log.open("ab") as log:
            starting = _STARTER.submit(
                subprocess.Popen,
                [*guard, *self._command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._env,
                start_new_session=True,
            )
            self._process = starting.result()
        STARTED.add(self._process.pid)

    def stop(self) -> None:
        """Ends the process, if it runs."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(self._end_s)
        except subprocess.TimeoutExpired:
            self.kill()
        else:
            self._forget()

    def kill(self) -> None:
        """Ends the process at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._forget()

    def wait_for(self, ready: Callable[[], object], *, within_s: float = 60) -> None:
        """Waits until the process is ready for use."""
        deadline = time.monotonic() + within_s
        while not ready():
            if self._process is None or self._process.poll() is not None:
                raise AssertionError(f"{self.name} ended by itself:\n{self.last_words()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.name} was not ready within {within_s:g} s:\n{self.last_words()}")
            time.sleep(0.05)  # nothing announces it

    def last_words(self) -> str:
        """Returns the end of the log."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-20:])

    def _forget(self) -> None:
        if self._process is not None:
            STARTED.discard(self._process.pid)
            self._process = None
