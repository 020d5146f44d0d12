"""A page's network that is gone for a while, as when a laptop loses its Wi-Fi.

Chromium itself drops what the page sends and gets: every UDP packet of its peer connections, TURN's included, new
requests, new connections. WebSockets that are open stall with what they carry, as TCP does without a network, and go on
afterwards; the page hears `offline` and `online`. Nothing outside the browser notices more than silence. Measured: the
last frame ages from the first moment on, and ICE is disconnected after some 7 seconds, as without a network.

Only sockets that were made under such an emulation can be cut later, so one that changes nothing is put in force before
the page is opened. It sends every packet through one more queue, which was measured to cost one frame in thirty: it is
for targets that ask for it. Peer connections to a TURN server over TCP pass it by (measured), and so would a frame in a
process of its own, which the browsers that we launch do not make.
"""

from typing import Self

from playwright.async_api import CDPSession, Page

from prober.adapters.browser.faults import translated

_UNLIMITED = -1
_ALL_PERCENT = 100


class Outage:
    """The switch of one page's network; made by `prepare`."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session

    @classmethod
    async def prepare(cls, page: Page) -> Self:
        """Makes an empty page's network one that can be taken away.

        Raises:
            ProberFailed: `browser_crashed` or `driver_error`.
        """
        with translated("preparing the page's network"):
            outage = cls(await page.context.new_cdp_session(page))
            await outage._set(offline=False)
        return outage

    async def begin(self) -> None:
        """Takes the network away.

        Raises:
            ProberFailed: `browser_crashed` or `driver_error`.
        """
        with translated("taking the page's network away"):
            await self._set(offline=True)

    async def end(self) -> None:
        """Gives the network back.

        Raises:
            ProberFailed: `browser_crashed` or `driver_error`.
        """
        with translated("giving the page's network back"):
            await self._set(offline=False)

    async def _set(self, *, offline: bool) -> None:
        speed = {"latency": 0, "downloadThroughput": _UNLIMITED, "uploadThroughput": _UNLIMITED}
        # A rule without a pattern is for everything, peer connections included.
        rule = {"urlPattern": "", **speed, "packetLoss": _ALL_PERCENT if offline else 0}
        conditions = {"offline": offline, "matchedNetworkConditions": [rule]}
        await self._session.send("Network.emulateNetworkConditionsByRule", conditions)
        await self._session.send("Network.overrideNetworkState", {"offline": offline, **speed})
