"""A lab in a process of its own, as whoever starts one sees it.

A lab must not outlive whoever started it, not even when that one is killed. The parent therefore
holds the child's standard input open and never writes to it: the kernel closes it when the parent is
gone, however it went, which the child, told to look out by `--until-eof`, takes for a stop.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from prober.domain.transport import NetworkPolicy
from prober.lab.cluster.choice import Foreign
from prober.lab.faults import HEALTHY
from prober.lab.kinds import DesktopKind
from prober.lab.platform import NAMESPACE
from prober.lab.serving import READY
from prober.lab.state import StateFiles

START_LIMIT_S = 30.0
"""How long a lab may take to become ready, in seconds; most of it is Python importing aiortc."""

STOP_LIMIT_S = 30.0
"""How long a lab may take to end, in seconds: ending its sessions, then the operator."""


class LabProcessError(Exception):
    """The lab's process did not become ready."""


class LabProcess:
    """A lab in a child process, which lives while the context is open and no longer than we do."""

    def __init__(
        self,
        *,
        state: Path,
        fault: str = HEALTHY,
        every: str = "3m",
        cluster: Foreign | None = None,
        namespace: str = NAMESPACE,
        path: NetworkPolicy | None = None,
        desktop: DesktopKind = DesktopKind.SYNTHETIC,
    ) -> None:
        """Describes a lab; nothing starts yet.

        Args:
            state: Where the lab's files are written, with its log.
            fault: The fault of every session that chooses none itself; several with commas between.
            every: The interval between two runs of a target in `prober.yaml`.
            cluster: A real cluster to work in; `None` for one of the lab's own.
            namespace: Where sessions are made.
            path: Which network path the media takes; `None` for the one on which the fault is noticed.
            desktop: Of which kind the desktops are.
        """
        self._files = StateFiles(state)
        self._options = ["--fault", fault, "--every", every, "--namespace", namespace, "--until-eof"]
        self._options += ["--desktop", desktop.value]
        if cluster is not None:
            self._options += ["--kubeconfig", str(cluster.kubeconfig.absolute())]
            self._options += ["--context", cluster.context] if cluster.context else []
        self._options += [] if path is None else ["--path", path.value]
        self._process: Process | None = None
        self._drain: asyncio.Task[None] | None = None

    @property
    def kubeconfig(self) -> Path:
        """Points kubectl at the lab."""
        return self._files.kubeconfig

    @property
    def config(self) -> Path:
        """Points the prober at the lab."""
        return self._files.config

    @property
    def log(self) -> Path:
        """What the lab writes to standard error; it outlives the lab."""
        return self._files.directory / "lab.log"

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child().pid

    async def __aenter__(self) -> Self:
        """Starts the lab and waits until it is ready.

        Raises:
            LabProcessError: It ended before it was ready, or took too long.
            OSError: The state directory cannot be written.
        """
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stop()

    async def ended(self) -> int:
        """Waits until the process has ended; returns its exit code, negative for a signal."""
        return await self._child().wait()

    def _child(self) -> Process:
        if self._process is None:
            raise RuntimeError("the lab's process was not started")
        return self._process

    async def _start(self) -> None:
        log = await asyncio.to_thread(self._open_log)
        try:
            # A session of its own: Ctrl-C must not reach the lab before the prober is done with it.
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "prober.lab", "--state", str(self._files.directory), *self._options),
                stdin=PIPE,
                stdout=PIPE,
                stderr=log,
                start_new_session=True,
            )
        finally:
            log.close()
        try:
            async with asyncio.timeout(START_LIMIT_S):
                await self._until_ready()
        except TimeoutError as error:
            raise LabProcessError(f"the lab was not ready within {START_LIMIT_S:.0f} s") from error
        self._drain = asyncio.create_task(self._read_on(), name="lab output")

    async def _until_ready(self) -> None:
        async for line in self._lines():
            if line == READY:
                return
        code = await self._child().wait()
        words = await asyncio.to_thread(self._last_words)
        raise LabProcessError(f"the lab ended with code {code} before it was ready: {words!r}; see {self.log}")

    async def _read_on(self) -> None:
        """Reads what nobody needs, so that the lab never waits for a reader."""
        async for _ in self._lines():
            pass

    async def _lines(self) -> AsyncIterator[str]:
        output = self._child().stdout
        while output is not None and (line := await output.readline()):
            yield line.decode().rstrip()

    async def _stop(self) -> None:
        process = self._process
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(STOP_LIMIT_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        if process.stdin is not None:
            process.stdin.close()
        if self._drain is not None:
            await self._drain

    def _last_words(self) -> str:
        """What the lab said last, which is what ended it: its log may be gone before anybody reads it."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def _open_log(self) -> IO[bytes]:
        self._files.make_directory()
        return self.log.open("ab")
