"""What kopf is told: whom to call for a VDISession, how to log in, how to behave.

A session is one daemon: kopf starts it when the session appears, asks it to stop when the session's
deletion was accepted, and removes the finalizer once it has ended. Nothing of a session's life is
kept in its annotations; the only one that kopf writes is a touch while a deletion hangs.
"""

import asyncio
import itertools
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import aiohttp
import kopf

from prober.lab.fault import FaultError
from prober.lab.faults import FaultSwitch
from prober.lab.operator.client import KubeClient
from prober.lab.operator.lifecycle import Desktops, SessionLife
from prober.lab.operator.session import FINALIZER, GROUP, PLURAL, VERSION, Session
from prober.lab.operator.sockets import Sockets

logger = logging.getLogger(__name__)

END_OF_LIFE_S = 5.0
"""How long kopf waits in place for a life to end, in seconds; beyond that it comes back to it."""

STUCK_CHECK_S = 0.5
"""How often kopf comes back to a life that does not end, in seconds."""

RETRY_S = 1.0
"""How long a life rests after a failed call, and kopf after a refused login, in seconds."""

OUTAGE_PAUSES_S = (1.0,) * 3600
"""The pauses between kopf's attempts to reach an API server that is gone, in seconds; after an hour it gives up."""

WATCH_S = 600
"""How long one watch lasts before kopf asks for the next, in seconds."""


class KopfStop:
    """Says when a life is to end, in kopf's words."""

    def __init__(self, stopped: kopf.DaemonStopped) -> None:
        self._stopped = stopped

    @property
    def leaving(self) -> bool:
        """Whether the operator itself ends, which is no reason to end the session."""
        reason = self._stopped.reason
        return reason is not None and kopf.DaemonStoppingReason.OPERATOR_EXITING in reason

    async def wait(self, limit_s: float | None = None) -> bool:
        """Waits until the life is to end; returns False when the limit in seconds came first."""
        return bool(await self._stopped.wait(limit_s))


def registry(
    connection: kopf.ConnectionInfo,
    *,
    api: KubeClient,
    desktops: Desktops,
    faults: FaultSwitch,
    sockets: Sockets,
    watching: Callable[[], None],
    taken_up: Callable[[Session], None],
) -> kopf.OperatorRegistry:
    """Returns whom kopf is to call.

    Args:
        connection: How kopf itself reaches the API server.
        api: How the sessions' lives reach it.
        desktops: Where desktops are opened.
        faults: Which session is to suffer what.
        sockets: Makes the sockets of kopf's connections.
        watching: Called each time that a watch was granted: the operator is up then, not before.
        taken_up: Called with each session whose life begins.
    """
    handlers = kopf.OperatorRegistry()
    refusals = itertools.count()

    @kopf.on.login(registry=handlers)
    async def login(**_: Any) -> kopf.AiohttpSession:
        # kopf asks again, without a pause, whenever the API server answers 401.
        if next(refusals) > 0:
            logger.warning("the API server refused the operator's credentials")
            await asyncio.sleep(RETRY_S)
        http = await _http(connection, sockets=sockets, watching=watching)
        return kopf.AiohttpSession(server=connection.server, aiohttp_session=http)

    def noticed(annotations: Mapping[str, str], **_: Any) -> bool:
        try:
            fault = faults.resolve(annotations)
        except FaultError:  # which the session's life tells
            return True
        return fault is None or fault.plan.takes_up

    @kopf.daemon(GROUP, VERSION, PLURAL, registry=handlers, backoff=RETRY_S, when=noticed)
    async def session(body: kopf.Body, stopped: kopf.DaemonStopped, **_: Any) -> None:
        life = SessionLife(dict(body), api=api, desktops=desktops, faults=faults)
        taken_up(life.session)
        await life.live(KopfStop(stopped))

    return handlers


def settings() -> kopf.OperatorSettings:
    """Returns how kopf is to behave."""
    chosen = kopf.OperatorSettings()
    chosen.persistence.finalizer = FINALIZER
    chosen.persistence.progress_storage = kopf.AnnotationsProgressStorage(prefix=GROUP, v1=False)
    chosen.posting.enabled = False
    chosen.scanning.disabled = True
    chosen.watching.server_timeout = WATCH_S
    chosen.networking.error_backoffs = OUTAGE_PAUSES_S
    chosen.background.instant_exit_timeout = END_OF_LIFE_S
    chosen.background.cancellation_polling = STUCK_CHECK_S
    # kopf would kill the whole process with SIGKILL where its thread is slow to end.
    chosen.process.ultimate_exiting_timeout = None
    return chosen


async def _http(
    connection: kopf.ConnectionInfo, *, sockets: Sockets, watching: Callable[[], None]
) -> aiohttp.ClientSession:
    """Returns the connections that kopf will use, which it closes itself."""
    trace = aiohttp.TraceConfig()

    @trace.on_request_end.append
    async def note(_http: aiohttp.ClientSession, _context: object, end: aiohttp.TraceRequestEndParams) -> None:
        if "watch" in end.url.query and end.response.ok:
            watching()

    tls = await asyncio.to_thread(connection.as_ssl_context)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ssl=tls, socket_factory=sockets.make),
        proxy=connection.proxy_url,
        headers=connection.as_http_headers(),
        trace_configs=[trace],
    )


@contextmanager
def quiet_log() -> Iterator[None]:
    """Sends kopf's log to our own, warnings upwards, while the context is open."""
    theirs = logging.getLogger("kopf")
    before = theirs.level, theirs.propagate
    forward = _Forward()
    theirs.setLevel(logging.WARNING)
    theirs.propagate = False
    theirs.addHandler(forward)
    try:
        yield
    finally:
        theirs.removeHandler(forward)
        theirs.level, theirs.propagate = before


class _Forward(logging.Handler):
    """Hands records on to the lab's logger."""

    def emit(self, record: logging.LogRecord) -> None:
        # kopf warns that it does not get the process's signals: that is why it has a thread.
        if record.funcName != "spawn_tasks":
            logger.handle(record)
