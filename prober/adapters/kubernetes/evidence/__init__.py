"""What the API server shows of a session when a run has met a fault.

`look` asks all sources at once, `asking` turns what cannot be seen into gaps, `reading` parses what can, `texts` makes
other people's words fit to be kept. Read-only, bounded in time, number and length; which permission each source needs
is in `prober.adapters.kubernetes.permissions`. Values of Secrets are dropped where they arrive.
"""

from prober.adapters.kubernetes.evidence.look import take_evidence

__all__ = ["take_evidence"]
