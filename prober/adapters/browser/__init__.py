"""A real Chromium: launched, kept warm, driven, watched from inside its pages.

Playwright is imported here only, with psutil for the processes that it starts. What pages do is kept by scripts of
our own (`scripts/`), injected before any code of the page; they return the W3C's names and milliseconds, which end in
this package: the domain's names and seconds go out. No verdicts, no budgets, no retries.
"""

from prober.adapters.browser.executable import find_executable
from prober.adapters.browser.sandbox import ROOT, why_no_sandbox
from prober.adapters.browser.warm import WarmBrowser

__all__ = ["ROOT", "WarmBrowser", "find_executable", "why_no_sandbox"]
