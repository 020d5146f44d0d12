"""What a target promises its users, as shares of runs: the service level objectives that alerts burn a budget of."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTime:
    """How soon a desktop is to be there.

    Attributes:
        ratio: The share of starts that is to be on time, above 0 and below 1.
        within_s: From asking for a desktop to its first frame, in seconds.
    """

    ratio: float = 0.95
    within_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Objectives:
    """The objectives of one target; `None` in place of one means that there is none.

    Attributes:
        availability: The share of runs that is to succeed, of those that said something of the target.
        start_time: How soon a desktop is to be there.
    """

    availability: float | None = 0.99
    start_time: StartTime | None = field(default_factory=StartTime)
