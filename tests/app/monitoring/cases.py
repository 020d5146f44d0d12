"""What the cases of alerts about targets share: intervals, and stories that go on long enough."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.app.monitoring.promtool import Case
from tests.app.monitoring.stories import MINUTE, Story, target

INTERVALS = pytest.mark.parametrize("every", [1, 5, 15], ids=["1m", "5m", "15m"])

DESK = {"target": "desk"}
QUIET = None
ANY_TARGET_ALERT = "VDIProbe[^r].*"
"""A regular expression of the alerts about targets, those about the prober left out."""


STEPS_S = {1: MINUTE, 5: 2 * MINUTE, 15: 5 * MINUTE}
"""How often rules are evaluated in a story, by the interval: seldom enough for days to pass in a second."""


def case(name: str, story: Story, **fires: Sequence[Mapping[str, str]] | None) -> Case:
    return Case(name=name, story=story, fires=fires)


def runs(every: int, pattern: str, *, minutes: int = 2, **how: Any) -> Story:
    """Makes the story of a target, which goes on for two evaluations and these minutes at least."""
    return target(every * MINUTE, pattern, then_s=max(minutes * MINUTE, 2 * STEPS_S[every]), **how)
