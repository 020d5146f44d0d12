"""Alerts about targets: what their users meet.

Each counts runs that say something of the target; an `error` of the prober never makes one of these fire, `own` has
the alerts for that. Those that wake somebody need at least three bad runs, and failures that users meet.
"""

from collections.abc import Iterator

from prober.app.monitoring.intervals import CLASSES, INTERVAL, RARE_S, IntervalClass, Window
from prober.app.monitoring.objectives import AVAILABILITY, FAST, SLOW, START_TIME, Burn, Indicator
from prober.app.monitoring.seen import DEGRADED, FAILURES, INFO, QUANTILE, START, grown
from prober.app.monitoring.words import PROBER, TARGET, Alert, Severity

_BURST = f"{AVAILABILITY.increase}_{Window.BURST}"
_NAME = "{{ $labels.target }}"
_AGO = "{{ $value | humanizeDuration }}"
_NUMBER = "{{ $value | humanize }}"
_KIND = "{{ $labels.kind }}"
_PERCENT = "{{ $value | humanizePercentage }}"


def alerts() -> tuple[Alert, ...]:
    """Returns all of them, those that wake somebody first."""
    return (
        *_reachable(),
        *_objectives(),
        *_quality(),
        *_leftovers(),
        *_certificates(),
    )


def _reachable() -> Iterator[Alert]:
    yield Alert(
        name="VDIProbeNoRecentSuccess",
        expr=f"(\n{_all_failed()}\n{_desktops_failed(2.5)}\n)\nor\n(\n{_rarely_succeeds()}\n)",
        severity=Severity.CRITICAL,
        lasting="1m",
        summary=f"No desktop of {_NAME} could be used lately",
        description=(
            f"Every run of {_NAME} that said something of it failed lately, three of them at least: users who ask for "
            f"this desktop now most likely get none."
        ),
        blames=True,
    )
    yield Alert(
        name="VDIProbeTurnPathBroken",
        expr=_turn(),
        severity=Severity.CRITICAL,
        lasting="1m",
        summary=f"{_NAME} cannot be reached through TURN, while another path works",
        description=(
            f"Every recent run of {_NAME}, which may only use a TURN relay, failed at the connection or its picture. "
            "Another target of template {{ $labels.template }} in "
            "{{ $labels.probed_cluster }}/{{ $labels.probed_namespace }} succeeds without a relay. Users behind "
            "firewalls see no desktop; the TURN server, its address, ports or credentials are at fault, no desktop is."
        ),
        blames=True,
    )
    yield Alert(
        name="VDIProbeNoRuns",
        expr=_silent(),
        severity=Severity.WARNING,
        lasting="2m",
        summary=f"Nothing is known of {_NAME}: its runs do not come to an end, or do not begin",
        description=(
            f"No run of {_NAME} ended with a success, a failure or an error for several of its intervals, and it is "
            f"in no maintenance. Whether its users have desktops is not known. Look at what is skipped, and why, and "
            f"at the prober's log."
        ),
    )


def _objectives() -> Iterator[Alert]:
    yield Alert(
        name="VDIProbeAvailabilityBurnFast",
        expr=f"{_any(FAST, AVAILABILITY)}\n{_desktops_failed(0.5)}",
        severity=Severity.CRITICAL,
        lasting="1m",
        summary=f"{_NAME} fails so often that its error budget is soon used up",
        description=(
            f"Runs of {_NAME} fail {_NUMBER} times as often as its availability objective allows, by both a short and "
            f"a longer look."
        ),
        blames=True,
    )
    yield Alert(
        name="VDIProbeAvailabilityBurnSlow",
        expr=_any(SLOW, AVAILABILITY),
        severity=Severity.WARNING,
        lasting="15m",
        summary=f"{_NAME} fails more often than its availability objective allows",
        description=(
            f"Runs of {_NAME} fail {_NUMBER} times as often as its availability objective allows, for "
            f"hours or days: what is left of the error budget will not last."
        ),
        blames=True,
    )
    yield Alert(
        name="VDIProbeStartTimeBurnFast",
        expr=_any(FAST, START_TIME),
        severity=Severity.WARNING,
        lasting="1m",
        summary=f"Most desktops of {_NAME} come too late",
        description=(
            f"Desktops of {_NAME} come late {_NUMBER} times as often as its start-time objective "
            f"allows, by both a short and a longer look. They do work, once they are there."
        ),
    )
    yield Alert(
        name="VDIProbeStartTimeBurnSlow",
        expr=_any(SLOW, START_TIME),
        severity=Severity.INFO,
        lasting="15m",
        summary=f"Desktops of {_NAME} come late more often than its objective allows",
        description=(
            f"Desktops of {_NAME} come late {_NUMBER} times as often as its start-time objective "
            f"allows, for hours or days."
        ),
    )


def _quality() -> Iterator[Alert]:
    short = Window.SHORT
    late = f'{START_TIME.increase}_{short}{{speed="late"}} > 2.5'
    yield Alert(
        name="VDIProbeSessionStartSlow",
        expr=(
            f"max by ({TARGET}) ({START})\n"
            f"and on ({TARGET}) {START_TIME.bad_ratio(short)} > {1 - QUANTILE:g}\n"
            f"and on ({TARGET}) {late}"
        ),
        severity=Severity.WARNING,
        lasting="5m",
        summary=f"More than one of four desktops of {_NAME} is late",
        description=(
            f"Three of four desktops of {_NAME} are there within {_AGO}, by the histogram; more than a quarter is "
            f"later than its objective (vdi_probe_start_objective_seconds)."
        ),
    )
    yield Alert(
        name="VDIProbeStreamDegraded",
        expr=(f"max by ({TARGET}) ({DEGRADED}) > 0.5\nand on ({TARGET}) {AVAILABILITY.counted(short)} > 4.5"),
        severity=Severity.WARNING,
        lasting="5m",
        summary=f"The stream of {_NAME} is degraded",
        description=(
            f"{_PERCENT} of the recent runs of {_NAME} succeeded with warnings: users have a desktop that stutters, "
            f"lags or comes another way than it should. The field `degraded` of the runs names the rules."
        ),
    )


def _leftovers() -> Iterator[Alert]:
    def left(duration: str) -> str:
        return f"sum by ({TARGET}, kind) ({grown('vdi_probe_children_left_total', duration)}) > 2.5"

    yield Alert(
        name="VDIProbeChildrenLeft",
        expr=f"({left('6h')})\nor\n({left('1d')} and on ({TARGET}) {INTERVAL} > 900)",
        severity=Severity.WARNING,
        lasting="1m",
        summary=f"Sessions of {_NAME} leave {_KIND} objects behind",
        description=(
            f"{_NUMBER} objects of kind {_KIND} outlived the sessions of {_NAME} lately. "
            f"Users' sessions leave them as well; they cost room until somebody removes them."
        ),
    )
    yield Alert(
        name="VDIProbeSessionsLeft",
        expr=f"sum by ({TARGET}) (min_over_time(vdi_probe_sessions_live[1h])) > 1.5",
        severity=Severity.WARNING,
        lasting="15m",
        summary=f"Sessions of {_NAME} do not go away",
        description=(
            f"The prober made {_NUMBER} sessions of {_NAME} that it did not see gone for an hour. "
            f"They cost what a user's session costs; at its cap the prober makes no more of them."
        ),
    )
    yield Alert(
        name="VDIProbeOrphansGrowing",
        expr=f"sum by ({TARGET}) (increase(vdi_probe_orphans_deleted_total[6h])) > 2.5",
        severity=Severity.WARNING,
        lasting="1m",
        summary=f"Runs of {_NAME} die before they can end their sessions",
        description=(
            f"Sweeps removed {_NUMBER} sessions of {_NAME} in 6 hours whose runs were dead: the prober "
            f"is killed in the midst of runs, or cannot end sessions."
        ),
    )


def _certificates() -> Iterator[Alert]:
    left = f"min by ({TARGET}) (vdi_probe_certificate_expiry_timestamp_seconds) - time()"
    yield Alert(
        name="VDIProbeCertificateExpiresSoon",
        expr=f"{left} < 14 * 86400",
        severity=Severity.WARNING,
        lasting="1h",
        summary=f"The certificate of {_NAME} ends in {_AGO}",
        description=(
            f"The certificate at the URL of {_NAME} was to be renewed by now and was not: {_AGO} are left. After that "
            f"no browser opens the desktop."
        ),
    )
    yield Alert(
        name="VDIProbeCertificateExpiresNow",
        expr=f"{left} < 86400",
        severity=Severity.CRITICAL,
        lasting="10m",
        summary=f"The certificate of {_NAME} ends within a day",
        description=f"{_AGO} are left until no browser opens the desktops of {_NAME} any more.",
    )


def _all_failed() -> str:
    """Returns the PromQL of targets all of whose recent runs failed, three at least."""
    return (
        f'sum by ({TARGET}) ({_BURST}{{outcome="failure"}}) > 2.5\n'
        f'unless on ({TARGET}) sum by ({TARGET}) ({_BURST}{{outcome="success"}}) > 0.5'
    )


def _desktops_failed(more_than: float) -> str:
    """Returns the PromQL of the condition that more recent failures than that were before the teardown.

    A session that does not go away is a failure of the run, and its user had a desktop: nobody gets up for it.
    """
    return f'and on ({TARGET}) sum by ({TARGET}) ({FAILURES}{{layer!~"teardown|prober"}}) > {more_than}'


def _rarely_succeeds() -> str:
    """Returns the PromQL of rarely probed targets whose last run failed, a while after the last success."""
    last = f"max by ({TARGET}) (max_over_time(vdi_probe_last_success_timestamp_seconds[7d:1h]))"
    return (
        f"time() - {last} > 2 * ({INTERVAL} > {RARE_S}) + 3600\n"
        f"and on ({TARGET}) max by ({TARGET}) (vdi_probe_success) == 0"
    )


def _turn() -> str:
    """Returns the PromQL of targets that fail through a relay beside one that needs none.

    What targets are is only compared, never joined: of one target there may be two truths, while two probers of a job
    differ in their configuration.
    """
    facts = "probed_cluster, probed_namespace, template"
    told = f'{FAILURES}{{layer=~"signalling|ice|media"}} > 0.5'
    works = (
        f'(sum by ({TARGET}) ({_BURST}{{outcome="success"}}) > 0.5)\n'
        f'  unless on ({TARGET}) {_BURST}{{outcome="failure"}} > 0.5'
    )
    return (
        f"(\n"
        f'  max by ({TARGET}, {facts}) ({INFO}{{network_path="relay"}})\n'
        f"  and on ({TARGET}) (\n{_all_failed()}\n)\n"
        f"  and on ({TARGET}) {told}\n"
        f")\n"
        f"and on ({PROBER}, {facts})\n"
        f"(\n"
        f'  {INFO}{{network_path!="relay"}}\n'
        f"  and on ({TARGET}) ({works})\n"
        f")"
    )


def _silent() -> str:
    """Returns the PromQL of targets that did not end a run lately, and were due."""
    last = f"max by ({TARGET}) (max_over_time(vdi_probe_last_run_timestamp_seconds[7d:1h]))"
    rare = f"time() - {last} > 2 * ({INTERVAL} > {RARE_S}) + 3600"
    resting = f'sum by ({TARGET}) (increase(vdi_prober_runs_skipped_total{{reason="maintenance"}}[1d])) > 0.5'
    return "\nor\n".join((*(f"({_still(of)})" for of in CLASSES), f"(\n{rare}\nunless on ({TARGET}) {resting}\n)"))


def _still(of: IntervalClass) -> str:
    duration = of.windows[Window.BURST]
    often = f"\n  and on ({TARGET}) {INTERVAL} <= {RARE_S}" if of.up_to_s > RARE_S else ""
    skipped = f'increase(vdi_prober_runs_skipped_total{{reason="maintenance"}}[{duration}])'
    return (
        f'sum by ({TARGET}) ({_BURST}{{interval_class="{of.name}"}}) < 0.5\n'
        f"  and on ({TARGET}) ({of.targets(offset=duration)}){often}\n"
        f"  unless on ({TARGET}) sum by ({TARGET}) ({skipped}) > 0.5"
    )


def _any(burns: tuple[Burn, ...], of: Indicator) -> str:
    if len(burns) == 1:
        return burns[0].expr(of)
    return "\nor\n".join(f"(\n{burn.expr(of)}\n)" for burn in burns)
