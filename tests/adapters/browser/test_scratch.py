"""What a browser keeps in temporary folders goes with it, however it ends."""

import asyncio
import tempfile
from pathlib import Path

import pytest

from prober.adapters.browser import WarmBrowser
from prober.adapters.browser.scratch import Scratch
from prober.domain.errors import ProberFailed
from tests.adapters.browser.family import children, drivers

pytestmark = pytest.mark.browser


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where temporary folders are made, ours and the driver's."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


async def test_a_driver_that_is_killed_leaves_no_folder(executable: Path, place: Path) -> None:
    """It would have removed the browser's profile: somebody else does."""
    browser = WarmBrowser(executable=executable)
    await browser.start()
    assert await asyncio.to_thread(lambda: len(list(place.iterdir()))) > 1
    for process in await asyncio.to_thread(drivers):
        process.kill()
    await browser.stop()
    assert await asyncio.to_thread(lambda: list(place.iterdir())) == []


async def test_a_browser_that_is_killed_leaves_no_folder(executable: Path, place: Path) -> None:
    """Its profile goes with it."""
    browser = WarmBrowser(executable=executable)
    await browser.start()
    for process in await asyncio.to_thread(children) - set(await asyncio.to_thread(drivers)):
        process.kill()
    await browser.stop()
    assert await asyncio.to_thread(lambda: list(place.iterdir())) == []


async def test_a_launch_that_fails_leaves_no_folder(place: Path) -> None:
    """A browser that ends at once leaves nothing."""
    browser = WarmBrowser(executable=Path("/bin/false"))
    with pytest.raises(ProberFailed):
        await browser.start()
    await browser.stop()
    assert await asyncio.to_thread(lambda: list(place.iterdir())) == []


def test_a_folder_that_the_driver_did_not_make_stays(place: Path) -> None:
    """A profile that somebody gave to a browser is not ours."""
    theirs = place / "profile"
    theirs.mkdir()
    made = place / "playwright_chromiumdev_profile-x"
    made.mkdir()
    scratch = Scratch()
    scratch.note(["--headless", f"--user-data-dir={theirs}", f"--user-data-dir={made}"])
    scratch.remove()
    assert list(place.iterdir()) == [theirs]
