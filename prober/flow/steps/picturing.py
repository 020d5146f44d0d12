"""Keeps what the browser saw: pictures between the steps, everything else once at the end.

No step of the story, as `evidence`: nothing here decides how a run ends or raises what the browser raises. What the
browser does not give, or not in time, is missing from what is kept; an error of our own code is told besides.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from prober.domain.artefacts import Artefact
from prober.domain.aside import ARTEFACTS_S, PICTURE_S, Doing
from prober.domain.errors import ProbeError
from prober.flow.journal import Journal
from prober.flow.ports import Desktop

FIRST_FRAME = "first_frame"
"""The page when a frame that is not blank was rendered."""

WINDOW_END = "window_end"
"""A small one after the observation window: a picture within it would take CPU from what is measured."""

LAST = "last"
"""The page when a step had failed."""

_SMALL = frozenset({WINDOW_END})


async def picture(journal: Journal, desktop: Desktop, name: str) -> None:
    """Keeps a picture of the page as it is now, where there is one to be had in time."""
    with journal.aside(Doing.PICTURES), _deciding_nothing(journal):
        async with asyncio.timeout(PICTURE_S):
            await desktop.snapshot(name, small=name in _SMALL)


async def page_artefacts(journal: Journal, desktop: Desktop) -> Sequence[Artefact]:
    """Returns everything that is kept of the page so far; nothing where it cannot be had in time."""
    kept: Sequence[Artefact] = ()
    with journal.aside(Doing.ARTEFACTS), _deciding_nothing(journal):
        async with asyncio.timeout(ARTEFACTS_S):
            kept = await desktop.artefacts()
    return kept


@contextmanager
def _deciding_nothing(journal: Journal) -> Iterator[None]:
    """Ends the block where it fails, whatever that is; a defect of ours is told."""
    try:
        yield
    except (ProbeError, TimeoutError):
        return
    except Exception as error:  # noqa: BLE001 - what is kept decides nothing
        journal.mention(error)
