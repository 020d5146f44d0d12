"""Configurations with fixed and discovering targets, as values."""

from prober.app.config.settings import (
    BrowserSetting,
    DiscoverySetting,
    Sandbox,
    Settings,
    TargetSetting,
    WebSetting,
)
from prober.domain.ids import ClusterName, TargetName
from prober.domain.target import Schedule, SessionTemplate, Target

STAGING, PRODUCTION = ClusterName("staging"), ClusterName("production")
RARELY = Schedule(every_s=3600)


def fixed(name: str, *, user: str = "probe@example.com") -> TargetSetting:
    session = SessionTemplate(cluster=STAGING, namespace="vdi", user=user, template="ubuntu")
    return TargetSetting(target=Target(name=TargetName(name), session=session), schedule=RARELY)


def discovering(name: str, *, cluster: ClusterName = STAGING, selector: str = "", limit: int = 10) -> DiscoverySetting:
    user = f"{name}-{{template}}@example.com"
    session = SessionTemplate(cluster=cluster, namespace="vdi", user=user, template="{template}")
    pattern = Target(name=TargetName(name), session=session)
    return DiscoverySetting(pattern=pattern, schedule=RARELY, selector=selector, limit=limit)


def settings(*parts: TargetSetting | DiscoverySetting) -> Settings:
    return Settings(
        targets=tuple(part for part in parts if isinstance(part, TargetSetting)),
        discoveries=tuple(part for part in parts if isinstance(part, DiscoverySetting)),
        clusters={},
        web=WebSetting(host="127.0.0.1", port=0),
        browser=BrowserSetting(
            executable=None, args=(), recycle_after_runs=1, recycle_after_s=1.0, sandbox=Sandbox.AUTO
        ),
        concurrency=2,
        instance="test",
        shutdown_grace_s=1.0,
    )
