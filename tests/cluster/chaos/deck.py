"""What may happen to a run, and what must come of it."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle, islice
from typing import Any

UNREACHABLE = {"outcome": "failure", "step": "create", "layer": "control_plane", "reason": "api_unreachable"}


class Blow(StrEnum):
    """What happens to the run."""

    NOTHING = "nothing"
    """Nothing: a run after all the others must be as good as the first."""
    API_RESTART = "api_restart"
    """The API server is killed, and started again."""
    CUT = "cut"
    """Every connection is cut."""
    LOST_REQUEST = "lost_request"
    """The creation's connection is cut before the API server heard of it."""
    LOST_ANSWER = "lost_answer"
    """The creation's connection is cut when the API server has carried it out."""
    THROTTLED = "throttled"
    """Two requests are refused with 429 and Retry-After."""
    EXPIRED = "expired"
    """Two watches tell that their version expired."""
    SLOW = "slow"
    """Every answer is late by 2 s."""
    KILLED = "killed"
    """The prober is killed, and started again."""


CARDS: Mapping[Blow, int] = {
    Blow.NOTHING: 4,
    Blow.API_RESTART: 10,
    Blow.CUT: 20,
    Blow.LOST_REQUEST: 5,
    Blow.LOST_ANSWER: 10,
    Blow.THROTTLED: 17,
    Blow.EXPIRED: 17,
    Blow.SLOW: 3,
    Blow.KILLED: 14,
}
"""How many of each there are in a hundred runs; those that take long are fewer."""

UNSEEN = frozenset({Blow.NOTHING, Blow.API_RESTART, Blow.KILLED})
"""What does not pass through the proxy, which therefore cannot tell that it happened."""

STEPS: Mapping[Blow, Sequence[str]] = {
    Blow.API_RESTART: ("running", "stream", "terminate"),
    Blow.CUT: ("running", "url", "stream", "terminate", "cleanup"),
    Blow.THROTTLED: ("create", "running", "terminate", "cleanup"),
    Blow.EXPIRED: ("create", "terminate"),
    Blow.KILLED: ("create", "running", "url", "login", "stream", "terminate", "cleanup"),
}
"""At the beginning of which steps it may happen; the others come with the run's first request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One run's fate."""

    blow: Blow
    step: str = "create"

    def wrong(self, report: Mapping[str, Any]) -> str | None:
        """Says what is wrong with a run's report, `None` when it is what had to come of it."""
        if report["outcome"] == "success":
            return self._unnoted(report)
        told = {key: report.get(key) for key in UNREACHABLE}
        if self.blow is Blow.LOST_REQUEST and told == UNREACHABLE:
            return None
        return f"{self} came out as {told}: {report.get('summary')}"

    def _unnoted(self, report: Mapping[str, Any]) -> str | None:
        """Finds fault with a success that hides what it cost."""
        if self.blow is Blow.LOST_REQUEST:
            return f"{self}: a creation that never arrived was a success"
        create = report["steps"][0]
        if self.blow is Blow.LOST_ANSWER and not create.get("notes"):
            return f"{self}: the lost answer is not told: {create}"
        if self.blow is Blow.THROTTLED and self.step == "create" and create.get("attempts", 1) < 2:
            return f"{self}: the attempts are not told: {create}"
        return None


def shuffled(seed: int) -> list[Card]:
    """Returns a hundred cards in an order that the seed decides; each blow has all its steps in turn."""
    cards = [
        Card(blow=blow, step=step)
        for blow, count in CARDS.items()
        for step in islice(cycle(STEPS.get(blow, ("create",))), count)
    ]
    random.Random(seed).shuffle(cards)
    return cards
