"""What a real API server does and this one does not: the one list, which the contract suite holds to the truth.

Each limit is proven in both directions by a test of `tests/contracts/kubernetes_api`: a real API server passes it, this
one fails it. Nothing in `prober.adapters` may depend on any of them.
"""

from enum import StrEnum


class Limit(StrEnum):
    """One thing that a real API server does and this one does not."""

    RBAC = "There are no roles: whoever is known may do everything, and nobody is anonymous."
    """Roles, bindings, 403 for want of a permission, denied access reviews."""

    SERVICE_ACCOUNTS = "There are no ServiceAccounts, and no token can be requested."
    """Neither those that are asked for, nor the `default` one of each namespace."""

    QUOTA = "There is no ResourceQuota."
    """So nothing is refused for being too many."""

    ADMISSION = "There are no admission policies or webhooks."
    """So nothing is refused by a rule that somebody brought."""

    CLAIM_PROTECTION = "Volume claims bear no finalizer that protects them while they are used."
    """`kubernetes.io/pvc-protection`, which a controller takes off."""

    GRACEFUL_DELETION = "A Pod is gone at once, whether or not a node has it."
    """A real one waits for its kubelet, for up to the grace period."""

    LATE_COLLECTION = "What follows from a deletion has happened when the deletion is answered."
    """A real garbage collector comes later, by milliseconds to half a minute."""

    BUILT_IN_RULES = "Of built-in objects only those fields are checked or defaulted that the lab's own use."
    """No Service gets an address, no container's name is looked at."""

    EXPRESSIONS = "The rules of a CRD that are written in CEL are not evaluated."
    """`x-kubernetes-validations`."""

    VERSIONS = "A CRD is served at its storage version only."
    """So there is no conversion either."""

    SERVER_SIDE_APPLY = "There are no apply patches, and nobody notes who manages which field."
    """`metadata.managedFields`."""

    PATCH_DIRECTIVES = "Strategic merge patches may hold no directives."
    """`$patch`, `$retainKeys` and their kin are refused."""

    COLLECTION_DELETION = "A collection cannot be deleted by one request."
    """kubectl deletes one by one, so it does not mind."""

    AGGREGATED_DISCOVERY = "Discovery is served group by group only."
    """Clients fall back to that by themselves."""

    PROTOBUF = "Only JSON is spoken."
    """No protobuf, no YAML, no CBOR."""

    FAIRNESS = "Requests are not queued by priority, and none is refused for want of a seat."
    """API priority and fairness, with its 429."""
