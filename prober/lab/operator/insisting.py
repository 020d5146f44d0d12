"""Calls that are repeated until the API server answers.

For what a session's life asks once the session runs: an error would end the life, and with it take a
live desktop away from its user.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from itertools import chain, repeat
from typing import Protocol, TypeVar

from prober.lab.operator.client import ApiError, NotFound

logger = logging.getLogger(__name__)

PAUSES_S = (0.2, 0.5, 1.0, 2.0)
"""The pauses between two calls, in seconds; the last one stays."""

Answer = TypeVar("Answer")


class Leaving(Protocol):
    """Says whether there is still somebody to insist."""

    @property
    def leaving(self) -> bool:
        """Whether the operator itself ends."""


async def insist(call: Callable[[], Awaitable[Answer]], *, stop: Leaving) -> Answer:
    """Repeats a call until the API server answers, with bounded pauses.

    Args:
        call: Makes the call; may be made several times.
        stop: Ends the insisting when the operator ends.

    Raises:
        NotFound: The object is gone, which is an answer, too.
        ApiError: The call failed while the operator ended.
    """
    pauses = chain(PAUSES_S, repeat(PAUSES_S[-1]))
    while True:
        try:
            return await call()
        except NotFound:
            raise
        except ApiError as error:
            if stop.leaving:
                raise
            pause_s = next(pauses)
            logger.warning("a call is repeated in %.1f s: %s", pause_s, error)
        await asyncio.sleep(pause_s)
