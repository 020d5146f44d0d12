import pytest

from prober.domain.errors import ProbeError, ProberFailed
from prober.domain.reasons import Layer, Reason
from prober.domain.selfcheck import SelfCheck, SelfCheckStage
from prober.flow.steps.own_health import BROWSER_LAYERS, check_browser
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
    fault = await check_browser(browser)
    assert (fault and fault.reason) is reason
    assert browser.checks == 1


def test_layers_without_the_browser_s_webrtc_are_left_out() -> None:
    """Neither the cluster's failures nor the teardown's are a matter of the browser."""
    assert frozenset({Layer.SIGNALLING, Layer.ICE, Layer.MEDIA}) == BROWSER_LAYERS
