"""Whether Chromium's own sandbox can work is tried, not assumed."""

import asyncio
import os
import shutil

import pytest

from prober.adapters.browser import sandbox as module
from prober.adapters.browser import why_no_sandbox


async def test_tried_for_real(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is the one that the kernel gives to util-linux, who asks for the same namespaces."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    unshare = shutil.which("unshare") or "unshare"
    asked = await asyncio.create_subprocess_exec(unshare, "--user", "--pid", "--net", "--fork", "true")
    assert (await why_no_sandbox() is None) == (await asked.wait() == 0)


async def test_refused_to_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root is told that Chromium refuses, without a try."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert await why_no_sandbox() == "Chromium refuses it to root"


async def test_refused_by_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused system call is told with who may have refused it."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(module, "_TRY", "import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare(-1) != 0)")
    why = await why_no_sandbox()
    assert why is not None
    assert "seccomp" in why


async def test_a_try_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A try that takes too long counts as refused, and its process does not outlive it."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(module, "PATIENCE_S", 0.2)
    monkeypatch.setattr(module, "_TRY", "import time; time.sleep(60)")
    assert "too long" in str(await asyncio.wait_for(why_no_sandbox(), timeout=10))
