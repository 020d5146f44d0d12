"""What the lists of one wait met: whether the API server answers, and what asking it cost."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from prober.domain.errors import Fault, TargetFailed
from prober.domain.reasons import Reason


class OutageRecord:
    """The outage that lasts, if one does, and the times spent so far."""

    def __init__(self) -> None:
        self._fault: Fault | None = None
        self._began_s = 0.0
        self._listing_s = 0.0
        self._outage_s = 0.0

    @property
    def outage(self) -> Fault | None:
        """What the last list met, where that was no answer."""
        return self._fault

    def timings(self) -> Mapping[str, float]:
        """Returns the times by name, in seconds; without an outage there is none of that name."""
        lasting_s = 0.0 if self._fault is None else _now() - self._began_s
        outage_s = self._outage_s + lasting_s
        return {"listing": self._listing_s} | ({"outage": outage_s} if outage_s else {})

    @contextmanager
    def list(self) -> Iterator[None]:
        """Records the block as one list; one that is cancelled tells nothing of the API server.

        An outage begins with the request that it first met. Lists during an outage are part of it.
        """
        begin_s = _now()
        try:
            yield
        except TargetFailed as error:
            self._record(error.fault if error.fault.reason is Reason.API_UNREACHABLE else None, begin_s=begin_s)
            raise
        self._record(None, begin_s=begin_s)

    def _record(self, fault: Fault | None, *, begin_s: float) -> None:
        if self._fault is None and fault is not None:
            self._began_s = begin_s
        elif self._fault is not None and fault is None:
            self._outage_s += _now() - self._began_s
        elif fault is None:
            self._listing_s += _now() - begin_s
        self._fault = fault


def _now() -> float:
    return asyncio.get_running_loop().time()
