"""The prober's process, from the side of the test that kills it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from tests.cluster.chaos.prober_process import READY, REPORT, STEP

_MODULE = "tests.cluster.chaos.prober_process"


class Killed(Exception):  # noqa: N818 - what happened, on purpose
    """The prober's process ended in the middle of a run."""


class Prober:
    """A prober in a process of its own, which is started anew when it was killed."""

    def __init__(self, config: Path, *, log: Path) -> None:
        self._config = config
        self._log = log
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._running().communicate(timeout=60)

    def steps(self, reports: list[dict[str, Any]]) -> Iterator[str]:
        """Begins a run, gives the name of each step as it begins, and adds the report at the end.

        Raises:
            Killed: The process is gone; a new one runs.
        """
        process = self._running()
        assert process.stdin
        process.stdin.write("run\n")
        process.stdin.flush()
        while event := self._read():
            if REPORT in event:
                reports.append(event[REPORT])
                return
            yield event[STEP]
        process.communicate(timeout=10)
        self._start()
        raise Killed

    def kill(self) -> None:
        """Kills the process, as a node that runs out of memory does."""
        self._running().kill()

    def _start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", _MODULE, str(self._config)],
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert READY in self._read(), self._log.read_text()

    def _read(self) -> dict[str, Any]:
        """Returns the next event, an empty one when there is none any more."""
        process = self._running()
        assert process.stdout
        line = process.stdout.readline()
        event: dict[str, Any] = json.loads(line) if line.endswith("\n") else {}
        return event

    def _running(self) -> "subprocess.Popen[str]":
        assert self._process is not None
        return self._process
