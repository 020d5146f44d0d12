"""What the keeping of evidence relies on in the port `EvidenceStore`; a subclass gives the fixture `store`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from prober.domain.artefacts import Artefact
from prober.domain.ids import RunId, TargetName
from prober.domain.manifest import EvidenceRecord
from prober.domain.outcomes import Outcome
from prober.flow.ports.evidence import EvidenceStore

KEPT_AT = datetime(2026, 11, 22, 9, 41, 2, 500000, tzinfo=UTC)

RECORD = EvidenceRecord(
    run_id=RunId("0198aaaa-0000-7000-8000-000000000001"),
    target=TargetName("ubuntu"),
    outcome=Outcome.FAILURE,
    started_at=KEPT_AT - timedelta(seconds=40),
    kept_at=KEPT_AT,
)

ARTEFACTS = (
    Artefact(name="report.json", media_type="application/json", content=b"{}\n"),
    Artefact(name="last_frame.png", media_type="image/png", content=bytes(range(256)) * 40),
    Artefact(name="empty.txt", media_type="text/plain", content=b""),
)


def record(number: int, *, target: str = "ubuntu", outcome: Outcome = Outcome.FAILURE) -> EvidenceRecord:
    """Returns the record of another run, the higher the number the later."""
    return replace(
        RECORD,
        run_id=RunId(f"0198aaaa-0000-7000-8000-{number:012}"),
        target=TargetName(target),
        outcome=outcome,
        kept_at=KEPT_AT + timedelta(minutes=number),
    )


async def kept_ids(store: EvidenceStore) -> list[tuple[str, str]]:
    """Returns target and run id of what is kept, in order."""
    return sorted((run.target, run.run_id) for run in await store.runs())


class EvidenceStoreContract:
    """Behaviour of every implementation."""

    async def test_a_fresh_store_is_empty(self, store: EvidenceStore) -> None:
        """A store in which nothing was kept lists nothing."""
        assert list(await store.runs()) == []

    async def test_what_is_kept_is_listed(self, store: EvidenceStore) -> None:
        """The list says of a run what its record said, with the size of all its files at least."""
        await store.keep(RECORD, ARTEFACTS)
        (run,) = await store.runs()
        assert (run.target, run.run_id, run.outcome) == (RECORD.target, RECORD.run_id, RECORD.outcome)
        assert run.kept_at == KEPT_AT
        assert run.size >= sum(len(artefact.content) for artefact in ARTEFACTS)

    async def test_each_run_has_a_url(self, store: EvidenceStore) -> None:
        """The URL names the target, then the run."""
        url = await store.keep(RECORD, ARTEFACTS)
        assert url.endswith(f"/{RECORD.target}/{RECORD.run_id}/")
        assert "://" in url

    async def test_many_runs_of_several_targets(self, store: EvidenceStore) -> None:
        """Every run is there once, by its own target."""
        records = [record(number, target=f"target-{number % 3}") for number in range(40)]
        for each in records:
            await store.keep(each, ARTEFACTS[:1])
        assert await kept_ids(store) == sorted((each.target, each.run_id) for each in records)
        assert {run.kept_at for run in await store.runs()} == {each.kept_at for each in records}

    async def test_a_removed_run_is_gone(self, store: EvidenceStore) -> None:
        """Removing takes one run and leaves the others."""
        await store.keep(record(1), ARTEFACTS)
        await store.keep(record(2), ARTEFACTS)
        (first, _) = sorted(await store.runs(), key=lambda run: run.kept_at)
        await store.remove(first)
        assert await kept_ids(store) == [("ubuntu", record(2).run_id)]

    async def test_removing_again_is_no_fault(self, store: EvidenceStore) -> None:
        """Two probers on one store may both find that a run has to go."""
        await store.keep(RECORD, ARTEFACTS)
        (run,) = await store.runs()
        await store.remove(run)
        await store.remove(run)
        assert list(await store.runs()) == []

    async def test_a_run_may_have_no_artefact(self, store: EvidenceStore) -> None:
        """A folder with nothing but its manifest is kept too."""
        await store.keep(RECORD, ())
        assert await kept_ids(store) == [("ubuntu", RECORD.run_id)]

    @pytest.mark.parametrize(
        "names",
        [
            pytest.param(("a.txt", "a.txt"), id="twice"),
            pytest.param(("../a.txt",), id="elsewhere"),
            pytest.param(("manifest.json",), id="the manifest's"),
            pytest.param(("",), id="empty"),
        ],
    )
    async def test_names_that_are_no_file_names(self, store: EvidenceStore, names: Sequence[str]) -> None:
        """They are refused before anything is stored."""
        artefacts = [Artefact(name=name, media_type="text/plain", content=b"x") for name in names]
        with pytest.raises(ValueError, match="name"):
            await store.keep(RECORD, artefacts)
        assert list(await store.runs()) == []
