"""The faults of the API server, which a lab plays in a cluster of its own alone.

The lab's own part is not concerned: its operator goes on, and removes at the end what a user could not.
"""

from prober.domain.reasons import Reason
from prober.domain.steps import StepName
from prober.lab.fault import Fault
from prober.lab.plan import Plan
from prober.lab.trouble import Trouble

API_FAULTS = (
    Fault(
        name="quota",
        summary="the API server refuses the session: the namespace's quota is used up",
        step=StepName.CREATE,
        reason=Reason.QUOTA_EXCEEDED,
        trouble=Trouble.QUOTA,
    ),
    Fault(
        name="rbac",
        summary="the API server refuses the session: its user may not create any",
        step=StepName.CREATE,
        reason=Reason.RBAC_DENIED,
        trouble=Trouble.RBAC,
    ),
    Fault(
        name="admission",
        summary="an admission webhook denies the session",
        step=StepName.CREATE,
        reason=Reason.ADMISSION_REJECTED,
        trouble=Trouble.ADMISSION,
    ),
    Fault(
        name="no_crd",
        summary="the API server does not know the resource: 404 page not found",
        step=StepName.CREATE,
        reason=Reason.CRD_MISSING,
        trouble=Trouble.NO_CRD,
    ),
    Fault(
        name="api_down_midway",
        summary="connections to the API server are cut once the session is Creating, until its deletion is asked for",
        step=StepName.RUNNING,
        reason=Reason.API_UNREACHABLE,
        plan=Plan(becomes_running=False),
        trouble=Trouble.OUTAGE,
    ),
    Fault(
        name="delete_denied",
        summary="the API server refuses the deletion: the session's user may not delete any",
        step=StepName.TERMINATE,
        reason=Reason.DELETE_REJECTED,
        trouble=Trouble.DELETE_DENIED,
    ),
    Fault(
        name="api_429",
        summary="no fault: the API server throttles the creation twice, then accepts it",
        trouble=Trouble.THROTTLED,
    ),
    Fault(
        name="watch_gone",
        summary="no fault: each watch of the session is told 410 Gone",
        trouble=Trouble.WATCH_EXPIRED,
    ),
)
"""In the order of the steps in which they are noticed; what is no fault comes last."""
