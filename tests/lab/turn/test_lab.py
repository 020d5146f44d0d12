"""Labs whose desktops are reached by a relay."""

import asyncio
from pathlib import Path

import aiohttp
import psutil
import pytest
import yaml

from prober.domain.transport import NetworkPolicy
from prober.lab.faults import HEALTHY, UnnoticedFaultError, path_for
from prober.lab.platform import Lab
from prober.lab.process import LabProcess, LabProcessError
from prober.lab.state import StateFiles
from prober.lab.turn import TurnError, TurnMissingError
from tests.lab.platform.observing import Observer, connected


def _network(lab: Lab) -> object:
    (target,) = yaml.safe_load(lab.config_path.read_text())["targets"]
    return target.get("network")


@pytest.mark.turn
async def test_a_relayed_lab_has_a_server_and_targets_that_use_it(tmp_path: Path) -> None:
    """The targets are relay-only; the server's files go with the lab."""
    async with Lab(state=tmp_path, path=NetworkPolicy.RELAY) as lab:
        assert _network(lab) == {"path": "relay"}
        assert StateFiles(tmp_path).turn.is_dir()
    assert not StateFiles(tmp_path).turn.exists()


@pytest.mark.parametrize("path", [NetworkPolicy.ANY, NetworkPolicy.DIRECT], ids=lambda path: path.value)
async def test_a_lab_without_relay_needs_no_coturn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: NetworkPolicy
) -> None:
    """It starts where no coturn is installed, and its targets say the path where it is not any."""
    monkeypatch.setenv("PATH", str(tmp_path))
    async with Lab(state=tmp_path / "state", path=path) as lab:
        assert _network(lab) == (None if path is NetworkPolicy.ANY else {"path": "direct"})
        assert not StateFiles(tmp_path / "state").turn.exists()


@pytest.mark.parametrize(
    ("fault", "path"),
    [
        ("turn_down", NetworkPolicy.RELAY),
        ("turn_bad_credentials", NetworkPolicy.RELAY),
        ("black", NetworkPolicy.ANY),
        (HEALTHY, NetworkPolicy.ANY),
    ],
    ids=["turn_down", "turn_bad_credentials", "black", "health"],
)
def test_a_fault_knows_the_path_on_which_it_is_noticed(fault: str, path: NetworkPolicy) -> None:
    """Users on a direct path do not notice what is broken about TURN."""
    assert path_for(fault) is path


@pytest.mark.parametrize("path", [NetworkPolicy.ANY, NetworkPolicy.DIRECT], ids=lambda path: path.value)
def test_a_path_on_which_nobody_would_notice_is_refused(tmp_path: Path, path: NetworkPolicy) -> None:
    """A lab that comes out green although something is broken would prove nothing."""
    with pytest.raises(
        UnnoticedFaultError, match=f"turn_down is noticed on the network path relay alone, not on {path}"
    ):
        Lab(state=tmp_path, fault="turn_down", path=path)


def test_other_faults_are_noticed_on_any_path() -> None:
    """Whoever chooses a path gets it."""
    assert path_for("black", chosen=NetworkPolicy.RELAY) is NetworkPolicy.RELAY
    assert path_for("turn_down", chosen=NetworkPolicy.RELAY) is NetworkPolicy.RELAY


@pytest.mark.turn
async def test_a_server_that_ends_breaks_the_lab(tmp_path: Path) -> None:
    """Nobody relays any more, which the lab says instead of going on; its sessions' failures would be its own."""
    async with Lab(state=tmp_path, path=NetworkPolicy.RELAY) as lab:
        watch = asyncio.create_task(lab.broken(), name="watch over the lab")
        server = await asyncio.to_thread(_started_server)
        server.kill()
        async with asyncio.timeout(10):
            with pytest.raises(TurnError, match="the TURN server ended with code -9"):
                await watch


def _started_server() -> psutil.Process:
    (server,) = [child for child in psutil.Process().children() if child.name() == "turnserver"]
    return server


@pytest.mark.turn
async def test_a_fault_of_turn_wants_relay(tmp_path: Path) -> None:
    """Its targets are relay-only, so that they notice it."""
    async with Lab(state=tmp_path, fault="turn_down") as lab:
        assert _network(lab) == {"path": "relay"}


async def test_a_relayed_lab_without_coturn_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not start, and leaves nothing."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TurnMissingError, match="apt-get install coturn"):
        async with Lab(state=tmp_path / "state", path=NetworkPolicy.RELAY):
            pass
    assert not StateFiles(tmp_path / "state").turn.exists()


async def test_a_lab_process_without_coturn_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way to get it comes out of the process, too."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LabProcessError, match="apt-get install coturn"):
        async with LabProcess(state=tmp_path / "state", path=NetworkPolicy.RELAY):
            pass


async def test_a_session_that_needs_a_missing_coturn_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session may choose a fault of TURN in any lab; where there is no coturn its phase says why it cannot be."""
    monkeypatch.setenv("PATH", str(tmp_path))
    async with (
        Lab(state=tmp_path / "state") as lab,
        connected(lab.kubeconfig_path) as api,
        aiohttp.ClientSession() as http,
    ):
        seen = Observer(lab, api=api, http=http)
        name = await seen.create(fault="turn_bad_credentials")
        assert "apt-get install coturn" in (await seen.until(name, "Failed"))["message"]
