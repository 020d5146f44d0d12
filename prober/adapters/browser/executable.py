"""Where a Chromium is found on this machine."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "PROBER_BROWSER"
"""Names the executable, before all else."""

COMMANDS = ("chromium-headless-shell", "chromium", "google-chrome")
"""Looked for on PATH in this order: the headless shell needs half the memory and half the time to launch."""

_DOWNLOADS = "ms-playwright"
"""Playwright's own browsers, below the user's cache."""


def find_executable(environ: Mapping[str, str]) -> Path | None:
    """Returns the browser to use, or `None` when there is none.

    `PROBER_BROWSER` comes first and is not checked: a wrong name must fail with that name, not be passed over. Then
    the commands on `PATH`, then what `playwright install chromium` downloaded.
    """
    if named := environ.get(VARIABLE):
        return Path(named)
    found = (shutil.which(command, path=environ.get("PATH", os.defpath)) for command in COMMANDS)
    return next((Path(path) for path in found if path), None) or _downloaded(environ)


def _downloaded(environ: Mapping[str, str]) -> Path | None:
    home = environ.get("HOME", "/nonexistent")
    cache = Path(environ.get("XDG_CACHE_HOME") or Path(home) / ".cache")
    downloads = Path(environ.get("PLAYWRIGHT_BROWSERS_PATH") or cache / _DOWNLOADS)
    patterns = ("chromium_headless_shell-*/*/*headless*shell", "chromium-*/*/chrome")
    found = (path for pattern in patterns for path in sorted(downloads.glob(pattern), reverse=True))
    return next((path for path in found if path.is_file() and os.access(path, os.X_OK)), None)
