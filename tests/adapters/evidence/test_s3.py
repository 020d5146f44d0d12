"""The evidence store on S3, as a server on loopback speaks it; credentials are those of the environment."""

from collections.abc import AsyncIterator

import pytest

from prober.adapters.evidence import StoredEvidence
from prober.domain.manifest import MANIFEST_NAME
from prober.flow.ports.evidence import StoreFailed
from tests.adapters.evidence.buckets import Bucket
from tests.contracts.evidence import ARTEFACTS, RECORD, EvidenceStoreContract

SECRET_KEY = "planted-secret-key"


@pytest.fixture
async def bucket(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bucket]:
    """A bucket, with an environment that leads to it."""
    async with Bucket().open() as bucket:
        environ = {
            "AWS_ACCESS_KEY_ID": "planted-key",
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": "eu-central-1",
            "AWS_ENDPOINT_URL": bucket.url,
            "AWS_ALLOW_HTTP": "true",
        }
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        yield bucket


@pytest.fixture
def store(bucket: Bucket) -> StoredEvidence:  # the environment has to lead there first
    """The store in a part of the bucket."""
    return StoredEvidence("s3://bucket/vdi/evidence/")


class TestBucket(EvidenceStoreContract):
    pass


async def test_a_run_is_a_folder_below_the_prefix(bucket: Bucket, store: StoredEvidence) -> None:
    """Its files have their types, so that a browser shows them; every request is signed."""
    url = await store.keep(RECORD, ARTEFACTS)
    place = f"vdi/evidence/{RECORD.target}/{RECORD.run_id}"
    assert url == f"s3://bucket/{place}/"
    assert list(bucket.objects) == [f"{place}/{artefact.name}" for artefact in ARTEFACTS] + [f"{place}/{MANIFEST_NAME}"]
    assert bucket.types[f"{place}/last_frame.png"] == "image/png"
    assert bucket.signed
    assert await store.room() is None


async def test_what_others_keep_in_the_bucket_stays(bucket: Bucket, store: StoredEvidence) -> None:
    """Objects beside the prefix, and some that only begin like it, are neither listed nor removed."""
    theirs = {f"vdi/evidence-old/{RECORD.target}/{RECORD.run_id}/a": b"", f"{RECORD.target}/{RECORD.run_id}/a": b""}
    bucket.objects.update(theirs)
    await store.keep(RECORD, ARTEFACTS)
    (run,) = await store.runs()
    await store.remove(run)
    assert bucket.objects == theirs


@pytest.mark.parametrize("status", [403, 404, 507], ids=["forbidden", "no bucket", "full"])
async def test_a_bucket_that_refuses(bucket: Bucket, store: StoredEvidence, status: int) -> None:
    """A refusal is a failure of the store in one line of plain words, without credentials."""
    bucket.refuse = status
    for call in (store.keep(RECORD, ARTEFACTS), store.runs()):
        with pytest.raises(StoreFailed) as caught:
            await call
        assert "\n" not in str(caught.value)
        assert SECRET_KEY not in str(caught.value)
        assert SECRET_KEY not in str(caught.value.__cause__)


async def test_a_bucket_that_is_gone(monkeypatch: pytest.MonkeyPatch, bucket: Bucket) -> None:
    """Without anybody who answers the store fails after a few tries, not after minutes."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(StoreFailed, match=r"cannot list evidence: .*2 retries"):
        await StoredEvidence("s3://bucket/evidence").runs()
