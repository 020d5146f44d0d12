"""What the lab relies on in a Kubernetes API server, over bare HTTP: one suite for the embedded and for a real one.

A subclass gives the fixture `cluster`. Tests of what the embedded server cannot do are marked with the limit that says
so (`lacking`); there they must fail. What belongs here: behaviour that the prober, kopf or kubectl may meet. What does
not: clients, and what only one of the two servers has.
"""

from tests.contracts.kubernetes_api.access import Access
from tests.contracts.kubernetes_api.beyond import Beyond
from tests.contracts.kubernetes_api.changing import Changing
from tests.contracts.kubernetes_api.creating import Creating
from tests.contracts.kubernetes_api.deleting import Deleting
from tests.contracts.kubernetes_api.listing import Listing
from tests.contracts.kubernetes_api.refusing import Refusing
from tests.contracts.kubernetes_api.showing import Showing
from tests.contracts.kubernetes_api.watching import Watching


class KubernetesApiContract(Creating, Refusing, Changing, Listing, Watching, Deleting, Showing, Access, Beyond):
    """Behaviour of every API server."""
