"""The play button of a real Selkies page, in a browser that refuses to play before a user did something."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from prober.adapters.browser import WarmBrowser, collector, warm
from prober.flow.ports import Login, Secret
from prober.lab.desktop.access import Credentials
from prober.lab.desktop.behaviour import Behaviour
from prober.lab.operator.session import Session
from prober.lab.selkies.host import SelkiesHost
from prober.lab.selkies.programs import find_programs
from prober.lab.turn.relay import Relay
from tests.adapters.browser.seats import seat
from tests.adapters.browser.site import evaluate, eventually

pytestmark = [pytest.mark.browser, pytest.mark.selkies, pytest.mark.asyncio(loop_scope="module")]

PASSWORD = "s3cret"
LOGIN = Login(username="probe", password=Secret(PASSWORD))
SESSION = Session(namespace="vdi", name="s", uid="a", user="one@example.com", template="ubuntu-desktop", timeout_s=60)

REFUSAL = """{
  const play = HTMLMediaElement.prototype.play;
  let gesture = false;
  addEventListener("pointerdown", () => { gesture = true; }, { capture: true, once: true });
  HTMLMediaElement.prototype.play = function () {
    if (gesture) return play.call(this);
    return Promise.reject(new DOMException("no user gesture yet", "NotAllowedError"));
  };
  Object.defineProperty(HTMLMediaElement.prototype, "autoplay", { get: () => false, set() {} });
}
"""
"""What a browser does that waits for its user.

Chromium does so until the first look at the page: Playwright's evaluations count as gestures of the user. So Selkies'
button is there or not by chance, and a refusal that holds needs this.
"""


@pytest_asyncio.fixture(loop_scope="module")
async def url(tmp_path: Path) -> AsyncIterator[str]:
    """A sound Selkies desktop."""
    credentials = Credentials(username="probe", password=PASSWORD)
    programs = await asyncio.to_thread(find_programs)
    async with (
        Relay(directory=tmp_path / "turn") as relay,
        SelkiesHost(programs=programs, credentials=credentials, directory=tmp_path / "desktops", relay=relay) as host,
    ):
        yield await host.open(SESSION, behaviour=Behaviour())


@pytest.fixture(autouse=True)
def refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes pages refuse to play: injected before ours, as what the page and we both find there."""

    def refusing(**options: Any) -> str:
        return REFUSAL + collector.init_script(**options)

    monkeypatch.setattr(warm, "init_script", refusing)


async def test_the_button_is_clicked_and_the_desktop_shows(browser: WarmBrowser, url: str) -> None:
    """Where the browser refuses, Selkies shows its button; it is clicked, the picture comes, the button is gone."""
    async with seat(browser, client="selkies", login=LOGIN) as desktop:
        assert await desktop.open(url) == 200
        await eventually(desktop.connections, lambda seen: seen.connected())
        seen = await eventually(desktop.first_frame, lambda seen: seen.visible_s is not None)
        assert seen.clicked == ("#playButton",)
        assert not seen.paused
        assert not await evaluate(desktop, "document.querySelector('#playButton').checkVisibility()")


async def test_without_the_click_nothing_is_shown(browser: WarmBrowser, url: str) -> None:
    """The button really stands in the way: a client that knows none decodes frame after frame, and shows none."""
    async with seat(browser, login=LOGIN) as desktop:
        assert await desktop.open(url) == 200
        seen = await eventually(desktop.first_frame, lambda seen: (seen.frames_decoded or 0) > 30)
        assert (seen.clicked, seen.rendered_s, seen.paused) == ((), None, True)
        assert await evaluate(desktop, "document.querySelector('#playButton').checkVisibility()")
