"""Where the picture is in the page, in CSS pixels."""

from playwright.async_api import FloatRect, Frame, Page

from prober.adapters.browser.collector import find_picture, picture_element
from prober.adapters.browser.faults import translated

Place = tuple[float, float]
"""From the left and from the top of the page's viewport."""


async def picture_box(page: Page) -> FloatRect:
    """Returns where the picture is in the page; without a picture, all of the page.

    Raises:
        ProberFailed: `browser_crashed` or `driver_error`.
    """
    frame = await find_picture(page)
    box = None if frame is None else await _box(frame)
    if box is not None:
        return box
    size = page.viewport_size or {"width": 0, "height": 0}
    return {"x": 0.0, "y": 0.0, "width": size["width"], "height": size["height"]}


async def frame_corner(page: Page, frame: Frame) -> Place:
    """Returns where the viewport of the picture's frame begins in the page's.

    Raises:
        ProberFailed: `browser_crashed` or `driver_error`.
    """
    if frame == page.main_frame:
        return 0.0, 0.0
    with translated("looking for the picture"):
        async with picture_element(frame) as element:
            if element is None:
                return 0.0, 0.0
            in_page = await element.bounding_box()
            in_frame = await element.evaluate("element => element.getBoundingClientRect().toJSON()")
    return (0.0, 0.0) if in_page is None else (in_page["x"] - in_frame["x"], in_page["y"] - in_frame["y"])


async def _box(frame: Frame) -> FloatRect | None:
    with translated("looking for the picture"):
        async with picture_element(frame) as element:
            return None if element is None else await element.bounding_box()
