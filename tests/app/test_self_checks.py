import asyncio

import pytest
from structlog.testing import capture_logs

from prober.app.self_checks import SelfChecks
from prober.domain.errors import ProbeError, ProberFailed
from prober.domain.reasons import Reason
from prober.domain.selfcheck import SelfCheck, SelfCheckStage
from tests.fakes.browser import SOUND_CHECK, FakeBrowser, Script


@pytest.mark.parametrize(
    ("answer", "event", "reason"),
    [
        (SOUND_CHECK, "self_check_passed", None),
        (SelfCheck(stage=SelfCheckStage.API, took_s=0.0), "self_check_failed", "browser_missing"),
        (ProberFailed.because(Reason.BROWSER_CRASHED, "dead"), "self_check_failed", "browser_crashed"),
    ],
    ids=["sound", "without WebRTC", "dead"],
)
async def test_each_check_is_told(answer: SelfCheck | ProbeError, event: str, reason: str | None) -> None:
    """The log says whether the browser is sound, and why not; each outcome is told for the metrics."""
    outcomes: list[str] = []
    checks = SelfChecks(on_checked=outcomes.append)
    checks.launched("success")
    with capture_logs() as told:
        await checks.check(FakeBrowser(self_check=answer))
    [entry] = told
    assert entry["event"] == event
    assert entry.get("reason") == reason
    assert outcomes == ["success" if reason is None else "error"]


async def test_a_browser_is_checked_after_each_launch() -> None:
    """One check for a launch, none for a launch that failed, none again for one that was checked at the start."""
    browser, checks = FakeBrowser(), SelfChecks()
    checks.launched("success")
    following = asyncio.create_task(checks.follow(browser), name="self-checks")
    await asyncio.gather(checks.check(browser), checks.check(browser))
    assert browser.checks == 1
    checks.launched("error")
    await asyncio.sleep(0)
    assert browser.checks == 1
    checks.launched("success")
    while browser.checks < 2:  # noqa: ASYNC110 - the fake tells nobody
        await asyncio.sleep(0)
    following.cancel()
    await asyncio.wait([following])


async def test_a_browser_that_comes_during_a_check_is_checked_too() -> None:
    """What was launched while another one checked itself is not the one that was checked."""
    checks = SelfChecks()

    def replaced() -> SelfCheck:
        checks.launched("success")
        return SOUND_CHECK

    browser = FakeBrowser(self_check=Script(replaced, SOUND_CHECK))
    checks.launched("success")
    following = asyncio.create_task(checks.follow(browser), name="self-checks")
    async with asyncio.timeout(5):
        while browser.checks < 2:  # noqa: ASYNC110 - the fake tells nobody
            await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    assert browser.checks == 2
    following.cancel()
    await asyncio.wait([following])
