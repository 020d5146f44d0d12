"""The temporary folders of one browser, which go with it.

The driver makes the browser's profile, and removes it at the browser's end, unless it is dead by then. So the profile
is known by the browser's command line; the folder of the driver's own files is ours from the beginning. All of this
reads and writes the disk: call it from a thread.
"""

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

_PROFILE = "--user-data-dir="
_MADE_BY_DRIVER = "playwright_"
"""How the names of the profiles begin that the driver makes; no other folder is ever removed."""


class Scratch:
    """The folders of one browser; made with it.

    Attributes:
        artifacts: Where the driver keeps what it records.

    Raises:
        OSError: The folder cannot be made.
    """

    def __init__(self) -> None:
        self.artifacts = Path(tempfile.mkdtemp(prefix="vdi-prober-browser-"))
        self._profiles: set[Path] = set()

    def note(self, commands: Iterable[str]) -> None:
        """Takes note of the profile that a browser's command line names.

        Args:
            commands: The arguments of the browser's processes.
        """
        named = (Path(argument.removeprefix(_PROFILE)) for argument in commands if argument.startswith(_PROFILE))
        self._profiles.update(path for path in named if path.name.startswith(_MADE_BY_DRIVER))

    def remove(self) -> None:
        """Removes what is still there."""
        for folder in (self.artifacts, *self._profiles):
            shutil.rmtree(folder, ignore_errors=True)
