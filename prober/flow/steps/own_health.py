"""Whether a failure of the desktop is our own browser's.

A browser that cannot do WebRTC makes every target look broken. So after a failure of what it takes part in, it is
asked to connect to itself: what it cannot do there is no target's fault.
"""

from prober.domain.errors import Fault, ProberFailed
from prober.domain.opened import Opened
from prober.domain.reasons import Layer, Reason
from prober.domain.selfcheck import codec_fault_of, fault_of
from prober.flow.ports import Desktop

BROWSER_LAYERS = frozenset({Layer.SIGNALLING, Layer.ICE, Layer.MEDIA})
"""The layers in which the browser's WebRTC takes part; a failure of another one says nothing of it."""


async def check_browser(desktop: Desktop, *, reason: Reason, opened: Opened | None) -> Fault | None:
    """Returns our own fault when the browser cannot do WebRTC, or died, or hangs; `None` for a sound one.

    Takes five seconds at most.

    Args:
        desktop: What the browser shows.
        reason: Why the run failed: a sound browser may still lack the codec that was missed.
        opened: What the desktop's page opened.
    """
    try:
        check = await desktop.self_check()
    except ProberFailed as error:
        return error.fault
    fault = fault_of(check)
    if fault is None and reason is Reason.CODEC_UNSUPPORTED:
        return codec_fault_of(check, opened=opened)
    return fault
