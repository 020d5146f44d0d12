"""The evidence store on real local folders, and on the library's store in memory."""

import asyncio
import hashlib
import json
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import obstore
import pytest
from obstore.store import ObjectStore

from prober.adapters.evidence import StoredEvidence, places
from prober.domain.artefacts import Artefact
from prober.domain.ids import RunId, TargetName
from prober.domain.manifest import MANIFEST_NAME, manifest_from
from prober.domain.outcomes import Outcome
from prober.domain.retention import KeptRun
from prober.flow.ports.evidence import StoreFailed
from tests.contracts.evidence import ARTEFACTS, KEPT_AT, RECORD, EvidenceStoreContract, kept_ids, record

TINY = 256 * 1024
"""The size of a disk that fills at once, in bytes."""


class TestLocalFolder(EvidenceStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> StoredEvidence:
        """A folder whose name has to be escaped in a URL."""
        return StoredEvidence((tmp_path / "the evidence%").as_uri())


class TestMemory(EvidenceStoreContract):
    @pytest.fixture
    def store(self) -> StoredEvidence:
        """An object store without a disk."""
        return StoredEvidence("memory:///evidence")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the store is; it makes the folder itself."""
    return tmp_path / "state" / "evidence"


@pytest.fixture
def store(folder: Path) -> StoredEvidence:
    """The store on a local folder."""
    return StoredEvidence(folder.as_uri())


_CAP_SYS_ADMIN = 1 << 21


def may_mount() -> bool:
    """Tells whether a disk can be mounted here: root in a container mostly may not."""
    status = Path("/proc/self/status").read_text() if Path("/proc/self/status").exists() else ""
    rights = next((line.split()[1] for line in status.splitlines() if line.startswith("CapEff:")), "0")
    return bool(int(rights, 16) & _CAP_SYS_ADMIN) and None not in {shutil.which("mount"), shutil.which("umount")}


@contextmanager
def mounted(place: Path) -> Iterator[str]:
    """Mounts a disk that fills at once; gives what the kernel says when it is full."""
    mount, umount = shutil.which("mount") or "", shutil.which("umount") or ""
    subprocess.run([mount, "-t", "tmpfs", "-o", f"size={TINY}", "tmpfs", place], check=True)
    try:
        yield "No space left on device"
    finally:
        subprocess.run([umount, place], check=True)


@contextmanager
def limited(_: Path) -> Iterator[str]:
    """Lets no file of this process outgrow a limit, which needs no right; gives what the kernel says of one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (TINY, hard))  # Python ignores the signal that would come with it
    try:
        yield "File too large"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


FULL = {"limit": limited} | ({"disk": mounted} if may_mount() else {})
"""What is full, by what can be had here; one needs no right, so that no machine skips all of it."""


def files_below(place: Path) -> list[Path]:
    """Returns all files and folders below a folder."""
    return list(place.rglob("*"))


def mode_of(place: Path) -> int:
    """Returns who may do what with a folder."""
    return place.stat().st_mode & 0o777


async def test_the_folder_is_complete_by_its_manifest(store: StoredEvidence, folder: Path) -> None:
    """The manifest lists every other file with its size and hash, and nothing else is there."""
    url = await store.keep(RECORD, ARTEFACTS)
    place = folder / RECORD.target / RECORD.run_id
    assert url == f"{place.as_uri()}/"
    manifest = manifest_from(json.loads((place / MANIFEST_NAME).read_bytes()))
    assert manifest.record == RECORD
    assert {entry.name for entry in manifest.entries} | {MANIFEST_NAME} == {path.name for path in files_below(place)}
    for entry, artefact in zip(manifest.entries, ARTEFACTS, strict=True):
        content = (place / entry.name).read_bytes()
        assert content == artefact.content
        assert (entry.size, entry.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        assert entry.media_type == artefact.media_type


async def test_the_folder_is_for_its_owner_only(store: StoredEvidence, folder: Path) -> None:
    """A folder that the store makes can be read by nobody else."""
    await store.runs()
    assert mode_of(folder) == 0o700


async def test_a_removed_run_leaves_no_folder(store: StoredEvidence, folder: Path) -> None:
    """The run's folder goes with its files, and so does the target's with its last run."""
    await store.keep(RECORD, ARTEFACTS)
    await store.remove(next(iter(await store.runs())))
    assert files_below(folder) == []


async def test_another_prober_s_evidence_is_found(store: StoredEvidence, folder: Path) -> None:
    """What was kept before a restart is listed after it."""
    await store.keep(RECORD, ARTEFACTS)
    (run,) = await StoredEvidence(folder.as_uri()).runs()
    assert (run.run_id, run.outcome, run.kept_at) == (RECORD.run_id, RECORD.outcome, KEPT_AT)


async def test_a_keep_that_was_cut_off_is_listed(store: StoredEvidence, folder: Path) -> None:
    """A run's folder without a manifest, or with half of one, has no outcome, so that retention takes it some day."""
    for number, content in ((1, None), (2, b'{"version": 1, ')):
        place = folder / "ubuntu" / record(number).run_id
        place.mkdir(parents=True)
        (place / "report.json").write_bytes(b"{}")
        if content is not None:
            (place / MANIFEST_NAME).write_bytes(content)
    runs = await store.runs()
    assert {(run.run_id, run.outcome) for run in runs} == {(record(1).run_id, None), (record(2).run_id, None)}
    for run in runs:
        await store.remove(run)
    assert list(await store.runs()) == []


async def test_what_is_not_ours_is_never_listed(store: StoredEvidence, folder: Path) -> None:
    """A folder that people use for other things too loses nothing of theirs to retention."""
    theirs = [
        folder / "notes.txt",
        folder / "photos" / "2026" / "cat.jpg",
        folder / "photos" / "2026" / MANIFEST_NAME,
        folder / "ubuntu" / RECORD.run_id / "deeper" / "file.txt",
    ]
    for path in theirs:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    assert list(await store.runs()) == []
    await store.keep(RECORD, ARTEFACTS)
    (run,) = await store.runs()
    await store.remove(run)
    assert [path for path in theirs if not path.exists()] == []


async def test_room_is_that_of_the_folder_s_disk(store: StoredEvidence, folder: Path) -> None:
    """A local store tells the disk's size; one that is no disk tells nothing."""
    room = await store.room()
    assert room is not None
    assert room.total == shutil.disk_usage(folder).total
    assert 0 <= room.free <= room.total
    assert await StoredEvidence("memory:///").room() is None


@pytest.mark.parametrize("full", FULL.values(), ids=FULL)
async def test_a_full_disk(full: Callable[[Path], AbstractContextManager[str]], tmp_path: Path) -> None:
    """A run that does not fit is refused in plain words and leaves nothing behind; a smaller one is kept after that."""
    place = tmp_path / "tiny"
    place.mkdir()
    store = StoredEvidence((place / "evidence").as_uri())
    large = Artefact(name="trace.zip", media_type="application/zip", content=bytes(2 * TINY))
    with full(place) as words:
        with pytest.raises(StoreFailed, match=f"cannot keep evidence: .*{words}") as caught:
            await store.keep(record(1), (*ARTEFACTS, large))
        assert "\n" not in str(caught.value)
        assert list(await store.runs()) == []
        assert [file for file in files_below(place) if file.is_file()] == []
        await store.keep(record(2), ARTEFACTS)
        assert await kept_ids(store) == [("ubuntu", record(2).run_id)]


async def test_a_store_that_cannot_be_opened_yet(tmp_path: Path) -> None:
    """Every call says so, and the store works as soon as it can be opened."""
    blocker = tmp_path / "evidence"
    blocker.write_text("a file in the place of the folder")
    store = StoredEvidence(blocker.as_uri())
    run = KeptRun(
        target=TargetName("ubuntu"), run_id=RunId(RECORD.run_id), kept_at=KEPT_AT, outcome=RECORD.outcome, size=1
    )
    for call in (store.keep(RECORD, ARTEFACTS), store.runs(), store.remove(run), store.room()):
        with pytest.raises(StoreFailed, match="File exists"):
            await call
    blocker.unlink()
    await store.keep(RECORD, ARTEFACTS)
    assert await kept_ids(store) == [("ubuntu", RECORD.run_id)]


async def test_a_folder_that_people_remove(store: StoredEvidence, folder: Path) -> None:
    """It is made anew with what is kept next, for its owner only."""
    await store.keep(record(1), ARTEFACTS)
    remove_all(folder)
    assert await store.room() is not None
    assert list(await store.runs()) == []
    await store.keep(record(2), ARTEFACTS)
    assert await kept_ids(store) == [("ubuntu", record(2).run_id)]
    assert mode_of(folder) == 0o700


def remove_all(folder: Path) -> None:
    """Removes a folder with all that is in it."""
    shutil.rmtree(folder)


async def test_lists_at_the_same_time(store: StoredEvidence, folder: Path) -> None:
    """Each says how every run ended, also with a store that has not read any manifest yet."""
    for number in range(40):
        await store.keep(record(number), ())
    fresh = StoredEvidence(folder.as_uri())
    for runs in await asyncio.gather(*(fresh.runs() for _ in range(4))):
        assert {run.outcome for run in runs} == {Outcome.FAILURE}
        assert len(runs) == 40


async def test_a_list_that_is_cut_off_goes_on(
    store: StoredEvidence, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read before a caller gave up is not read again, so that a slow store is listed at some time."""
    for number in range(60):
        await store.keep(record(number), ())
    asked, most, real = list[str](), 40, obstore.get_async

    async def get(place: ObjectStore, path: str) -> object:
        asked.append(path)
        if len(asked) > most:
            await asyncio.Event().wait()
        return await real(place, path)

    monkeypatch.setattr(obstore, "get_async", get)
    fresh = StoredEvidence(folder.as_uri())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await fresh.runs()
    read, most = len(asked), 1000
    assert len(await fresh.runs()) == 60
    assert len(asked) - read < 30


async def test_a_url_of_no_store() -> None:
    """A scheme that the library does not know is a failure of the store, not a crash."""
    with pytest.raises(StoreFailed, match="cannot list evidence"):
        await StoredEvidence("gopher://somewhere/evidence").runs()


class Hanging:
    """A disk that does not answer: `released`, it does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = 0
        self.released = threading.Event()
        self._real = places.open_place
        monkeypatch.setattr("prober.adapters.evidence.store.open_place", self)

    def __call__(self, url: str) -> ObjectStore:
        self.asked += 1
        self.released.wait(60)
        return self._real(url)


async def test_a_disk_that_hangs_takes_one_thread(store: StoredEvidence, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks first waits as long as it likes; then every call fails at once, and nobody else's thread is taken."""
    disk = Hanging(monkeypatch)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await store.runs()
    async with asyncio.timeout(5):
        for _ in range(50):
            for call in (store.keep(RECORD, ARTEFACTS), store.runs(), store.room()):
                with pytest.raises(StoreFailed, match="hangs: it still has not answered"):
                    await call
        await asyncio.gather(*(asyncio.to_thread(int) for _ in range(100)))
    assert disk.asked == 1
    disk.released.set()
    async with asyncio.timeout(5):
        while not await answers(store):  # noqa: ASYNC110 - the thread tells nobody that it is free
            await asyncio.sleep(0.001)


async def answers(store: StoredEvidence) -> bool:
    """Tells whether the store answers."""
    try:
        await store.runs()
    except StoreFailed:
        return False
    return True


async def test_who_waits_behind_a_call_that_hangs(store: StoredEvidence, monkeypatch: pytest.MonkeyPatch) -> None:
    """They hear of it as soon as the first one gives up, and not at their own limit."""
    disk = Hanging(monkeypatch)
    first = asyncio.create_task(store.runs())
    await asyncio.sleep(0)
    second = asyncio.create_task(store.runs())
    await asyncio.sleep(0.05)
    first.cancel()
    async with asyncio.timeout(5):
        with pytest.raises(StoreFailed, match="hangs"):
            await second
    disk.released.set()


HANGS = """
import asyncio, threading
from prober.adapters.evidence import StoredEvidence, store

store.open_place = lambda url: threading.Event().wait()

async def main():
    try:
        async with asyncio.timeout(0.05):
            await StoredEvidence("file:///nowhere").runs()
    except TimeoutError:
        print("given up")

asyncio.run(main())
"""


def test_a_disk_that_hangs_keeps_no_process() -> None:
    """A prober ends although its evidence folder never answered."""
    ended = subprocess.run([sys.executable, "-c", HANGS], check=True, capture_output=True, text=True, timeout=30)
    assert ended.stdout == "given up\n"


@pytest.mark.parametrize("linked", ["target", "run", "file"])
async def test_what_a_link_leads_to_is_not_ours(
    store: StoredEvidence, folder: Path, tmp_path: Path, linked: str
) -> None:
    """A link in the folder, to evidence that is elsewhere, is neither listed nor followed by a removal."""
    await store.keep(RECORD, ARTEFACTS)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(folder / RECORD.target, elsewhere)
    (link, leads_to) = {
        "target": (folder / "other", elsewhere),
        "run": (folder / RECORD.target / record(2).run_id, elsewhere / RECORD.run_id),
        "file": (folder / RECORD.target / RECORD.run_id / "more.txt", elsewhere / RECORD.run_id / MANIFEST_NAME),
    }[linked]
    link.symlink_to(leads_to)
    before = files_below(elsewhere)
    runs = await store.runs()
    assert [(run.target, run.run_id) for run in runs] == [(RECORD.target, RECORD.run_id)]
    assert runs[0].size == sum(path.stat().st_size for path in (elsewhere / RECORD.run_id).iterdir())
    await store.remove(replace(runs[0], target=TargetName("other")))
    await store.remove(replace(runs[0], run_id=record(2).run_id))
    await store.remove(runs[0])
    assert files_below(elsewhere) == before
    assert [path for path in files_below(folder) if path.is_file() and not path.is_symlink()] == []


async def test_a_link_that_leads_round_in_a_circle_hinders_nobody(store: StoredEvidence, folder: Path) -> None:
    """What is kept is listed and removed all the same."""
    await store.keep(RECORD, ARTEFACTS)
    (folder / RECORD.target / "again").symlink_to(folder)
    (folder / "nowhere").symlink_to(folder / "gone")
    (run,) = await store.runs()
    await store.remove(run)
    assert list(await store.runs()) == []


async def test_nothing_is_kept_behind_a_link(store: StoredEvidence, folder: Path, tmp_path: Path) -> None:
    """A target's folder that is a link is a failure: what is behind it would stay for ever."""
    await store.runs()
    (tmp_path / "elsewhere").mkdir()
    (folder / RECORD.target).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreFailed, match="symbolic link"):
        await store.keep(RECORD, ARTEFACTS)
    assert files_below(tmp_path / "elsewhere") == []


async def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    """Whoever names it means what it leads to."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "evidence").symlink_to(tmp_path / "disk")
    store = StoredEvidence((tmp_path / "evidence").as_uri())
    await store.keep(RECORD, ARTEFACTS)
    (run,) = await store.runs()
    await store.remove(run)
    assert list(await store.runs()) == []


async def test_a_failure_is_told_without_secrets(tmp_path: Path) -> None:
    """What the library says is masked before it is shortened."""
    place = tmp_path / "marker-secret"
    place.write_text("in the way")
    store = StoredEvidence((place / ("long" * 60)).as_uri(), mask=lambda text: text.replace("marker-secret", "***"))
    with pytest.raises(StoreFailed) as caught:
        await store.runs()
    assert "***" in str(caught.value)
    assert "marker" not in str(caught.value)


async def test_a_file_that_is_not_written_whole_is_not_listed(store: StoredEvidence, folder: Path) -> None:
    """The library's own name for it can be asked for by nobody."""
    await store.keep(RECORD, ARTEFACTS)
    (before,) = await store.runs()
    (folder / RECORD.target / RECORD.run_id / "report.json#1").write_bytes(b"half of it")
    (run,) = await store.runs()
    assert run.size == before.size
    await store.remove(run)
    assert list(await store.runs()) == []
