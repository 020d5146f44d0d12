"""How a run, or a step of it, ended."""

from enum import StrEnum


class Outcome(StrEnum):
    """The five ways in which a run can end."""

    SUCCESS = "success"
    """Every step did what a user needs; it may still be degraded."""
    FAILURE = "failure"
    """The target failed: counts against its objective."""
    ERROR = "error"
    """The prober failed: says nothing of the target, never looks green."""
    SKIPPED = "skipped"
    """The run never began: overlap, misfire, capacity or maintenance."""
    CANCELLED = "cancelled"
    """The prober was told to stop while the run was under way."""


class SkipReason(StrEnum):
    """Why a due run did not begin."""

    OVERLAP = "overlap"
    """The target's previous run was still under way."""
    MISFIRE = "misfire"
    """The scheduler came too late for it."""
    CAPACITY = "capacity"
    """All places for concurrent runs stayed taken until the next run was due."""
    MAINTENANCE = "maintenance"
    """The target is in a maintenance window."""


class Trigger(StrEnum):
    """What made a run begin."""

    SCHEDULE = "schedule"
    """The target's schedule."""
    MANUAL = "manual"
    """A person or a pipeline, by `prober run`."""
    API = "api"
    """A request to the service."""
