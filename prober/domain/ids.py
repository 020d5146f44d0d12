"""Names for the strings that must not be mistaken for one another."""

from typing import NewType

RunId = NewType("RunId", str)
"""One execution of the flow for one target: a UUIDv7, so that ids sort by time."""

TargetName = NewType("TargetName", str)
"""What the configuration calls a target; a metric label."""

ClusterName = NewType("ClusterName", str)
"""What the configuration calls a cluster; never its address."""
