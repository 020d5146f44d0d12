"""Sweeps of every place where the configuration's targets make sessions."""

from collections.abc import Mapping

from prober.app.config.settings import Settings
from prober.app.wiring import open_clusters
from prober.domain.ids import ClusterName
from prober.flow.ports import Clock, Sessions
from prober.flow.sweep import Swept, sweep

Place = tuple[ClusterName, str]
"""A cluster and a namespace in it."""


def places(settings: Settings) -> tuple[Place, ...]:
    """Returns where the targets make sessions, each place once."""
    sessions = [setting.target.session for setting in settings.targets]
    return tuple(dict.fromkeys((session.cluster, session.namespace) for session in sessions))


async def sweep_places(
    settings: Settings, *, sessions: Mapping[ClusterName, Sessions], clock: Clock
) -> dict[Place, Swept]:
    """Sweeps every place, one after the other."""
    return {
        (cluster, namespace): await sweep(sessions[cluster], namespace, now=clock.now())
        for cluster, namespace in places(settings)
    }


async def sweep_all(settings: Settings, *, environ: Mapping[str, str], clock: Clock) -> dict[Place, Swept]:
    """Opens the clusters and sweeps every place.

    Raises:
        ProberFailed: A cluster's identity cannot be loaded.
    """
    async with open_clusters(settings, environ=environ) as clusters:
        return await sweep_places(settings, sessions=clusters.sessions, clock=clock)
