"""What the chart refuses, before anything is installed, and with which words."""

from typing import Any

import helm_python
import pytest

from tests.helm.rendering import MINIMAL, render, with_

PLATFORM = {"sessions": {"group": "vdi.example.com"}}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"image": {"tga": "1"}}, "additional properties 'tga' not allowed"),
        ({"image": {"digest": "sha256:short"}}, "/image/digest"),
        ({"prometheusrule": {}}, "additional properties 'prometheusrule' not allowed"),
        ({"config": MINIMAL["config"] | {"concurency": 3}}, "additional properties 'concurency' not allowed"),
        ({"config": MINIMAL["config"] | {"shutdown_grace": "soon"}}, "/config/shutdown_grace"),
        ({"secretEnv": {"PROBE_PASSWORD": "hunter2"}}, "/secretEnv/PROBE_PASSWORD"),
        ({"networkPolicy": {"mediaPorts": []}}, "/networkPolicy/mediaPorts"),
        ({"terminationGracePeriodSeconds": 5}, "shorter than the 120 s of config.shutdown_grace"),
        ({"serviceMonitor": {"enabled": True}, "podMonitor": {"enabled": True}}, "would scrape everything twice"),
    ],
    ids=[
        "unknown key",
        "digest",
        "unknown section",
        "unknown setting",
        "bad setting",
        "secret in the values",
        "no ports",
        "short grace",
        "scraped twice",
    ],
)
def test_values_that_are_refused(values: dict[str, Any], told: str) -> None:
    """A slip in the values is refused before anything is rendered, with its place; the secret is not repeated."""
    with pytest.raises(helm_python.HelmError) as refused:
        render(with_(**values))
    assert told in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({}, "config.clusters and config.targets are needed"),
        (MINIMAL["config"] | {"web": None}, "is no address with a port"),
        (MINIMAL["config"] | {"web": {"listen": "[::]"}}, "is no address with a port"),
        (MINIMAL["config"] | {"clusters": {"other": {"in_cluster": True}}}, "which config.clusters does not have"),
        (
            MINIMAL["config"] | {"clusters": {"staging": {"in_cluster": True, "platform": PLATFORM}}},
            "grant them with rbac.extraRules",
        ),
        (MINIMAL["config"] | {"web": {"listen": "127.0.0.1:9464"}}, "neither kubelet nor Prometheus can reach it"),
        (MINIMAL["config"] | {"web": {"listen": "[::1]:9464"}}, "neither kubelet nor Prometheus can reach it"),
    ],
    ids=["nothing to probe", "no web", "no port", "unknown cluster", "unknown kinds", "loopback", "loopback of IPv6"],
)
def test_configurations_that_cannot_work_in_a_pod(config: dict[str, Any], told: str) -> None:
    """What no schema can know is said by the template."""
    with pytest.raises(helm_python.HelmError, match=told):
        render(with_(config=config))
