"""The lab whose fault can be turned, as a process."""

import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.e2e.conftest import START_S, wait_for


class Lab:
    """A lab that runs while the context is open.

    Attributes:
        state: Its state directory.
    """

    def __init__(self, state: Path) -> None:
        self.state = state
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.monitoring.switched_lab", str(self.state)]
        self._process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            wait_for(self._process.stdout, "lab ready")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        process = self._process
        assert process is not None
        try:
            process.communicate(timeout=START_S)  # closes its standard input, which ends it
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise

    def turn(self, fault: str) -> None:
        """Chooses the fault of all sessions from now on that choose none themselves; `none` for health."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{fault}\n")
        self._process.stdin.flush()
