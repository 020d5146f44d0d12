"""Runs, kept and found again.

One connection, used by one thread at a time, which is the history's own: a call waits its turn there, the event loop
never waits, and a disk that hangs keeps nobody else's thread.
"""

import asyncio
import gzip
import json
import sqlite3
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from prober.adapters.history.file import Opening, describe, is_broken, open_file
from prober.adapters.one_thread import OneThread
from prober.domain.ids import RunId, TargetName
from prober.domain.outcomes import Outcome
from prober.domain.past import PastRun
from prober.domain.report import RunReport, as_dict
from prober.flow.ports.clock import Clock

_LISTED = (
    "run_id, target, trigger, started_at, duration_s, outcome, step, layer, reason, summary, degraded, flaky, evidence"
)
"""The columns of a past run, in the order in which `_past_run` takes them."""

_ADD = f"INSERT OR REPLACE INTO runs ({_LISTED}, report) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own constant

_LATEST = f"""
    SELECT {_LISTED} FROM runs
    WHERE (:target IS NULL OR target = :target) AND (:outcome IS NULL OR outcome = :outcome)
    ORDER BY started_at DESC, run_id DESC LIMIT :limit
"""  # noqa: S608 - our own constant

_LAST_OF_EACH = f"""
    SELECT {_LISTED} FROM runs WHERE run_id IN (
        SELECT (SELECT run_id FROM runs WHERE target = each.target ORDER BY started_at DESC, run_id DESC LIMIT 1)
        FROM (SELECT DISTINCT target FROM runs) AS each
    ) ORDER BY target
"""  # noqa: S608 - our own constant

_PRUNE = """
    DELETE FROM runs WHERE (
        started_at < :oldest
        OR run_id NOT IN (SELECT run_id FROM runs ORDER BY started_at DESC, run_id DESC LIMIT :count)
    ) AND run_id NOT IN (
        SELECT (
            SELECT run_id FROM runs WHERE target = each.target AND outcome = :failure
            ORDER BY started_at DESC, run_id DESC LIMIT 1
        ) AS last FROM (SELECT DISTINCT target FROM runs) AS each WHERE last IS NOT NULL
    )
"""

_Answer = TypeVar("_Answer")


class HistoryError(Exception):
    """The history could not do what it was asked for."""


class HistoryCorruptError(HistoryError):
    """Its file broke while it was in use; opening it again replaces it."""


class RunHistory:
    """Keeps runs in a file.

    Args:
        path: The file.
        redact: Masks secrets in a report's published form before it is written.
        clock: Tells how old a run is.
    """

    def __init__(self, path: Path, *, redact: Callable[[Mapping[str, Any]], Mapping[str, Any]], clock: Clock) -> None:
        self._path = path
        self._redact = redact
        self._clock = clock
        self._thread = OneThread("history")
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> Opening:
        """Opens the file, making it where there is none; one that is open is closed, checked and opened anew."""
        return await self._do(self._open)

    async def close(self) -> None:
        """Closes the file once what was asked before is done; nothing can be asked afterwards."""
        await self._do(self._close)

    async def add(self, report: RunReport) -> None:
        """Keeps a run.

        Raises:
            HistoryCorruptError: The file broke.
            HistoryError: It cannot be written.
        """
        # At once: a secret that is replaced while the thread is busy may be let go. Packing it is the thread's.
        published = self._redact(as_dict(report))
        await self._ask(lambda connection: connection.execute(_ADD, _row(published)))

    async def latest(
        self, limit: int, *, target: TargetName | None = None, outcome: Outcome | None = None
    ) -> tuple[PastRun, ...]:
        """Returns the latest runs, the last one first, at most `limit`; of one target or outcome if it is named.

        Raises:
            HistoryError: The file cannot be read.
        """
        asked = {"limit": limit, "target": target, "outcome": outcome and outcome.value}
        return await self._list(_LATEST, asked)

    async def last_of_each(self) -> tuple[PastRun, ...]:
        """Returns the last run of each target.

        Raises:
            HistoryError: The file cannot be read.
        """
        return await self._list(_LAST_OF_EACH, {})

    async def find(self, run_id: RunId) -> dict[str, Any] | None:
        """Returns the report of a run in its published form, `None` where it is not kept.

        Raises:
            HistoryError: The file cannot be read.
        """

        def report(connection: sqlite3.Connection) -> dict[str, Any] | None:
            row = connection.execute("SELECT report FROM runs WHERE run_id = ?", (run_id,)).fetchone()
            return None if row is None else json.loads(gzip.decompress(row[0]))

        return await self._ask(report)

    async def prune(self, *, max_age_s: float, max_count: int) -> int:
        """Forgets runs that are too old or too many, all but each target's last failure.

        Args:
            max_age_s: How old a run may be, in seconds.
            max_count: How many runs are kept, the last failures not counted where they are older than those.

        Returns:
            How many it forgot.

        Raises:
            HistoryError: The file cannot be written.
        """
        oldest = _timestamp(self._clock.now() - timedelta(seconds=max_age_s))
        asked = {"oldest": oldest, "count": max_count, "failure": Outcome.FAILURE.value}
        return await self._ask(lambda connection: connection.execute(_PRUNE, asked).rowcount)

    async def _list(self, query: str, asked: Mapping[str, Any]) -> tuple[PastRun, ...]:
        return await self._ask(lambda connection: tuple(map(_past_run, connection.execute(query, asked).fetchall())))

    async def _ask(self, question: Callable[[sqlite3.Connection], _Answer]) -> _Answer:
        """Puts a question to the connection, in its thread."""

        def answer() -> _Answer:
            if self._connection is None:
                raise HistoryError("the history is not open")
            try:
                return question(self._connection)
            except sqlite3.Error as error:
                kind = HistoryCorruptError if is_broken(error) else HistoryError
                raise kind(describe(error)) from error
            except (OSError, EOFError, ValueError, zlib.error) as error:  # what SQLite's own check does not look into
                raise HistoryError(f"a run cannot be read: {describe(error)}") from error

        return await self._do(answer)

    async def _do(self, work: Callable[[], _Answer]) -> _Answer:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _open(self) -> Opening:
        self._close()
        self._connection, opening = open_file(self._path, now=self._clock.now().astimezone(UTC))
        return opening

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _row(published: Mapping[str, Any]) -> tuple[Any, ...]:
    """Returns a report as the row of it, the columns in the order of `_ADD`."""
    return (
        published["run_id"],
        published["target"],
        published["trigger"],
        published["started_at"],
        published["duration_s"],
        published["outcome"],
        published.get("step"),
        published.get("layer"),
        published.get("reason"),
        published.get("summary"),
        json.dumps(published["degraded"]),
        published["flaky"],
        published.get("evidence"),
        gzip.compress(json.dumps(published, ensure_ascii=False).encode(), mtime=0),
    )


def _past_run(row: tuple[Any, ...]) -> PastRun:
    run_id, target, trigger, started_at, duration_s, outcome, step, layer, reason, summary, degraded, flaky, url = row
    return PastRun(
        run_id=RunId(run_id),
        target=TargetName(target),
        trigger=trigger,
        started_at=datetime.fromisoformat(started_at),
        duration_s=duration_s,
        outcome=outcome,
        step=step,
        layer=layer,
        reason=reason,
        summary=summary,
        degraded=tuple(json.loads(degraded)),
        flaky=bool(flaky),
        evidence=url,
    )


def _timestamp(moment: datetime) -> str:
    """Returns a time as reports have it, so that texts compare as times do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
