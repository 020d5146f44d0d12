"""The programs of a Selkies desktop: where they are, how to get them."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

_PACKAGES = {"Xvfb": "xvfb", "openbox": "openbox", "ico": "x11-apps", "setpriv": "util-linux"}
"""The system's programs, with the Debian packages that they come from."""

_SELKIES = "selkies"


class MissingProgramsError(Exception):
    """Programs of a Selkies desktop are not installed; the message says how to get them."""

    def __init__(self, names: list[str]) -> None:
        packages = sorted({_PACKAGES[name] for name in names if name in _PACKAGES})
        ways = ["pip install 'vdi-prober[selkies]'"] if _SELKIES in names else []
        ways += [f"apt-get install {' '.join(packages)}"] if packages else []
        super().__init__(
            f"Selkies desktops need programs that are not installed: {', '.join(names)}. "
            f"`make demo DESKTOP=selkies` installs them; by hand: {'; '.join(ways)}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """The absolute paths of the programs.

    Attributes:
        xvfb: An X server without a screen.
        openbox: The window manager; its menu is what a right click on the desktop opens.
        ico: A window that moves all the time.
        selkies: Streams the screen.
        setpriv: Starts the others so that they die with whoever started them.
    """

    xvfb: str
    openbox: str
    ico: str
    selkies: str
    setpriv: str


def find_programs() -> Programs:
    """Returns where the programs are.

    Raises:
        MissingProgramsError: Some are not installed.
    """
    found = {name: shutil.which(name) for name in _PACKAGES}
    # A virtual environment need not be activated: its programs are beside its Python.
    found[_SELKIES] = shutil.which(_SELKIES, path=str(Path(sys.executable).parent)) or shutil.which(_SELKIES)
    missing = [name for name, path in found.items() if path is None]
    if missing:
        raise MissingProgramsError(missing)
    return Programs(**{name.lower(): path for name, path in found.items() if path is not None})
