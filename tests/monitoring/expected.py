"""What the stage makes Prometheus show, and what it cannot."""

from collections.abc import Mapping

FIRING: Mapping[str, Mapping[str, str]] = {
    "VDIProbeNoRecentSuccess": {"target": "desktop", "severity": "critical"},
    "VDIProbeAvailabilityBurnFast": {"target": "desktop", "severity": "critical"},
    "VDIProbeAvailabilityBurnSlow": {"target": "failed", "severity": "warning"},
    "VDIProbeTurnPathBroken": {"target": "relayed", "severity": "critical"},
    "VDIProbeNoRuns": {"target": "waiting", "severity": "warning"},
    "VDIProbeStartTimeBurnFast": {"target": "poor", "severity": "warning"},
    "VDIProbeStartTimeBurnSlow": {"target": "poor", "severity": "info"},
    "VDIProbeSessionStartSlow": {"target": "poor", "severity": "warning"},
    "VDIProbeStreamDegraded": {"target": "poor", "severity": "warning"},
    "VDIProbeChildrenLeft": {"target": "stuck", "severity": "warning", "kind": "VDISession"},
    "VDIProbeSessionsLeft": {"target": "stuck", "severity": "warning"},
    "VDIProbeOrphansGrowing": {"target": "poor", "severity": "warning"},
    "VDIProbeCertificateExpiresSoon": {"target": "poor", "severity": "warning"},
    "VDIProbeCertificateExpiresNow": {"target": "poor", "severity": "critical"},
    "VDIProberAbsent": {"job": "doomed", "severity": "critical"},
    "VDIProberDiscoveryFailing": {"job": "blind", "discovery": "lost", "severity": "warning"},
    "VDIProberErrors": {"job": "blind", "severity": "warning"},
    "VDIProberTargetErrors": {"target": "unseen", "severity": "warning"},
    "VDIProberRunsSkipped": {"target": "waiting", "severity": "warning"},
    "VDIProberBrowserFailing": {"job": "blind", "severity": "warning"},
    "VDIProberSelfCheckFailing": {"job": "lame", "severity": "warning"},
    "VDIProberEvidenceFailing": {"job": "blind", "severity": "warning"},
    "VDIProberHistoryFailing": {"job": "blind", "severity": "warning"},
    "VDIProberTracesLost": {"job": "blind", "severity": "info"},
}
"""An alert of each kind with the labels that it arrives with."""

ELSEWHERE: Mapping[str, str] = {
    "VDIProberConfigReloadFailed": "the prober does not reload its configuration yet",
    "VDIProberStarved": "a prober without CPU is tests/e2e/test_starvation.py's: it starves all that runs beside it",
    "VDIProberSweepFailing": "three sweeps must fail, of which there is one in five minutes",
}
"""Alerts that do not fire here, with why their promtool unit tests stand instead."""
