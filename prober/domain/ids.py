"""Names for the strings that must not be mistaken for one another."""

from typing import NewType
from uuid import UUID

RunId = NewType("RunId", str)
"""One execution of the flow for one target: a UUIDv7, so that ids sort by time."""

TargetName = NewType("TargetName", str)
"""What the configuration calls a target; a metric label."""

ClusterName = NewType("ClusterName", str)
"""What the configuration calls a cluster; never its address."""


def trace_id(run_id: RunId) -> str:
    """Returns the id of a run's trace, as W3C Trace Context writes it: the run's own, 32 hexadecimal digits.

    Raises:
        ValueError: The run's id is no UUID.
    """
    return UUID(run_id).hex
