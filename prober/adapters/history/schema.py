"""The tables of the history, by version.

A file says its version in `PRAGMA user_version`; opening it brings it to the newest, step by step, all in one
transaction. Steps are only ever added: files of every version are out there.
"""

import sqlite3

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE runs (
            run_id TEXT PRIMARY KEY,
            target TEXT NOT NULL,
            trigger TEXT NOT NULL,
            started_at TEXT NOT NULL,
            duration_s REAL NOT NULL,
            outcome TEXT NOT NULL,
            step TEXT,
            layer TEXT,
            reason TEXT,
            summary TEXT,
            degraded TEXT NOT NULL,
            flaky INTEGER NOT NULL,
            evidence TEXT,
            report BLOB NOT NULL
        ) WITHOUT ROWID
        """,
        "CREATE INDEX runs_by_time ON runs (started_at)",
        "CREATE INDEX runs_by_target ON runs (target, started_at)",
    ),
)
"""What leads from each version to the next; `started_at` sorts as text, `report` is gzipped JSON."""


class NewerSchemaError(Exception):
    """The file is of a later version of the prober."""


def migrate(connection: sqlite3.Connection) -> None:
    """Brings a file to the newest version.

    Args:
        connection: To the file, in autocommit mode.

    Raises:
        NewerSchemaError: The file's version is not known.
        sqlite3.Error: SQLite refused.
    """
    if _version(connection) == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")  # another process may be migrating: whoever is second finds it done
    try:
        _step_by_step(connection)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _step_by_step(connection: sqlite3.Connection) -> None:
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise NewerSchemaError(f"its schema has version {version}, this prober knows {len(MIGRATIONS)}")
    for statements in MIGRATIONS[version:]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)
