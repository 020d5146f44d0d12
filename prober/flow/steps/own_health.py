"""Whether a failure of the desktop is our own browser's.

A browser that cannot do WebRTC makes every target look broken. So after a failure of what it takes part in, it is
asked to connect to itself: what it cannot do there is no target's fault.
"""

from prober.domain.errors import Fault, ProberFailed
from prober.domain.reasons import Layer
from prober.domain.selfcheck import fault_of
from prober.flow.ports import Browser

BROWSER_LAYERS = frozenset({Layer.SIGNALLING, Layer.ICE, Layer.MEDIA})
"""The layers in which the browser's WebRTC takes part; a failure of another one says nothing of it."""


async def check_browser(browser: Browser) -> Fault | None:
    """Returns our own fault when the browser cannot do WebRTC, or died, or hangs; `None` for a sound one.

    Takes five seconds at most.
    """
    try:
        return fault_of(await browser.self_check())
    except ProberFailed as error:
        return error.fault
