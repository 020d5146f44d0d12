"""Whether Chromium's own sandbox can work where we run.

It is made of user, process and network namespaces, which Chromium makes without privileges. It refuses to run as root;
nodes may forbid user namespaces, and so does the seccomp profile `RuntimeDefault` of container runtimes.
"""

import asyncio
import os
import sys

ROOT = "Chromium refuses it to root"
"""The answer to root, who knows: it is no news of the node."""

PATIENCE_S = 10.0
"""How long the try may take, in seconds: an interpreter starts in a tenth of one."""

_NAMESPACES = 0x1000_0000 | 0x2000_0000 | 0x4000_0000
"""CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET of <linux/sched.h>."""

_TRY = f"import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare({_NAMESPACES}) != 0)"


async def why_no_sandbox() -> str | None:
    """Returns why Chromium's sandbox cannot work here, `None` where it can.

    The namespaces are tried in a process of their own: what was unshared cannot be taken back.
    """
    if os.geteuid() == 0:
        return ROOT
    process = await asyncio.create_subprocess_exec(sys.executable, "-I", "-S", "-c", _TRY)
    try:
        async with asyncio.timeout(PATIENCE_S):
            refused = await process.wait()
    except TimeoutError:
        return "trying user namespaces took too long"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return "user namespaces are refused, by the node or by the container's seccomp profile" if refused else None
