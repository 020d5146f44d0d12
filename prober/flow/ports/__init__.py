"""What the flow needs of the outside, as small protocols that the adapters fulfil.

Every port raises `prober.domain.errors.ProbeError` and nothing else, cancellation apart; only the evidence store has an
error of its own, since it decides no run. None of them retries in silence, and none has a deadline of its own that the
flow did not give: budgets are the flow's.
"""

from prober.flow.ports.clock import Clock
from prober.flow.ports.desktop import Browser, Desktop, Login, PageIdentity
from prober.flow.ports.evidence import EvidenceSink, EvidenceStore, StoreFailed
from prober.flow.ports.exposure import Exposure
from prober.flow.ports.health import Health
from prober.flow.ports.observer import Observer
from prober.flow.ports.secrets import Secret, Secrets
from prober.flow.ports.sessions import Sessions
from prober.flow.ports.templates import Templates

__all__ = [
    "Browser",
    "Clock",
    "Desktop",
    "EvidenceSink",
    "EvidenceStore",
    "Exposure",
    "Health",
    "Login",
    "Observer",
    "PageIdentity",
    "Secret",
    "Secrets",
    "Sessions",
    "StoreFailed",
    "Templates",
]
