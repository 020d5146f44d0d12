"""Parses what the wire says into what we mean.

Pure. What is absent, or of another type than expected, is `None` in the view: it is the platform's to fill. An object
without an identity is no object.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from prober.adapters.kubernetes.resources import FieldPath, StatusPaths
from prober.domain.errors import TargetFailed
from prober.domain.masking import Mask, message
from prober.domain.reasons import Reason
from prober.domain.session import Child, Phase, SessionRef, SessionView, Tie


def session_view(raw: Mapping[str, Any], *, paths: StatusPaths, mask: Mask = str) -> SessionView:
    """Returns the view of a session, its message masked and shortened: it is told as it is.

    Args:
        raw: The session.
        paths: Where the fields of its status are.
        mask: Masks the secrets that are known.

    Raises:
        TargetFailed: `api_unreachable` when it has no namespace, name and uid.
    """
    metadata, said = metadata_of(raw), _text_at(raw, paths.message)
    return SessionView(
        ref=_ref(metadata),
        phase=_phase(_text_at(raw, paths.phase)),
        url=_text_at(raw, paths.url),
        message=said and (message(said, mask=mask) or None),
        pod_name=_text_at(raw, paths.pod_name),
        created_at=_time(metadata.get("creationTimestamp")),
        deleting=metadata.get("deletionTimestamp") is not None,
        deleted_at=deleted_at(metadata),
        finalizers=_texts(metadata.get("finalizers")),
        labels=labels_of(metadata),
        annotations=_text_map(metadata.get("annotations")),
    )


def child_view(raw: Mapping[str, Any], *, kind: str, tie: Tie) -> Child:
    """Returns the view of a child; items of a list do not name their kind."""
    metadata = metadata_of(raw)
    return Child(
        kind=kind,
        name=str(metadata.get("name", "")),
        tie=tie,
        created_at=_time(metadata.get("creationTimestamp")),
        deleted_at=deleted_at(metadata),
        finalizers=_texts(metadata.get("finalizers")),
    )


def items_of(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Returns the objects of a list."""
    items = raw.get("items")
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def metadata_of(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the metadata of an object or a list."""
    metadata = raw.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def version_of(raw: Mapping[str, Any]) -> str:
    """Returns the resourceVersion of an object or a list, empty when it has none."""
    return str(metadata_of(raw).get("resourceVersion") or "")


def labels_of(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Returns the labels."""
    return _text_map(metadata.get("labels"))


def deleted_at(metadata: Mapping[str, Any]) -> datetime | None:
    """Returns when the deletion was accepted: the timestamp is the end of the grace that the object has then."""
    ends_at, grace = _time(metadata.get("deletionTimestamp")), metadata.get("deletionGracePeriodSeconds")
    try:
        return ends_at and ends_at - timedelta(seconds=grace if isinstance(grace, int) else 0)
    except OverflowError:
        return ends_at


def _ref(metadata: Mapping[str, Any]) -> SessionRef:
    namespace, name, uid = (metadata.get(key) for key in ("namespace", "name", "uid"))
    if not (isinstance(namespace, str) and isinstance(name, str) and isinstance(uid, str)):
        raise TargetFailed.because(Reason.API_UNREACHABLE, "the API server answered with an object without identity")
    return SessionRef(namespace=namespace, name=name, uid=uid)


def _phase(word: str | None) -> Phase | None:
    return Phase(word) if word in set(Phase) else None


def _text_at(raw: Mapping[str, Any], path: FieldPath) -> str | None:
    value: object = raw
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) and value else None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _text_map(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {key: text for key, text in value.items() if isinstance(key, str) and isinstance(text, str)}


def _time(value: object) -> datetime | None:
    try:
        parsed = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return parsed if parsed is not None and parsed.tzinfo else None
