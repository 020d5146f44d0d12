"""Loading a page: what the browser meets there, in our words."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Response

from prober.adapters.browser.faults import is_unauthorised, navigation_fault, translated
from prober.domain.errors import ProberFailed, failed
from prober.domain.exposure import login_fault
from prober.domain.reasons import Reason


async def navigate(page: Page, url: str) -> int:
    """Opens the URL, waits until its document is loaded, and returns the document's HTTP status.

    Raises:
        TargetFailed: The reason of what the browser met instead of an answer.
        ProberFailed: `browser_crashed` or `driver_error`.
    """
    return await _status(lambda: page.goto(url, wait_until="load"))


async def reload(page: Page) -> None:
    """Loads the page's document anew, with the credentials that the page has.

    Raises:
        TargetFailed: As `navigate`, or the reason of an answer that is no desktop's.
        ProberFailed: `browser_crashed` or `driver_error`.
    """
    fault = login_fault(await _status(lambda: page.reload(wait_until="load")))
    if fault is not None:
        raise failed(fault)


async def _status(load: Callable[[], Awaitable[Response | None]]) -> int:
    with translated("opening the session's URL"):
        try:
            response = await load()
        except PlaywrightError as error:
            if is_unauthorised(error):
                return HTTPStatus.UNAUTHORIZED
            fault = navigation_fault(error)
            if fault is None:
                raise
            raise failed(fault) from None
    if response is None:
        raise ProberFailed.because(Reason.DRIVER_ERROR, "the navigation had no answer of its own")
    return response.status
