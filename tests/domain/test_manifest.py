"""The manifest of a run's evidence."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from prober.domain.artefacts import Artefact
from prober.domain.ids import RunId, TargetName
from prober.domain.manifest import EvidenceRecord, Manifest, as_dict, manifest_from, manifest_of
from prober.domain.outcomes import Outcome

RECORD = EvidenceRecord(
    run_id=RunId("0198aaaa-0000-7000-8000-000000000001"),
    target=TargetName("ubuntu"),
    outcome=Outcome.FAILURE,
    started_at=datetime(2026, 11, 22, 10, 40, 19, 123000, tzinfo=timezone(timedelta(hours=1))),
    kept_at=datetime(2026, 11, 22, 9, 41, tzinfo=UTC),
)
PICTURE = Artefact(name="last_frame.png", media_type="image/png", content=b"picture")
PUBLISHED = {
    "version": 1,
    "run_id": "0198aaaa-0000-7000-8000-000000000001",
    "target": "ubuntu",
    "outcome": "failure",
    "started_at": "2026-11-22T09:40:19.123Z",
    "kept_at": "2026-11-22T09:41:00.000Z",
    "entries": [
        {
            "name": "last_frame.png",
            "media_type": "image/png",
            "size_bytes": 7,
            "sha256": hashlib.sha256(b"picture").hexdigest(),
        }
    ],
}


def artefact(name: str) -> Artefact:
    """Returns an artefact of that name."""
    return Artefact(name=name, media_type="text/plain", content=b"")


def test_the_published_form() -> None:
    """Times are in UTC, each file has name, type, size and hash."""
    assert as_dict(manifest_of(RECORD, [PICTURE])) == PUBLISHED


def test_what_is_published_is_read_back() -> None:
    """Reading the published form gives the manifest again."""
    manifest = manifest_of(RECORD, [PICTURE, artefact("b.txt")])
    assert manifest_from(as_dict(manifest)) == manifest


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="empty"),
        pytest.param("Report.json", id="upper case"),
        pytest.param("a/b.txt", id="slash"),
        pytest.param("..", id="parent"),
        pytest.param(".hidden", id="hidden"),
        pytest.param("a b", id="space"),
        pytest.param("ä.txt", id="other letters"),
        pytest.param("x" * 129, id="too long"),
        pytest.param("a\n", id="newline"),
        pytest.param("manifest.json", id="the manifest's own"),
    ],
)
def test_names_that_are_refused(name: str) -> None:
    """A name that could lead out of the folder, or replace the manifest, is refused."""
    with pytest.raises(ValueError, match="cannot be the name of an artefact"):
        manifest_of(RECORD, [artefact(name)])


def test_a_name_twice_is_refused() -> None:
    """No file of a run replaces another."""
    with pytest.raises(ValueError, match=r"two artefacts have the name a\.txt"):
        manifest_of(RECORD, [artefact("a.txt"), artefact("b.txt"), artefact("a.txt")])


@pytest.mark.parametrize(
    "published",
    [
        pytest.param(None, id="nothing"),
        pytest.param([], id="a list"),
        pytest.param({}, id="no version"),
        pytest.param({**PUBLISHED, "version": 2}, id="a later version"),
        pytest.param({**PUBLISHED, "outcome": "well"}, id="no outcome"),
        pytest.param({**PUBLISHED, "kept_at": "yesterday"}, id="no time"),
        pytest.param({**PUBLISHED, "kept_at": 7}, id="a number in the place of a time"),
        pytest.param({**PUBLISHED, "entries": [{}]}, id="an empty entry"),
        pytest.param({**PUBLISHED, "entries": None}, id="no entries"),
    ],
)
def test_what_is_no_manifest(published: Any) -> None:
    """Whatever else stands there is a ValueError, nothing worse."""
    with pytest.raises(ValueError):  # noqa: PT011 - which words is of no interest to anybody
        manifest_from(published)


def test_a_time_without_a_zone_can_be_compared() -> None:
    """A time in a manifest always has a zone once it is read."""
    read = manifest_from({**PUBLISHED, "kept_at": "2026-11-22T09:41:00"})
    assert isinstance(read, Manifest)
    assert read.record.kept_at.tzinfo is not None
