"""What may happen to a run, and what must come of it."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
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
    Blow.CUT: 16,
    Blow.LOST_REQUEST: 8,
    Blow.LOST_ANSWER: 10,
    Blow.THROTTLED: 16,
    Blow.EXPIRED: 16,
    Blow.SLOW: 6,
    Blow.KILLED: 14,
}
"""How many of each there are in a hundred runs; those that take long are fewer."""

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
    """Returns a hundred cards in an order that the seed decides, with the steps that it decides."""
    chance = random.Random(seed)
    cards = [
        Card(blow=blow, step=chance.choice(STEPS.get(blow, ("create",))))
        for blow, count in CARDS.items()
        for _ in range(count)
    ]
    chance.shuffle(cards)
    return cards
