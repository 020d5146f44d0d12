"""The faults of operator, Pod, way in and login, and those that show at a session's end."""

from prober.domain.reasons import Reason
from prober.domain.steps import StepName
from prober.lab.desktop.behaviour import Behaviour
from prober.lab.fault import Fault
from prober.lab.plan import Ailment, ChildKind, Plan

SLOW_START_S = 40.0
"""Seconds; beyond the 30 s at most that the lab's own targets allow for `running`, within the platform's
limit of 60 s: a target with the default budget sees a success."""


REMOVAL_PAUSE_S = 3.6
"""Seconds; a session's three or four objects take longer than the 10 s that the lab's own target allows for
`terminate`, and go within the 10 s that it allows for `cleanup` after that. A target with the default budgets sees a
success."""

DEAD_PORT = 1
"""The loopback port of TCPMUX (RFC 1078), which nobody serves any more."""

PLATFORM_FAULTS = (
    Fault(
        name="never_running",
        summary="the operator does its part, but the Pod stays Pending without a word why",
        step=StepName.RUNNING,
        reason=Reason.RUNNING_TIMEOUT,
        plan=Plan(becomes_running=False),
    ),
    Fault(
        name="phase_failed",
        summary="the session's phase becomes Failed, with a message",
        step=StepName.RUNNING,
        reason=Reason.PHASE_FAILED,
        plan=Plan(failure="desktop image refused by policy (injected by the lab)"),
    ),
    Fault(
        name="slow_start",
        summary=f"the session becomes Running after {SLOW_START_S:.0f} s only",
        step=StepName.RUNNING,
        reason=Reason.RUNNING_TIMEOUT,
        plan=Plan(startup_s=SLOW_START_S),
    ),
    Fault(
        name="template_missing",
        summary="the operator does not find the session's template",
        step=StepName.RUNNING,
        reason=Reason.TEMPLATE_NOT_FOUND,
        plan=Plan(failure="VDITemplate not found: nobody made it (injected by the lab)"),
    ),
    Fault(
        name="operator_down",
        summary="no operator takes the session up",
        step=StepName.RUNNING,
        reason=Reason.OPERATOR_STALLED,
        plan=Plan(takes_up=False),
    ),
    Fault(
        name="unschedulable",
        summary="no node has the CPU that the Pod asks for",
        step=StepName.RUNNING,
        reason=Reason.UNSCHEDULABLE,
        plan=Plan(ailment=Ailment.UNSCHEDULABLE),
    ),
    Fault(
        name="no_gpu",
        summary="no node has the GPU that the Pod asks for",
        step=StepName.RUNNING,
        reason=Reason.GPU_UNAVAILABLE,
        plan=Plan(ailment=Ailment.NO_GPU),
    ),
    Fault(
        name="image_pull",
        summary="the Pod's image is not there",
        step=StepName.RUNNING,
        reason=Reason.IMAGE_PULL,
        plan=Plan(ailment=Ailment.IMAGE_PULL),
    ),
    Fault(
        name="crash_loop",
        summary="the Pod's container ends with exit code 1, again and again",
        step=StepName.RUNNING,
        reason=Reason.CRASH_LOOP,
        plan=Plan(ailment=Ailment.CRASH_LOOP),
    ),
    Fault(
        name="oom",
        summary="the Pod's container is killed for the memory that it takes, again and again",
        step=StepName.RUNNING,
        reason=Reason.OOM_KILLED,
        plan=Plan(ailment=Ailment.OUT_OF_MEMORY),
    ),
    Fault(
        name="pvc_pending",
        summary="the Pod's volume claim names a storage class that there is not",
        step=StepName.RUNNING,
        reason=Reason.VOLUME_PENDING,
        plan=Plan(ailment=Ailment.VOLUME_PENDING),
    ),
    Fault(
        name="init_stuck",
        summary="the Pod's init container runs for ever",
        step=StepName.RUNNING,
        reason=Reason.INIT_STUCK,
        plan=Plan(ailment=Ailment.INIT_STUCK),
    ),
    Fault(
        name="dns",
        summary="the session's URL has a host that does not resolve",
        step=StepName.URL,
        reason=Reason.DNS,
        plan=Plan(url="http://{route}.vdi.invalid/"),
    ),
    Fault(
        name="tcp_refused",
        summary="nobody listens at the session's URL",
        step=StepName.URL,
        reason=Reason.TCP_REFUSED,
        plan=Plan(url=f"http://127.0.0.1:{DEAD_PORT}/{{route}}/"),
    ),
    Fault(
        name="false_running",
        summary="the session is Running at once, its Pod never ready; its URL accepts connections and answers nothing",
        step=StepName.URL,
        reason=Reason.FALSE_RUNNING,
        plan=Plan(becomes_ready=False),
        behaviour=Behaviour(silent=True),
    ),
    Fault(
        name="route_404",
        summary="the ingress knows no route to the session: 404 page not found",
        step=StepName.URL,
        reason=Reason.HTTP_404_ROUTE,
        behaviour=Behaviour(http_status=404, http_text="404 page not found\n"),
    ),
    Fault(
        name="http_5xx",
        summary="the session's URL answers 503",
        step=StepName.URL,
        reason=Reason.HTTP_5XX,
        behaviour=Behaviour(http_status=503),
    ),
    Fault(
        name="host_collision",
        summary="another session's route has the same host, and its desktop answers, which has another password",
        step=StepName.LOGIN,
        reason=Reason.HOST_COLLISION,
        plan=Plan(rival=True),
        behaviour=Behaviour(reject_credentials=True),
    ),
    Fault(
        name="auth_rejected",
        summary="the desktop refuses the right credentials",
        step=StepName.LOGIN,
        reason=Reason.AUTH_REJECTED,
        behaviour=Behaviour(reject_credentials=True),
    ),
    Fault(
        name="slow_teardown",
        summary=f"the operator removes a deleted session's objects one by one, each after {REMOVAL_PAUSE_S:g} s",
        step=StepName.TERMINATE,
        reason=Reason.CLEANUP_TIMEOUT,
        plan=Plan(removal_pause_s=REMOVAL_PAUSE_S),
    ),
    Fault(
        name="finalizer_stuck",
        summary="the operator never removes its finalizer from a deleted session",
        step=StepName.TERMINATE,
        reason=Reason.FINALIZER_STUCK,
        plan=Plan(releases=False),
    ),
    Fault(
        name="child_left",
        summary="the session's Service has no owner and outlives the session",
        step=StepName.CLEANUP,
        reason=Reason.CHILD_LEFT,
        plan=Plan(left_behind=frozenset({ChildKind.SERVICE})),
    ),
    Fault(
        name="url_still_serving",
        summary="the session's URL serves on after the session, until the next session of its user",
        step=StepName.CLEANUP,
        reason=Reason.URL_STILL_SERVING,
        behaviour=Behaviour(route_survives=True),
    ),
)
"""In the order of the steps in which they are noticed."""
