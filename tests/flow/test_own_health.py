from dataclasses import replace

import pytest

from prober.domain.errors import ProbeError, ProberFailed
from prober.domain.opened import Opened
from prober.domain.reasons import Layer, Reason
from prober.domain.selfcheck import SelfCheck, SelfCheckStage
from prober.flow.steps.own_health import BROWSER_LAYERS, check_browser
from tests.adapters.browser.seats import seat
from tests.fakes.browser import SOUND_CHECK, FakeBrowser

NO_ICE = SelfCheck(stage=SelfCheckStage.ICE, took_s=2.0)
DEAD = ProberFailed.because(Reason.BROWSER_CRASHED, "dead")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(SOUND_CHECK, None), (NO_ICE, Reason.DRIVER_ERROR), (DEAD, Reason.BROWSER_CRASHED)],
    ids=["sound", "cannot do WebRTC", "dead"],
)
async def test_the_browser_is_asked_whose_fault_it_was(answer: SelfCheck | ProbeError, reason: Reason | None) -> None:
    """A sound browser leaves the fault with the target; one that fails its check, or none, is ours."""
    browser = FakeBrowser(self_check=answer)
    async with seat(browser) as desktop:
        fault = await check_browser(desktop, reason=Reason.ICE_FAILED, opened=None)
    assert (fault and fault.reason) is reason
    assert browser.checks == 1


@pytest.mark.parametrize(
    ("met", "reason"),
    [(Reason.CODEC_UNSUPPORTED, Reason.BROWSER_MISSING), (Reason.ICE_FAILED, None)],
    ids=["a codec", "something else"],
)
async def test_a_sound_browser_may_lack_the_codec_that_was_missed(met: Reason, reason: Reason | None) -> None:
    """Where the desktop offered what users' browsers decode and ours does not, a check that passed clears nobody."""
    browser = FakeBrowser(self_check=replace(SOUND_CHECK, codecs=("VP8",)))
    async with seat(browser) as desktop:
        fault = await check_browser(desktop, reason=met, opened=Opened(offered_codecs=("H264",)))
    assert (fault and fault.reason) is reason


def test_layers_without_the_browser_s_webrtc_are_left_out() -> None:
    """Neither the cluster's failures nor the teardown's are a matter of the browser."""
    assert frozenset({Layer.SIGNALLING, Layer.ICE, Layer.MEDIA}) == BROWSER_LAYERS
