"""Why the lab cannot work in a cluster.

Exception
└── ClusterError                  whoever started the lab has something to mend; the message says what
    ├── KubeconfigError           the file, or the way in that it describes, cannot be used
    ├── ClusterUnreachableError   nobody answers there, or the credentials are not accepted
    ├── PermissionMissingError    the credentials do not allow what the lab does
    ├── NameRefusedError          the cluster takes no such name for a namespace, or for a template
    ├── UnfitDefinitionError      the cluster defines the platform's kinds otherwise
    └── NamespaceTakenError       somebody else serves the sessions of the namespace
"""


class ClusterError(Exception):
    """The lab cannot work in a cluster; the message names the place with the mend, never a secret."""


class KubeconfigError(ClusterError):
    """The kubeconfig, or the way in that it describes, cannot be used."""


class ClusterUnreachableError(ClusterError):
    """The API server does not answer, or does not accept the credentials."""


class PermissionMissingError(ClusterError):
    """The credentials do not allow what the lab does."""


class NameRefusedError(ClusterError):
    """The cluster takes no such name for a namespace, or for a template."""


class UnfitDefinitionError(ClusterError):
    """The cluster defines a kind of the platform in a way that the lab's operator cannot work with."""


class NamespaceTakenError(ClusterError):
    """Somebody else serves the sessions of the namespace."""
