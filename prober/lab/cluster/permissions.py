"""What the lab needs to be allowed in a cluster that is not its own.

The table is what the operator calls in its namespace; all of it is asked for at the start, so that a
missing permission is one clear error, not a session that never runs. What the lab makes for the whole cluster
where it is missing (the platform's kinds, a template, the namespace) is not in it: an administrator
may have made these before.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from prober.lab.cluster.errors import PermissionMissingError
from prober.lab.operator.client import KubeClient, NotFound

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Some verbs on a resource.

    Attributes:
        group: The API group; empty for the core group.
        resource: The plural, with the subresource after a slash.
        verbs: What is done with it.
        namespaced: Whether it is done in the lab's namespace alone.
    """

    group: str = ""
    resource: str
    verbs: tuple[str, ...]
    namespaced: bool = True

    def __str__(self) -> str:
        return ".".join(filter(None, (self.resource, self.group)))


_KEPT = ("get", "list", "create", "delete")

NEEDED = (
    Permission(group="vdi.kasm.io", resource="vdisessions", verbs=("get", "list", "watch", "patch", "delete")),
    Permission(group="vdi.kasm.io", resource="vdisessions/status", verbs=("patch",)),
    # An owner that blocks its deletion: asked for by the admission plugin OwnerReferencesPermissionEnforcement.
    Permission(group="vdi.kasm.io", resource="vdisessions/finalizers", verbs=("update",)),
    Permission(group="vdi.kasm.io", resource="vditemplates", verbs=("get",), namespaced=False),
    Permission(resource="pods", verbs=_KEPT),
    Permission(resource="pods/status", verbs=("patch",)),
    Permission(resource="persistentvolumeclaims", verbs=_KEPT),
    Permission(resource="persistentvolumeclaims/status", verbs=("patch",)),
    Permission(resource="services", verbs=_KEPT),
    Permission(group="traefik.io", resource="ingressroutes", verbs=_KEPT),
    Permission(resource="events", verbs=("create",)),
    Permission(group="coordination.k8s.io", resource="leases", verbs=("get", "create", "patch", "delete")),
)


async def check_permissions(api: KubeClient, *, namespace: str) -> None:
    """Asks the cluster whether the lab may do all that it does.

    Args:
        api: The cluster, by the credentials in question.
        namespace: The lab's namespace, which need not exist.

    Raises:
        PermissionMissingError: It may not; names everything that is missing.
        ApiError: The API server refused the question, or could not be reached.
    """
    missing: dict[str, list[str]] = {}
    for permission, verb in _questions():
        try:
            allowed = await _allowed(api, permission, verb, namespace=namespace)
        except NotFound:
            return  # a cluster that knows no such question has nothing to forbid
        if not allowed:
            missing.setdefault(str(permission), []).append(verb)
    if missing:
        listed = "; ".join(f"{', '.join(verbs)} on {what}" for what, verbs in missing.items())
        raise PermissionMissingError(
            f"the kubeconfig's user may not do in namespace {namespace!r} what the lab does: {listed}; grant it by a "
            "Role, or use the kubeconfig of an administrator"
        )


def _questions() -> Iterator[tuple[Permission, str]]:
    for permission in NEEDED:
        for verb in permission.verbs:
            yield permission, verb


async def _allowed(api: KubeClient, permission: Permission, verb: str, *, namespace: str) -> bool:
    resource, _, subresource = permission.resource.partition("/")
    attributes = {"verb": verb, "group": permission.group, "resource": resource, "subresource": subresource}
    if permission.namespaced:
        attributes["namespace"] = namespace
    review = await api.create(
        REVIEWS,
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        },
    )
    return bool(review["status"]["allowed"])
