"""What a run gets before it creates anything: the target's own credentials, threshold and browser, in time."""

import asyncio
from dataclasses import replace

import pytest

from prober.domain.errors import ProberFailed
from prober.domain.reasons import Reason
from prober.domain.target import BasicAccess, SecretRef, SecretSource, SessionTemplate
from prober.flow.ports import Secret
from prober.flow.preparing import CREDENTIALS_S, prepared
from tests.fakes.browser import FakeBrowser
from tests.fakes.secrets import FakeSecrets
from tests.flow.stage import TARGET

pytestmark = pytest.mark.looptime


class SilentSecrets(FakeSecrets):
    """Secrets whose place never answers."""

    async def read(self, ref: SecretRef, session: SessionTemplate) -> Secret:
        """Waits until it is cancelled."""
        await asyncio.Event().wait()
        return await super().read(ref, session)


ACCESS = BasicAccess(username="probe", password=SecretRef(source=SecretSource.ENV, name="PROBE_PASSWORD"))


async def test_credentials_that_do_not_come_are_no_fault_of_the_browser() -> None:
    """A place of secrets that does not answer is named as such, and no browser was asked for a desktop by then."""
    browser, begin = FakeBrowser(), asyncio.get_running_loop().time()
    with pytest.raises(ProberFailed) as caught:
        async with prepared(replace(TARGET, access=ACCESS), browser=browser, secrets=SilentSecrets()):
            pytest.fail("a desktop without its credentials")
    assert caught.value.fault.reason is Reason.DEADLINE_EXCEEDED
    assert caught.value.fault.summary == f"the credentials could not be read within {CREDENTIALS_S:g} s"
    assert asyncio.get_running_loop().time() - begin == pytest.approx(CREDENTIALS_S)
    assert browser.requests == []


async def test_the_browser_is_told_what_the_target_says_of_its_page() -> None:
    """Credentials, certificate rule and the threshold of a blank picture are those of the target."""
    target = replace(
        TARGET,
        access=ACCESS,
        url=replace(TARGET.url, verify_tls=False),
        thresholds=replace(TARGET.thresholds, blank_luma=5.0),
    )
    browser = FakeBrowser()
    async with prepared(target, browser=browser, secrets=FakeSecrets({"PROBE_PASSWORD": "lab-secret"})):
        assert browser.open_desktops == 1
    (request,) = browser.requests
    assert request.login.username == "probe"
    assert request.login.password is not None
    assert request.login.password.reveal() == "lab-secret"
    assert (request.verify_tls, request.blank_luma) == (False, 5.0)
    assert browser.open_desktops == 0
