"""Whatever is found in the file's place: the prober goes on, and says what it found."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from prober.adapters.history import HistoryCorruptError, HistoryError, Opening, RunHistory
from prober.adapters.history import schema as schema_module
from prober.domain.ids import RunId
from tests.adapters.history.conftest import opened, success


async def filled(path: Path, *, runs: int = 50) -> None:
    async with opened(path) as (history, _):
        for number in range(runs):
            await history.add(success(number))


def garbage(path: Path) -> None:
    path.write_bytes(b"this was never a database\n" * 400)


def truncated(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def scribbled(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096 : 3 * 4096] = b"\xa5" * 2 * 4096
    path.write_bytes(content)


def from_the_future(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


def size_of_spoilt(path: Path, *, spoil: Callable[[Path], None]) -> int:
    spoil(path)
    return path.stat().st_size


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(garbage, id="garbage"),
        pytest.param(truncated, id="truncated"),
        pytest.param(scribbled, id="scribbled over"),
        pytest.param(from_the_future, id="a schema from the future"),
    ],
)
async def test_a_broken_file_is_set_aside(path: Path, spoil: Callable[[Path], None]) -> None:
    """It keeps its bytes under another name, a new one is in its place, the opening tells both."""
    await filled(path)
    size = size_of_spoilt(path, spoil=spoil)
    async with opened(path) as (history, opening):
        aside = opening.set_aside
        assert aside is not None
        assert aside.name.startswith("history.db.corrupt-20")
        assert opening.problem
        assert not opening.in_memory
        assert len(aside.read_bytes()) == size
        assert await history.latest(9) == ()
        await history.add(success(1))
    async with opened(path) as (history, opening):
        assert opening == Opening()
        assert len(await history.latest(9)) == 1


async def test_two_broken_files_in_a_second(path: Path) -> None:
    """One that is set aside never overwrites another."""
    asides: set[Path | None] = set()
    for _ in range(3):
        path.parent.mkdir(exist_ok=True)
        garbage(path)
        async with opened(path) as (_, opening):
            asides.add(opening.set_aside)
    assert len(asides) == 3


def a_folder(path: Path) -> Path:
    path.mkdir(parents=True)
    (path / "precious.txt").write_text("keep me")
    return path


def a_folder_of_its_own_below_a_file(path: Path) -> Path:
    path.parent.write_text("a file")
    return path


def a_folder_that_nobody_writes(_: Path) -> Path:
    return Path("/proc/history.db")


def a_file_of_somebody_else(path: Path) -> Path:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE runs (distance_km REAL)")
    connection.close()
    return path


@pytest.mark.parametrize(
    "occupy",
    [
        pytest.param(a_folder, id="a folder in its place"),
        pytest.param(a_folder_of_its_own_below_a_file, id="a file in its folder's place"),
        pytest.param(a_folder_that_nobody_writes, id="a folder that nobody writes"),
        pytest.param(a_file_of_somebody_else, id="a database of somebody else"),
    ],
)
async def test_where_no_file_can_be_kept(path: Path, occupy: Callable[[Path], Path]) -> None:
    """Runs are kept in memory, what is in the way stays as it is, the opening says why."""
    place = occupy(path)
    before = sorted(path.parent.rglob("*")) if path.parent.is_dir() else []
    async with opened(place) as (history, opening):
        assert (opening.set_aside, opening.in_memory) == (None, True)
        assert opening.problem
        await history.add(success(1))
        assert len(await history.latest(9)) == 1
    assert (sorted(path.parent.rglob("*")) if path.parent.is_dir() else []) == before


async def test_a_file_that_breaks_in_use(path: Path) -> None:
    """The question that meets it fails with an error that says so, and opening again replaces the file."""
    await filled(path)
    async with opened(path) as (history, _):
        written_by_another(path)
        scribbled(path)
        with pytest.raises(HistoryCorruptError):
            await read_all(history)
        opening = await history.open()
        assert opening.set_aside is not None
        await history.add(success(1))


def written_by_another(path: Path) -> None:
    """Makes what others have read of the file so far worth nothing."""
    connection = sqlite3.connect(path)
    connection.execute("UPDATE runs SET flaky = 1")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


async def read_all(history: RunHistory) -> None:
    for number in range(50):
        await history.find(RunId(f"r{number:03}"))


async def test_a_report_that_rots(path: Path) -> None:
    """A report that cannot be unpacked is an error of the history, not of whoever asks."""
    await filled(path, runs=1)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE runs SET report = x'00'")
    connection.commit()
    connection.close()
    async with opened(path) as (history, _):
        with pytest.raises(HistoryError, match="cannot be read"):
            await history.find(RunId("r000"))


async def test_a_file_that_another_process_writes_is_not_broken(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits too long for another writer gets an error; the file stays where it is."""
    monkeypatch.setattr("prober.adapters.history.file.BUSY_S", 0.05)
    await filled(path, runs=1)
    async with opened(path) as (history, _):
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HistoryError, match="locked") as caught:
            await history.add(success(2))
        assert not isinstance(caught.value, HistoryCorruptError)
        other.execute("ROLLBACK")
        other.close()
        await history.add(success(2))


async def test_an_older_file_is_brought_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of the version before gets what is new, and keeps its runs."""
    await filled(path, runs=2)
    newer = (*schema_module.MIGRATIONS, ("ALTER TABLE runs ADD COLUMN mood TEXT",))
    monkeypatch.setattr(schema_module, "MIGRATIONS", newer)
    async with opened(path) as (history, opening):
        assert opening == Opening()
        assert len(await history.latest(9)) == 2
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(newer),)
    assert connection.execute("SELECT mood FROM runs").fetchall() == [(None,), (None,)]
    connection.close()


async def test_a_migration_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a migration is undone; the runs are kept in memory until a version comes that can."""
    await filled(path, runs=2)
    newer = (
        *schema_module.MIGRATIONS,
        ("ALTER TABLE runs ADD COLUMN mood TEXT", "CREATE UNIQUE INDEX one ON runs (target)"),
    )
    monkeypatch.setattr(schema_module, "MIGRATIONS", newer)
    async with opened(path) as (_, opening):
        assert (opening.set_aside, opening.in_memory) == (None, True)
    monkeypatch.undo()
    async with opened(path) as (history, opening):
        assert opening == Opening()
        assert len(await history.latest(9)) == 2
