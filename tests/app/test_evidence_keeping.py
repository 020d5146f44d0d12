"""Keeping evidence: which runs', what happens when it cannot be kept, and within which limits."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from prober.adapters.evidence import StoredEvidence
from prober.adapters.redaction import Redactor
from prober.app.config.settings import EvidenceSetting
from prober.app.evidence_keeping import TIDY_EVERY_S, EvidenceCounts, EvidenceKeeper, Uncounted
from prober.domain.artefacts import Artefact
from prober.domain.ids import RunId
from prober.domain.keeping import KeepPlan
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.report import RunReport
from prober.domain.retention import KeptRun, Limits, Room
from prober.domain.steps import StepName
from prober.flow.ports import EvidenceStore, StoreFailed
from tests.adapters.reporting import make_failure, make_report, make_target
from tests.fakes.evidence import FakeEvidenceStore

TARGET = make_target()
PICTURE = Artefact(name="last_frame.png", media_type="image/png", content=bytes(1000))


@dataclass
class Counted(EvidenceCounts):
    """Remembers the counts."""

    kept: int = 0
    failed: int = 0
    removed: int = 0
    sizes: list[int] = field(default_factory=list)

    def evidence_kept(self) -> None:
        self.kept += 1

    def evidence_failed(self) -> None:
        self.failed += 1

    def evidence_removed(self) -> None:
        self.removed += 1

    def evidence_size(self, size: int) -> None:
        self.sizes.append(size)


class TickingClock:
    """Each look is a second later than the one before."""

    def __init__(self) -> None:
        self.looks = 0

    def monotonic(self) -> float:
        return float(self.looks)

    def now(self) -> datetime:
        self.looks += 1
        return datetime.fromtimestamp(1_790_000_000 + self.looks, tz=UTC)


@dataclass
class Stage:
    """A keeper with what stands around it."""

    keeper: EvidenceKeeper
    store: FakeEvidenceStore
    counted: Counted

    async def keep(self, *reports: RunReport) -> list[str | None]:
        """Keeps each run's evidence, each time within the limits again, and returns the URLs."""
        urls = []
        for report in reports:
            urls.append(await self.keeper.keep(report, TARGET, [PICTURE]))
            await self.keeper.tidy_if_due()
        return urls

    def kept_ids(self) -> list[str]:
        """Returns the ids of the kept runs, in order."""
        return sorted(run_id for _, run_id in self.store.folders)


def staged(
    *, plan: KeepPlan | None = None, limits: Limits | None = None, store: FakeEvidenceStore, limit_s: float = 60.0
) -> Stage:
    """Returns a stage; a store that hangs is soon given up."""
    limit_s = 0.05 if store.hanging else limit_s
    setting = EvidenceSetting(url="", keep=plan or KeepPlan(), limits=limits or Limits(free=0.0), limit_s=limit_s)
    counted = Counted()
    keeper = keeper_of(store, setting=setting, counts=counted)
    return Stage(keeper=keeper, store=store, counted=counted)


def keeper_of(store: EvidenceStore, *, setting: EvidenceSetting, counts: EvidenceCounts) -> EvidenceKeeper:
    """Returns a keeper with a clock of its own."""
    return EvidenceKeeper(store=store, setting=setting, redactor=Redactor(), clock=TickingClock(), counts=counts)


def failed(number: int = 1) -> RunReport:
    """Returns the report of a failed run."""
    return make_failure(Reason.BLACK_FRAMES, StepName.FIRST_FRAME, run_id=RunId(f"run-{number}"))


def succeeded(number: int = 1) -> RunReport:
    """Returns the report of a run that succeeded."""
    return make_report(run_id=RunId(f"run-{number}"))


@pytest.fixture
def logged() -> Iterator[list[EventDict]]:
    """What was logged so far."""
    with capture_logs() as events:
        yield events


async def test_a_failure_is_kept(logged: list[EventDict]) -> None:
    """The report is kept beside what the run had to give, and the size is told."""
    stage = staged(store=FakeEvidenceStore())
    assert await stage.keep(failed()) == ["fake://evidence/ubuntu/run-1/"]
    ((place, files),) = stage.store.folders.items()
    assert place == ("ubuntu", "run-1")
    assert [file.name for file in files] == ["report.json", "last_frame.png"]
    assert (stage.counted.kept, stage.counted.failed) == (1, 0)
    assert stage.counted.sizes == [sum(len(file.content) for file in files)]
    assert logged == []


async def test_a_run_that_failed_at_first_is_kept() -> None:
    """A success that is flaky is kept as a failure is, with what its first attempt saw, all of it in the manifest."""
    stage = staged(plan=KeepPlan(successes=0.0), store=FakeEvidenceStore())
    assert await stage.keep(replace(succeeded(1), earlier=(failed(1),)), succeeded(2)) != [None, None]
    ((place, files),) = stage.store.folders.items()
    assert place == ("ubuntu", "run-1")
    assert [file.name for file in files] == ["report.json", "attempt-1.report.json", "last_frame.png"]


@pytest.mark.parametrize(
    ("plan", "kept"),
    [
        pytest.param(KeepPlan(successes=0.0), ["run-1"], id="failures"),
        pytest.param(KeepPlan(failures=False, successes=1.0), ["run-2"], id="successes"),
        pytest.param(KeepPlan(failures=False, successes=0.0), [], id="none"),
    ],
)
async def test_the_plan_decides(plan: KeepPlan, kept: list[str]) -> None:
    """A run that is not wanted has no URL, and is no failure to keep."""
    stage = staged(plan=plan, store=FakeEvidenceStore())
    urls = await stage.keep(failed(1), succeeded(2), replace(succeeded(3), outcome=Outcome.CANCELLED))
    assert stage.kept_ids() == kept
    assert len([url for url in urls if url is not None]) == len(kept)
    assert stage.counted.failed == 0


async def test_a_store_that_fails_is_a_warning(logged: list[EventDict]) -> None:
    """The run has no URL; the log says why, for which run, and it is counted."""
    stage = staged(store=FakeEvidenceStore())
    stage.store.fault = StoreFailed("cannot keep evidence: No space left on device")
    assert await stage.keep(failed()) == [None]
    assert (stage.counted.kept, stage.counted.failed) == (0, 1)
    (event,) = logged
    assert event["log_level"] == "warning"
    assert event["event"] == "evidence_not_kept"
    assert event["summary"] == "cannot keep evidence: No space left on device"
    assert (event["run_id"], event["target"]) == ("run-1", "ubuntu")


async def test_a_store_that_hangs_is_given_up(logged: list[EventDict]) -> None:
    """A run waits no longer than the limit."""
    store = FakeEvidenceStore()
    store.hanging = True
    stage = staged(store=store)
    assert await stage.keep(failed()) == [None]
    assert [(event["event"], event["summary"]) for event in logged] == [
        ("evidence_not_kept", "the store did not answer within 0.05 s")
    ]
    assert stage.counted.failed == 1


async def test_a_defect_is_told_and_ends_nothing(logged: list[EventDict]) -> None:
    """Two artefacts of one name are our own mistake: logged with a traceback, counted, and not raised."""
    stage = staged(store=FakeEvidenceStore())
    assert await stage.keeper.keep(failed(), TARGET, [PICTURE, PICTURE]) is None
    (event,) = logged
    assert (event["event"], event["log_level"]) == ("evidence_not_kept", "error")
    assert isinstance(event["exc_info"], ValueError)
    assert stage.counted.failed == 1


async def test_a_cancellation_goes_through() -> None:
    """A shutdown does not wait for a store."""
    store = FakeEvidenceStore()
    stage = staged(store=store)
    store.hanging = True
    keeping = asyncio.create_task(stage.keep(failed()))
    await asyncio.sleep(0.01)
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping
    assert stage.counted.failed == 0


async def test_the_limits_hold_after_each_run() -> None:
    """A flood of successes takes one another's place, never that of the newest failure."""
    limits = Limits(count=3, free=0.0)
    stage = staged(plan=KeepPlan(successes=1.0), limits=limits, store=FakeEvidenceStore())
    await stage.keep(failed(0), failed(1), *(succeeded(number) for number in range(2, 9)))
    assert stage.kept_ids() == ["run-1", "run-6", "run-7", "run-8"]
    assert stage.counted.removed == 5
    await stage.keep(failed(9))
    assert stage.kept_ids() == ["run-7", "run-8", "run-9"]


async def test_room_is_made_before_the_disk_is_full() -> None:
    """The oldest evidence goes before the new is written, so that the free share of the disk is never used."""
    store = FakeEvidenceStore(disk=Room(free=13_000, total=20_000))
    stage = staged(plan=KeepPlan(successes=1.0), limits=Limits(free=0.25), store=store)
    for number in range(10):
        assert await stage.keep(succeeded(number)) != [None]
        room = await store.room()
        assert room is not None
        assert room.free >= 5000
    assert stage.kept_ids()[-1] == "run-9"
    assert 0 < stage.counted.removed < 10
    assert stage.counted.failed == 0


async def test_a_disk_that_others_filled(logged: list[EventDict]) -> None:
    """Where no room can be made nothing is kept, and the log says how much is missing; the last failure stays."""
    store = FakeEvidenceStore(disk=Room(free=100_000, total=100_000))
    stage = staged(limits=Limits(free=0.1), store=store)
    await stage.keep(failed(1))
    store.disk = Room(free=1000, total=100_000)
    assert await stage.keep(failed(2)) == [None]
    assert stage.kept_ids() == ["run-1"]
    assert [event["event"] for event in logged] == ["evidence_not_kept"]
    assert "less than 10% of the disk would stay free" in logged[0]["summary"]


async def test_tidying_that_fails_is_told(logged: list[EventDict]) -> None:
    """It is tried again the next time, and no task ends by it."""
    stage = staged(store=FakeEvidenceStore())
    stage.store.fault = StoreFailed("cannot list evidence: gone")
    await stage.keeper.tidy()
    assert [event["event"] for event in logged] == ["evidence_not_removed"]
    assert stage.counted.failed == 1


async def test_on_a_real_folder(tmp_path: Path) -> None:
    """Keeper and store together leave a whole folder, where nobody counts too."""
    store = StoredEvidence((tmp_path / "evidence").as_uri())
    setting = EvidenceSetting(url="", keep=KeepPlan(), limits=Limits(free=0.0), limit_s=10.0)
    url = await keeper_of(store, setting=setting, counts=Uncounted()).keep(failed(), TARGET, [PICTURE])
    place = tmp_path / "evidence" / "ubuntu" / "run-1"
    assert url == f"{place.as_uri()}/"
    assert names_in(place) == ["last_frame.png", "manifest.json", "report.json"]


def names_in(place: Path) -> list[str]:
    """Returns the names of a folder's files, in order."""
    return sorted(path.name for path in place.iterdir())


class SlowToList(FakeEvidenceStore):
    """A store that takes half a minute to list what it has."""

    async def runs(self) -> Sequence[KeptRun]:
        await asyncio.sleep(30)
        return await super().runs()


@pytest.mark.looptime
async def test_no_run_waits_for_what_is_too_much() -> None:
    """Keeping is over when the run is kept; it is listed and removed beside the runs."""
    stage = staged(plan=KeepPlan(successes=1.0), limits=Limits(count=2, free=0.0), store=SlowToList())
    loop = asyncio.get_running_loop()
    tidying = asyncio.create_task(stage.keeper.tidy_for_ever(), name="tidying")
    await asyncio.sleep(70)
    for number in range(5):
        begin = loop.time()
        assert await stage.keeper.keep(succeeded(number), TARGET, [PICTURE]) is not None
        assert loop.time() == begin
    assert stage.kept_ids() == [f"run-{number}" for number in range(5)]
    await asyncio.sleep(130)
    assert stage.kept_ids() == ["run-3", "run-4"]
    tidying.cancel()
    await asyncio.wait([tidying])


@pytest.mark.looptime
async def test_tidying_may_take_minutes(logged: list[EventDict]) -> None:
    """What takes longer to list than a run waits is held against the limits all the same."""
    stage = staged(plan=KeepPlan(successes=1.0), limits=Limits(count=2, free=0.0), store=SlowToList(), limit_s=10.0)
    for number in range(5):
        await stage.keeper.keep(succeeded(number), TARGET, [PICTURE])
    await stage.keeper.tidy()
    assert stage.kept_ids() == ["run-3", "run-4"]
    assert {event["event"] for event in logged} == {"evidence_removed"}


@pytest.mark.looptime
async def test_who_ends_waits_no_longer_than_a_run(logged: list[EventDict]) -> None:
    """A command that has kept a run gives up what it would remove at the limit for keeping."""
    stage = staged(store=SlowToList(), limit_s=10.0)
    loop = asyncio.get_running_loop()
    await stage.keeper.keep(failed(), TARGET, [PICTURE])
    begin = loop.time()
    await stage.keeper.tidy_if_due()
    assert loop.time() - begin == pytest.approx(10.0)
    assert [event["summary"] for event in logged] == ["the store did not answer within 10 s"]
    assert stage.counted.failed == 1


@pytest.mark.looptime
async def test_a_disk_that_hangs_is_told_soon(logged: list[EventDict]) -> None:
    """Tidying asks for the room first, and keeps the disk from the runs no longer than their limit."""
    stage = staged(store=FakeEvidenceStore(), limit_s=10.0)
    stage.store.hanging = True
    loop = asyncio.get_running_loop()
    begin = loop.time()
    await stage.keeper.tidy()
    assert loop.time() - begin == pytest.approx(10.0)
    assert [event["summary"] for event in logged] == ["the store did not answer within 10 s"]


@pytest.mark.looptime
async def test_evidence_is_tidied_for_ever() -> None:
    """At once, then every few minutes, and soon after each run that was kept."""
    stage = staged(store=FakeEvidenceStore())
    tidying = asyncio.create_task(stage.keeper.tidy_for_ever(), name="tidying")
    await asyncio.sleep(2.5 * TIDY_EVERY_S)
    assert len(stage.counted.sizes) == 3
    await stage.keeper.keep(failed(), TARGET, [PICTURE])
    await asyncio.sleep(1)
    assert len(stage.counted.sizes) == 4
    tidying.cancel()
    await asyncio.wait([tidying])


@pytest.mark.looptime
async def test_who_ends_waits_for_the_tidying_under_way() -> None:
    """What is being removed already is removed when the wait is over."""
    stage = staged(plan=KeepPlan(successes=1.0), limits=Limits(count=1, free=0.0), store=SlowToList())
    tidying = asyncio.create_task(stage.keeper.tidy_for_ever(), name="tidying")
    await asyncio.sleep(40)
    for number in (1, 2):
        await stage.keeper.keep(succeeded(number), TARGET, [PICTURE])
    await asyncio.sleep(1)
    await stage.keeper.tidy_if_due()
    assert stage.kept_ids() == ["run-2"]
    tidying.cancel()
    await asyncio.wait([tidying])


async def test_nothing_is_listed_that_nobody_kept() -> None:
    """A command that kept nothing leaves the store alone."""
    stage = staged(store=FakeEvidenceStore())
    await stage.keeper.tidy_if_due()
    assert stage.counted.sizes == []
