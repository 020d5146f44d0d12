"""What each peer connection of a page went through, for people to read.

Times are seconds since the page's navigation began, as everywhere in a report.
"""

from dataclasses import asdict
from typing import Any

from playwright.async_api import Page

from prober.adapters.browser.collector import Answer, ask_frames
from prober.adapters.browser.connections import parse_peer
from prober.adapters.browser.raw import RawStory


async def read_stories(page: Page) -> list[dict[str, Any]]:
    """Asks all frames; each peer connection's states and figures as the domain names them, and its story.

    Raises:
        ProberFailed: `browser_crashed` or `driver_error`.
    """
    return [_story(raw, answer) for answer in await ask_frames(page, "stories") for raw in answer.value]


def _story(raw: RawStory, answer: Answer) -> dict[str, Any]:
    peer = asdict(parse_peer(raw, answer, shown=True))
    return {
        "id": raw["id"],
        **{name: value for name, value in peer.items() if value is not None},
        "changes": [_timed(dict(one), answer) for one in raw["changes"]],
        "candidates": [_timed(dict(one), answer) for one in raw["candidates"]],
        "descriptions": [_timed(dict(one), answer) for one in raw["descriptions"]],
        "left_out": raw["leftOut"],
    }


def _timed(item: dict[str, Any], answer: Answer) -> dict[str, Any]:
    return {"at_s": answer.seconds(item.pop("at")), **item}
