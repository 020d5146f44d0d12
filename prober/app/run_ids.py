"""New ids for runs."""

from uuid_utils import uuid7

from prober.domain.ids import RunId


def new_run_id() -> RunId:
    """Returns a UUIDv7, which sorts by the time of its making."""
    return RunId(str(uuid7()))
