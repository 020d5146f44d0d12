"""The command lines of a desktop's programs, in the order in which they are started.

Pure: an order goes in, argument vectors come out. A secret goes into the environment, which only the same
user can read, never into the arguments.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from prober.lab.selkies.layout import Layout
from prober.lab.selkies.order import Order

SIZE = (1280, 720)
"""Pixels. Where 25 frames per second of this size arrived: 0.2 of a core for Selkies, 0.2 for the browser."""

FRAMERATE = 30
"""Frames per second at most. Selkies would send 60, for which small machines lack the time on bad days."""

ANIMATION_PAUSE_S = 0.02
"""Seconds between two pictures of the moving window: more often than frames are sent, so that each is a new one."""

_OFF = (
    "audio-enabled",
    "microphone-enabled",
    "gamepad-enabled",
    "webcam-enabled",
    "printing-enabled",
    "command-enabled",
    "enable-clipboard",
    "enable-resize",
    "enable-sharing",
)
"""What would need devices or services that are not there, or would change the screen under the prober."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """How one program is started.

    Attributes:
        name: What its log is named after.
        arguments: The program's path, then its arguments.
        environment: The whole environment.
    """

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)


def screen_command(order: Order, *, display_pipe: int) -> Command:
    """Returns how the X server is started, on a display that it chooses itself.

    Args:
        order: The desktop.
        display_pipe: The file descriptor on which it tells the display's number.
    """
    width, height = SIZE
    layout = Layout(order.directory)
    return Command(
        name="xvfb",
        arguments=(
            *(order.programs.xvfb, "-displayfd", str(display_pipe), "-screen", "0", f"{width}x{height}x24"),
            *("-auth", layout.cookie, "-nolisten", "tcp", "-noreset"),
            "-wr",  # a white root window: a black one would look like no picture at all
        ),
        environment=_environment(layout),
    )


def desktop_commands(order: Order, *, display: int) -> tuple[Command, ...]:
    """Returns how the programs on the screen are started.

    Args:
        order: The desktop.
        display: The X server's display number.
    """
    layout, programs = Layout(order.directory), order.programs
    environment = {**_environment(layout), "DISPLAY": f":{display}", "XAUTHORITY": layout.cookie}
    window_manager = Command(
        name="openbox",
        arguments=(programs.openbox, "--config-file", layout.window_manager),
        environment=environment,
    )
    animation = Command(
        name="ico",
        arguments=(programs.ico, "-faces", "-sleep", str(ANIMATION_PAUSE_S), "-geometry", "240x200+40+60"),
        environment=environment,
    )
    streamer = Command(
        name="selkies",
        arguments=(programs.selkies, *_selkies_options(order, layout=layout)),
        environment={**environment, "SELKIES_BASIC_AUTH_PASSWORD": order.password},
    )
    return (window_manager, animation, streamer) if order.animated else (window_manager, streamer)


def _selkies_options(order: Order, *, layout: Layout) -> list[str]:
    width, height = SIZE
    options = {
        "mode": order.mode,
        "unix-socket": layout.socket,
        "subfolder": order.route,
        "enable-basic-auth": "true",
        "basic-auth-user": order.username,
        "rtc-config-json": layout.ice_servers,
        "js-socket-path": ".",  # a path to a socket may be short only
        "use-cpu": "true",
        "manual-width": str(width),
        "manual-height": str(height),
        "framerate": str(FRAMERATE),
        "file-transfers": "none",
        **dict.fromkeys(_OFF, "false"),
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def _environment(layout: Layout) -> dict[str, str]:
    """Nothing of our own: neither its settings nor its proxies are the desktop's business."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": layout.home,
        "TMPDIR": layout.home,
        "XDG_RUNTIME_DIR": layout.home,
    }
