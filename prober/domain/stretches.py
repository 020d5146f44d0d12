"""The longest stretches in which looks at the picture said the same."""

from collections.abc import Sequence
from itertools import pairwise

from prober.domain.stream import StreamSample


def unchanged_s(samples: Sequence[StreamSample]) -> float | None:
    """Returns the longest time between two looks with no change at any look between them, in seconds."""
    looks = [sample for sample in samples if sample.changed is not None]
    longest, since = None, None
    for earlier, look in pairwise(looks):
        since = None if look.changed else (earlier.moment_s if since is None else since)
        longest = max(longest or 0.0, 0.0 if since is None else look.moment_s - since)
    return longest


def blank_s(samples: Sequence[StreamSample], blank_luma: float) -> float | None:
    """Returns the longest time between two looks at a blank picture with no other picture between them, in seconds."""
    looks = [(sample.moment_s, sample.luma) for sample in samples if sample.luma is not None]
    longest, since = None, None
    for moment_s, luma in looks:
        since = (moment_s if since is None else since) if luma <= blank_luma else None
        longest = max(longest or 0.0, 0.0 if since is None else moment_s - since)
    return longest
