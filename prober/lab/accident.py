"""What befalls the prober itself, as a desktop of the lab makes it happen to whoever visits it."""

from enum import StrEnum


class Accident(StrEnum):
    """One way in which a prober is hit from the outside, as real machines hit it."""

    KILL_BROWSER = "kill_browser"
    """Its browser is killed (SIGKILL), as the kernel does that is out of memory."""
    HANG_BROWSER = "hang_browser"
    """Its browser stands still (SIGSTOP), for a while: it lives and answers nothing."""
    DRIVER_GONE = "driver_gone"
    """Its browser's driver is killed (SIGKILL)."""
    STARVE_CPU = "starve_cpu"
    """The machine is kept busy by two processes per core, from the desktop's opening to its end."""
    FILL_DISK = "fill_disk"
    """It cannot write to any file, as on a disk that is full, until some seconds after the desktop's end."""
