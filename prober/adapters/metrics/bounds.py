"""What keeps a target within its series where the values of a label are more than it may cost."""

from collections import defaultdict


class Bound:
    """Takes the first so many combinations of label values that a target shows, and no further ones.

    Args:
        most: How many.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)

    def takes(self, target: str, *values: str) -> bool:
        """Tells whether a target's combination is one of those that have a series."""
        taken = self._taken[target]
        if values not in taken and len(taken) < self._most:
            taken.add(values)
        return values in taken

    def forget(self, target: str) -> None:
        """Begins anew with a target; an unknown one is no fault."""
        self._taken.pop(target, None)
