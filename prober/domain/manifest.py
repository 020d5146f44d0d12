"""What a run's folder of evidence holds: one entry for each file, by which its completeness can be proven.

The manifest is written last. A folder without one is that of a keep that is under way, or of one that was cut off.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from prober.domain.artefacts import Artefact
from prober.domain.ids import RunId, TargetName
from prober.domain.outcomes import Outcome

MANIFEST_NAME = "manifest.json"

VERSION = 1
"""Of the published form; a reader refuses another one."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRecord:
    """Whose evidence it is.

    Attributes:
        run_id: Of which run.
        target: Of which target.
        outcome: How the run ended.
        started_at: When the run began, by the wall clock.
        kept_at: When its evidence was kept; its age counts from here.
    """

    run_id: RunId
    target: TargetName
    outcome: Outcome
    started_at: datetime
    kept_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file of the folder.

    Attributes:
        name: The file's name.
        media_type: What it is.
        size: How long it is, in bytes.
        sha256: The hash of its content, in hexadecimal digits.
    """

    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A run's folder, in words: the run, and every file but the manifest itself."""

    record: EvidenceRecord
    entries: tuple[Entry, ...]


def manifest_of(record: EvidenceRecord, artefacts: Sequence[Artefact]) -> Manifest:
    """Returns the manifest of a folder with these files.

    Raises:
        ValueError: Two files have one name, or a name cannot be that of a file here.
    """
    names = [artefact.name for artefact in artefacts]
    for name in names:
        if _NAME.fullmatch(name) is None or name == MANIFEST_NAME:
            raise ValueError(f"{name!r} cannot be the name of an artefact")
        if names.count(name) > 1:
            raise ValueError(f"two artefacts have the name {name}")
    return Manifest(record=record, entries=tuple(map(_entry, artefacts)))


def as_dict(manifest: Manifest) -> dict[str, Any]:
    """Returns the published form, ready for JSON."""
    record = manifest.record
    return {
        "version": VERSION,
        "run_id": record.run_id,
        "target": record.target,
        "outcome": record.outcome.value,
        "started_at": _timestamp(record.started_at),
        "kept_at": _timestamp(record.kept_at),
        "entries": [
            {"name": entry.name, "media_type": entry.media_type, "size_bytes": entry.size, "sha256": entry.sha256}
            for entry in manifest.entries
        ],
    }


def manifest_from(published: Any) -> Manifest:
    """Returns what `as_dict` published.

    Raises:
        ValueError: It is no manifest, or one of a version that is not known here.
    """
    try:
        if published["version"] != VERSION:
            raise ValueError("a manifest of an unknown version")
        return Manifest(record=_record(published), entries=tuple(map(_parsed_entry, published["entries"])))
    except (KeyError, TypeError) as error:
        raise ValueError("no manifest of evidence") from error


def _entry(artefact: Artefact) -> Entry:
    return Entry(
        name=artefact.name,
        media_type=artefact.media_type,
        size=len(artefact.content),
        sha256=hashlib.sha256(artefact.content).hexdigest(),
    )


def _record(published: Any) -> EvidenceRecord:
    return EvidenceRecord(
        run_id=RunId(published["run_id"]),
        target=TargetName(published["target"]),
        outcome=Outcome(published["outcome"]),
        started_at=_moment(published["started_at"]),
        kept_at=_moment(published["kept_at"]),
    )


def _parsed_entry(published: Any) -> Entry:
    return Entry(
        name=published["name"],
        media_type=published["media_type"],
        size=published["size_bytes"],
        sha256=published["sha256"],
    )


def _moment(text: str) -> datetime:
    """Returns a time in UTC: one without a zone could not be compared with any other."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
