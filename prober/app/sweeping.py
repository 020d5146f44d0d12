"""Sweeps of every place where the configuration's targets make sessions."""

from collections.abc import Mapping

from prober.app.config.settings import Settings
from prober.app.wiring import open_clusters
from prober.domain.ids import ClusterName
from prober.flow.creations import Place
from prober.flow.ports import Clock, Sessions
from prober.flow.sweep import Swept, sweep


def places(settings: Settings) -> tuple[Place, ...]:
    """Returns where the targets make sessions, each place once."""
    sessions = [target.session for target in settings.patterns()]
    return tuple(dict.fromkeys((session.cluster, session.namespace) for session in sessions))


async def sweep_places(
    settings: Settings, *, sessions: Mapping[ClusterName, Sessions], clock: Clock
) -> dict[Place, Swept]:
    """Sweeps every place, one after the other."""
    return {
        place: await sweep(sessions[place[0]], place[1], clock=clock, keep=_retained(settings, place))
        for place in places(settings)
    }


async def sweep_all(settings: Settings, *, environ: Mapping[str, str], clock: Clock) -> dict[Place, Swept]:
    """Opens the clusters and sweeps every place.

    Raises:
        ProberFailed: A cluster's identity cannot be loaded.
    """
    async with open_clusters(settings, environ=environ) as clusters:
        return await sweep_places(settings, sessions=clusters.sessions, clock=clock)


def _retained(settings: Settings, place: Place) -> frozenset[str]:
    """Returns the kinds that the platform retains there, by the policy of any target."""
    there = [t for t in settings.patterns() if (t.session.cluster, t.session.namespace) == place]
    return frozenset(kind for target in there for kind in target.keep_children)
