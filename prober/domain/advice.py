"""What proves each reason, and what to do about it: for the engineer who reads one at night.

One entry for each member of `Reason`; `docs/reasons.md` is made of it. Commands name what a run's report names:
`NAMESPACE`, `NAME` (the session, and its Pod), `RUN_ID`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from prober.domain.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What an engineer needs to know of a reason.

    Attributes:
        proof: The facts that prove it, as a run finds them.
        action: What to do first.
    """

    proof: str
    action: str


_DESCRIBE = "`kubectl describe pod NAME -n NAMESPACE`"

ADVICE: Mapping[Reason, Advice] = {
    Reason.API_UNREACHABLE: Advice(
        proof=(
            "No answer, a refused connection, or an answer 5xx of the API server until the step's budget was used up."
        ),
        action=(
            "Ask another client: `kubectl get --raw /readyz`. Then the network policy between the prober and the API."
        ),
    ),
    Reason.RBAC_DENIED: Advice(
        proof="The API server answered 401 or 403, again half a second later; the summary names verb and resource.",
        action=(
            "Hold the prober's Role against docs/permissions.md: `kubectl auth can-i VERB RESOURCE -n "
            "NAMESPACE --as ...`."
        ),
    ),
    Reason.QUOTA_EXCEEDED: Advice(
        proof="403 with `exceeded quota`, or an event that says so of the session's objects.",
        action="`kubectl describe resourcequota -n NAMESPACE`; look for sessions that nobody ended (`prober sweep`).",
    ),
    Reason.ADMISSION_REJECTED: Advice(
        proof=(
            "The API server refused the VDISession (400, 422, or an admission webhook's 403); the summary "
            "has its words."
        ),
        action="Compare the session's spec with the CRD and with the policies of the cluster.",
    ),
    Reason.CRD_MISSING: Advice(
        proof="404 for the resource or the namespace when the session was created.",
        action="`kubectl api-resources --api-group=vdi.kasm.io` and `kubectl get namespace NAMESPACE`.",
    ),
    Reason.TEMPLATE_NOT_FOUND: Advice(
        proof="The phase is Failed and the platform's message says that the template is not found.",
        action="`kubectl get vditemplates`; correct `session.template`.",
    ),
    Reason.OPERATOR_STALLED: Advice(
        proof=(
            "No phase, or Pending without a Pod, when the budget was used up; without a finalizer nobody "
            "took it up at all."
        ),
        action="Look at the operator: its Pod, its log, its Lease. Are other sessions stuck as well?",
    ),
    Reason.PHASE_FAILED: Advice(
        proof="`status.phase` is Failed (the summary has `status.message`), or somebody deleted the session.",
        action="Read the message, then the operator's log of that minute.",
    ),
    Reason.UNSCHEDULABLE: Advice(
        proof="Condition PodScheduled is False with reason Unschedulable, or an event FailedScheduling.",
        action=f"{_DESCRIBE}: which nodes were refused and why; the capacity, taints and selectors of the nodes.",
    ),
    Reason.GPU_UNAVAILABLE: Advice(
        proof="The scheduler's words name a GPU resource, such as `Insufficient nvidia.com/gpu`.",
        action="Free GPUs: sessions that idle; the device plugin's Pods; `kubectl describe nodes`.",
    ),
    Reason.IMAGE_PULL: Advice(
        proof="A container waits with ErrImagePull, ImagePullBackOff or InvalidImageName.",
        action="Is the image's name right, does its registry answer, is the pull secret good?",
    ),
    Reason.CRASH_LOOP: Advice(
        proof=(
            "A container waits with CrashLoopBackOff, ended, or has an earlier instance; or the Pod failed (eviction)."
        ),
        action="`kubectl logs NAME -n NAMESPACE --previous`; the log's tail is in the evidence.",
    ),
    Reason.OOM_KILLED: Advice(
        proof="A container's present or last state is terminated with reason OOMKilled.",
        action="Raise the template's memory limit, or find what grew.",
    ),
    Reason.VOLUME_PENDING: Advice(
        proof=(
            "The scheduler or an event (FailedMount, FailedAttachVolume, ProvisioningFailed) names a "
            "volume; a claim is Lost."
        ),
        action="`kubectl describe pvc -n NAMESPACE`: its storage class, its provisioner, what still holds the volume.",
    ),
    Reason.INIT_STUCK: Advice(
        proof="An init container runs on, or ends again and again, while the others wait for it.",
        action="`kubectl logs NAME -n NAMESPACE -c INIT`: what does it wait for?",
    ),
    Reason.RUNNING_TIMEOUT: Advice(
        proof="The phase was not Running in time, and nothing that could be seen explains it; gaps say what could not.",
        action=(
            "Give the prober the right to read Pods and events, or look at them; compare with the time that "
            "a start takes."
        ),
    ),
    Reason.URL_MISSING: Advice(
        proof="The phase is Running and `status.url` stayed empty for the whole budget.",
        action="The operator's log; does the platform use another field (`platform.status.url`)?",
    ),
    Reason.URL_REJECTED: Advice(
        proof="The URL is malformed, or its scheme or host is none that the target allows.",
        action="Look at the URL in the summary: a platform that points elsewhere, or `url.hosts` that is too narrow.",
    ),
    Reason.DNS: Advice(
        proof="The host did not resolve, each time that it was asked for.",
        action="`dig HOST` from the prober's network; the wildcard record, external-dns.",
    ),
    Reason.TCP_REFUSED: Advice(
        proof="Connections were refused, or none came about in time.",
        action="Is the ingress's address right, does its load balancer listen, does a network policy stand between?",
    ),
    Reason.TLS: Advice(
        proof="The handshake failed or the certificate is not trusted; the summary says why.",
        action="`openssl s_client -connect HOST:443 -servername HOST`; cert-manager, the certificate's names and end.",
    ),
    Reason.FALSE_RUNNING: Advice(
        proof="The phase says Running; connections are accepted and never answered, or the Pod is not ready.",
        action=f"{_DESCRIBE}: its readiness probe; the operator reports Running before the desktop serves.",
    ),
    Reason.HTTP_404_ROUTE: Advice(
        proof="The URL answers 404 or 410, which an ingress says that has no route.",
        action=(
            "Does the session's IngressRoute exist, does its match name the URL's host, does the ingress "
            "read its namespace?"
        ),
    ),
    Reason.HTTP_5XX: Advice(
        proof="The URL answers 500 or above until the budget was used up.",
        action="503 and 502: the route's Service has no endpoint. Others: the desktop's own log.",
    ),
    Reason.HOST_COLLISION: Advice(
        proof=(
            "Another route of the namespace has the session's host, and who answered was not our session; or another "
            "picture showed at the same URL after the desktop came back."
        ),
        action="Give each target a user of its own: hosts are derived from users. Is the other session left over?",
    ),
    Reason.AUTH_REJECTED: Advice(
        proof="The desktop answered 401 or 403 to the target's credentials.",
        action="Was the password rotated? Log in by hand with the same reference.",
    ),
    Reason.AUTH_FORM_CHANGED: Advice(
        proof="A page loaded that is not the client's, or whose element shows no picture; the summary has its title.",
        action="Open the URL: a new login page, a new version of the client? Adapt `client.recognise`.",
    ),
    Reason.TOKEN_INVALID: Advice(
        proof="The platform refused the token as invalid.", action="Issuer, audience, signing key of the token."
    ),
    Reason.TOKEN_EXPIRED: Advice(
        proof="The platform refused the token as expired.", action="The clocks of both sides; how long tokens live."
    ),
    Reason.MFA_FAILED: Advice(
        proof="The second factor was refused.", action="The seed of the synthetic user, and the clocks of both sides."
    ),
    Reason.ACCESS_NOT_ENFORCED: Advice(
        proof="Somebody without credentials was let in.",
        action=(
            "At once: the desktop is open to anybody who knows its URL. The ingress's middleware, the "
            "desktop's own login."
        ),
    ),
    Reason.SIGNALLING_NEVER_OPENED: Advice(
        proof="The page opened no WebSocket and no peer connection.",
        action="The browser's console in the evidence; does the ingress let WebSockets through?",
    ),
    Reason.SIGNALLING_CLOSED: Advice(
        proof="The WebSocket was opened and closed before both sides had agreed.",
        action="The desktop's log; idle timeouts of ingress and load balancer.",
    ),
    Reason.NO_OFFER: Advice(
        proof="Signalling is open and no session description came.",
        action="The desktop's media pipeline did not start: its log; its encoder, its display.",
    ),
    Reason.WRONG_TRANSPORT: Advice(
        proof="The picture came by another transport than `expect.transport`, or a connection carries no video.",
        action="Was the desktop started in another mode (Selkies: `--mode webrtc`)?",
    ),
    Reason.CODEC_UNSUPPORTED: Advice(
        proof="The page or the desktop rejected the video; the summary lists what was offered.",
        action="The desktop's encoder settings; would users' browsers decode it?",
    ),
    Reason.ICE_NO_CANDIDATES: Advice(
        proof="One side gathered no address, or a relay was asked for and none is configured.",
        action="The TURN servers that the page is given; the desktop's network interfaces.",
    ),
    Reason.ICE_FAILED: Advice(
        proof="Both sides have candidates and no pair works, or a pair that worked was lost.",
        action="UDP between the two: network policies, NAT, the port range; the same target with `path: relay`.",
    ),
    Reason.TURN_UNREACHABLE: Advice(
        proof="A TURN server was asked and lent no address: no answer, or an answer that it has none.",
        action="Does coturn run, are 3478 UDP and TCP open, is its port range used up?",
    ),
    Reason.TURN_AUTH_FAILED: Advice(
        proof="The TURN server refused the credentials (`icecandidateerror` 401 and the like).",
        action="The shared secret of platform and coturn; the clocks, where credentials end with time.",
    ),
    Reason.DTLS_FAILED: Advice(
        proof="ICE is connected and the handshake did not end.",
        action=(
            "The fingerprint in the session description against the desktop's certificate; who rewrites descriptions?"
        ),
    ),
    Reason.NO_FIRST_FRAME: Advice(
        proof="Connected, and no frame was rendered: none decoded, or the picture is hidden.",
        action="The summary says how many frames were decoded: 0 is the desktop's encoder, others the page.",
    ),
    Reason.PLAYBACK_BLOCKED: Advice(
        proof="Frames decode while the video element stays paused.",
        action="The page waits for a click: which button (`client.click`)? A user sees black.",
    ),
    Reason.BLACK_FRAMES: Advice(
        proof="Frames are rendered and their mean luma is at or below `expect.blank_luma`.",
        action="The desktop's X server or compositor: is anything drawn? The screenshots in the evidence.",
    ),
    Reason.FROZEN: Advice(
        proof="No rendered frame, or no changed pixel, under a stimulus; the finding has the longest gap.",
        action="CPU and GPU of the desktop; packet loss in the same run; the log's tail.",
    ),
    Reason.LOW_FPS: Advice(
        proof="Fewer frames a second than `expect.frames_per_second` under a stimulus.",
        action="The desktop's encoder and CPU limit; how many sessions share the node or GPU.",
    ),
    Reason.LOW_RESOLUTION: Advice(
        proof="The picture is smaller than `checks.resolution`.", action="The template's display settings."
    ),
    Reason.HIGH_RTT: Advice(
        proof="The mean round trip of the window exceeds `expect.round_trip`.",
        action="The path in the report: a relay far away? The node's network.",
    ),
    Reason.HIGH_LOSS: Advice(
        proof="More packets were lost than `expect.loss` allows.",
        action="The network between prober and node; bandwidth limits; the same target by another path.",
    ),
    Reason.HIGH_JITTER: Advice(
        proof="Packets, or the frames made of them, came too unevenly.",
        action="Queues on the way; CPU throttling of the desktop.",
    ),
    Reason.AUDIO_MISSING: Advice(
        proof="Sound was expected and no energy arrived.",
        action="The desktop's sound server; is anything played at all?",
    ),
    Reason.INPUT_DEAD: Advice(
        proof="At least half of the inputs changed no pixel.",
        action="The input channel in the report (`opened.channels`); the desktop's input driver.",
    ),
    Reason.INPUT_SLOW: Advice(
        proof="The median from input to pixel exceeds `expect.input_latency`.",
        action="Compare with the round trip: the rest is the desktop (CPU, encoder).",
    ),
    Reason.DELETE_REJECTED: Advice(
        proof="The API server refused to delete the session.",
        action="The prober's Role, and webhooks on deletion. The session still lives: delete it, or `prober sweep`.",
    ),
    Reason.FINALIZER_STUCK: Advice(
        proof="Deletion was accepted, the finalizer is still there and nothing moves.",
        action="The operator's log; as a last resort remove the finalizer by hand.",
    ),
    Reason.CHILD_LEFT: Advice(
        proof="The session is gone and objects of it are not: `children_left` has kind, name, age.",
        action="Owner references and finalizers of those objects; may it stay by policy (`keep_children`)?",
    ),
    Reason.URL_STILL_SERVING: Advice(
        proof="The session is gone and its URL still answers.",
        action="A route or a process that outlived it: somebody's desktop may be reachable by the next user.",
    ),
    Reason.CLEANUP_TIMEOUT: Advice(
        proof="It could not be verified in time that nothing is left, or the end is slow.",
        action="The notes of step `cleanup` name what could not be seen; compare with `budgets.cleanup`.",
    ),
    Reason.BROWSER_MISSING: Advice(
        proof="No browser could be launched, or it cannot do what users' browsers can.",
        action="`browser.executable`, PROBER_BROWSER; the image's Chromium.",
    ),
    Reason.BROWSER_CRASHED: Advice(
        proof="The browser or the page's process died during the run.",
        action="Memory limit and `/dev/shm` of the prober's Pod.",
    ),
    Reason.DRIVER_ERROR: Advice(
        proof="The driver failed, or the browser did not answer.",
        action="It is replaced by itself; if it comes again, look at the prober's memory and CPU.",
    ),
    Reason.PROBER_STARVED: Advice(
        proof="The prober got too little CPU for its times to mean anything; the facts have measure, value, limit.",
        action="Raise the Pod's CPU request and limit, or lower `concurrency`.",
    ),
    Reason.LEAK_CAP_REACHED: Advice(
        proof="As many sessions of ours live as `session_cap` allows.",
        action="`prober sweep`; why were they left?",
    ),
    Reason.DEADLINE_EXCEEDED: Advice(
        proof="Our own part of a run took longer than its deadline; the summary says which.",
        action="The prober's CPU and browser; report it if the machine is idle.",
    ),
    Reason.INTERNAL: Advice(
        proof="An exception of our own code; the log's `internal_error` has the traceback.",
        action="Report it with the run's log lines.",
    ),
}
"""By reason; a test holds it to the enum."""
