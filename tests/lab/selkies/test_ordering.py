"""What is known before anything starts: programs, orders, command lines, faults."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from prober.lab.abilities import faults_of
from prober.lab.faults import FAULTS, FaultSwitch, UnknownFaultError
from prober.lab.kinds import DesktopKind
from prober.lab.platform_faults import SLOW_START_S
from prober.lab.selkies.commands import desktop_commands, screen_command
from prober.lab.selkies.layout import Layout
from prober.lab.selkies.order import Order
from prober.lab.selkies.programs import MissingProgramsError, Programs, find_programs
from prober.lab.state import StateFiles, prober_config

SECRET = "s3cret-of-a-desktop"


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """A desktop that nobody starts."""
    return Order(
        directory=str(tmp_path),
        route="probe",
        username="user",
        password=SECRET,
        mode="webrtc",
        ice_servers=({"urls": "turn:127.0.0.1:3478", "credential": SECRET},),
        programs=Programs(xvfb="/x/Xvfb", openbox="/x/openbox", ico="/x/ico", selkies="/x/selkies", setpriv="/x/s"),
    )


def test_an_order_survives_its_way(order: Order) -> None:
    """What the keeper reads is what the lab wrote, to the letter."""
    assert Order.from_line(order.to_line()).to_line() == order.to_line()


@pytest.mark.parametrize("line", ["", "{}", "[]", "7", '{"programs": {}}'], ids=["empty", "bare", "list", "7", "half"])
def test_what_is_no_order(line: str) -> None:
    """Anything else is refused."""
    with pytest.raises(ValueError, match=r"order|Expecting value"):
        Order.from_line(line)


def test_secrets_stay_out_of_sight(order: Order) -> None:
    """No password in a command line, which everybody can read, nor in what is shown of an order."""
    commands = [screen_command(order, display_pipe=7), *desktop_commands(order, display=3)]
    assert SECRET not in "".join(word for command in commands for word in command.arguments)
    assert SECRET not in repr(commands) + repr(order)
    assert commands[-1].environment["SELKIES_BASIC_AUTH_PASSWORD"] == SECRET


def test_an_idle_desktop_has_no_window_that_moves(order: Order) -> None:
    """Without the animation nothing changes but by input; the rest of the desktop is the same."""
    still = replace(order, animated=False)
    assert [command.name for command in desktop_commands(order, display=3)] == ["openbox", "ico", "selkies"]
    assert [command.name for command in desktop_commands(still, display=3)] == ["openbox", "selkies"]


def test_files_are_private(order: Order) -> None:
    """Whatever is written for the programs is their owner's alone, the secret for TURN among it."""
    layout = Layout(order.directory)
    layout.furnish(ice_servers=order.ice_servers)
    files = [path for path in Path(order.directory).iterdir() if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert SECRET in Path(layout.ice_servers).read_text()


def test_no_server_of_others_is_asked(order: Order) -> None:
    """Selkies is told which STUN and TURN servers there are, none included: left alone it would ask public ones."""
    *_, selkies = desktop_commands(order, display=3)
    layout = Layout(order.directory)
    layout.furnish(ice_servers=())
    assert selkies.arguments[selkies.arguments.index("--rtc-config-json") + 1] == layout.ice_servers
    assert Path(layout.ice_servers).read_text() == '{"iceServers": []}'


def test_missing_programs_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without its programs a Selkies lab says which are missing, and two ways to get them."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(MissingProgramsError) as missing:
        find_programs()
    for word in ("Xvfb", "openbox", "ico", "selkies", "make demo DESKTOP=selkies", "xvfb", "vdi-prober[selkies]"):
        assert word in str(missing.value)


@pytest.mark.parametrize(
    ("desktop", "client", "running"),
    [(DesktopKind.SYNTHETIC, "generic", "15s"), (DesktopKind.SELKIES, "selkies", "30s")],
    ids=["synthetic", "selkies"],
)
def test_a_lab_says_how_its_desktops_are_driven(
    tmp_path: Path, desktop: DesktopKind, client: str, running: str
) -> None:
    """The target that a lab writes fits its desktops, and no slow start fits into its budget."""
    config = prober_config(StateFiles(tmp_path), namespace="vdi", templates=["a"], every="3m", desktop=desktop)
    (target,) = config["targets"]
    assert (target["client"], target["budgets"]["running"]) == (client, running)
    assert float(running.removesuffix("s")) < SLOW_START_S


def test_which_faults_a_selkies_desktop_can_play() -> None:
    """Those of the operator, those of TURN, another transport; no others, and the message lists them."""
    playable = faults_of(DesktopKind.SELKIES)
    assert {"never_running", "finalizer_stuck", "turn_down", "turn_bad_credentials", "wrong_transport"} <= set(playable)
    assert not {"black", "frozen", "http_5xx", "input_dead", "no_media"} & set(playable)
    assert faults_of(DesktopKind.SYNTHETIC) == FAULTS
    with pytest.raises(UnknownFaultError, match="cannot play 'black'; there are: quota, ") as refusal:
        FaultSwitch("black", among=playable)
    assert "http_5xx" not in str(refusal.value)
