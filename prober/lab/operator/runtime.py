"""The operator as something that starts and stops: kopf, in a thread of its own.

kopf assumes that it owns its event loop: it takes SIGINT and SIGTERM for itself, then cancels at its
end every task that it did not find at its start. In a thread of its own, with a loop of its own, it
does neither harm. Desktops live in the caller's loop, so calls to them cross over.
"""

import asyncio
import logging
import threading
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self, TypeVar

import kopf

from prober.lab.desktop.behaviour import Behaviour
from prober.lab.faults import FaultSwitch
from prober.lab.operator import handlers
from prober.lab.operator.client import KubeClient, connection_info
from prober.lab.operator.lifecycle import Desktops
from prober.lab.operator.session import Session, sessions_of
from prober.lab.operator.sockets import Sockets

logger = logging.getLogger(__name__)

START_LIMIT_S = 15.0
"""How long kopf may take until it watches, in seconds."""

STOP_LIMIT_S = 15.0
"""How long kopf may take to end, in seconds; it gives its own leftovers 5 s."""

Answer = TypeVar("Answer")


class OperatorError(Exception):
    """The operator did not start, or ended by itself."""


class Operator:
    """Serves VDISessions while its context is open."""

    def __init__(
        self,
        kubeconfig: Mapping[str, Any],
        *,
        desktops: Desktops,
        faults: FaultSwitch,
        namespace: str | None = None,
    ) -> None:
        """Describes an operator; nothing starts yet.

        Args:
            kubeconfig: How the API server is reached.
            desktops: Where desktops are opened.
            faults: Which session is to suffer what.
            namespace: Whose sessions are served; `None` for those of all namespaces.
        """
        self._connection = connection_info(kubeconfig)
        self._namespace = namespace
        self._desktops = desktops
        self._faults = faults
        self._ready: Future[None] = Future()
        self._ended: Future[BaseException | None] = Future()
        self._stop_asked: Future[None] = Future()
        for mark in (self._ended, self._stop_asked):
            # One that runs cannot be cancelled by whoever stops waiting for it.
            mark.set_running_or_notify_cancel()
        self._taken_up: dict[str, Session] = {}

    async def __aenter__(self) -> Self:
        """Starts the operator.

        Raises:
            OperatorError: It did not begin in time, or ended at once.
        """
        desktops = _BridgedDesktops(self._desktops, loop=asyncio.get_running_loop())
        threading.Thread(target=self._run, args=(desktops,), name="vdi-operator", daemon=True).start()
        try:
            await self._begun()
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

    @property
    def running(self) -> bool:
        """Whether it serves."""
        return self._ready.done() and not self._ended.done()

    @property
    def taken_up(self) -> tuple[Session, ...]:
        """The sessions that it took up, those that are gone included."""
        return tuple(self._taken_up.values())

    async def ended(self) -> None:
        """Waits until the operator has ended.

        Raises:
            OperatorError: It broke.
        """
        cause = await asyncio.wrap_future(self._ended)
        if cause is not None:
            raise OperatorError("the operator broke") from cause

    async def _begun(self) -> None:
        marks: list[asyncio.Future[Any]] = [asyncio.wrap_future(self._ready), asyncio.wrap_future(self._ended)]
        await asyncio.wait(marks, timeout=START_LIMIT_S, return_when=asyncio.FIRST_COMPLETED)
        if not self.running:
            raise OperatorError("the operator did not start") from self._cause()

    def _note_watching(self) -> None:
        if not self._ready.done():
            self._ready.set_result(None)

    def _note_taken_up(self, session: Session) -> None:
        self._taken_up[session.uid] = session

    def _cause(self) -> BaseException | None:
        return self._ended.result() if self._ended.done() else None

    async def _stop(self) -> None:
        if not self._stop_asked.done() and not self._ended.done():
            self._stop_asked.set_result(None)
        _, late = await asyncio.wait({asyncio.wrap_future(self._ended)}, timeout=STOP_LIMIT_S)
        if late:
            logger.error("the operator did not end within %.0f s", STOP_LIMIT_S)

    def _run(self, desktops: Desktops) -> None:
        try:
            asyncio.run(self._serve(desktops))
        except BaseException as error:  # noqa: BLE001 - a thread's end: whoever waits hears of it
            self._ended.set_result(error)
        else:
            self._ended.set_result(None)

    async def _serve(self, desktops: Desktops) -> None:
        sockets = Sockets()
        with handlers.quiet_log():
            async with KubeClient(self._connection) as api:
                await api.list(sessions_of(self._namespace))  # kopf would try for ever where this is refused
                registry = handlers.registry(
                    self._connection,
                    api=api,
                    desktops=desktops,
                    faults=self._faults,
                    sockets=sockets,
                    watching=self._note_watching,
                    taken_up=self._note_taken_up,
                )
                try:
                    await kopf.operator(
                        registry=registry,
                        settings=handlers.settings(),
                        standalone=True,
                        clusterwide=self._namespace is None,
                        namespaces=[] if self._namespace is None else [self._namespace],
                        stop_flag=asyncio.wrap_future(self._stop_asked),
                    )
                finally:
                    await sockets.closed()


class _BridgedDesktops:
    """Desktops in another event loop."""

    def __init__(self, desktops: Desktops, *, loop: asyncio.AbstractEventLoop) -> None:
        self._desktops = desktops
        self._loop = loop

    async def open(self, session: Session, *, behaviour: Behaviour) -> str:
        """Serves a session's desktop; returns its URL."""
        return await self._across(self._desktops.open(session, behaviour=behaviour))

    async def serves(self, session: Session) -> bool:
        """Whether a session's desktop is open."""
        return await self._across(self._desktops.serves(session))

    async def close(self, session: Session) -> None:
        """Ends a session's desktop, if there is one."""
        await self._across(self._desktops.close(session))

    async def _across(self, call: Coroutine[Any, Any, Answer]) -> Answer:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(call, self._loop))
