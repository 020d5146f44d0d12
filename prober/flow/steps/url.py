"""The step that reaches the session's URL: extracted, valid, allowed, answering."""

import asyncio
from collections.abc import Mapping

from prober.domain.address import checked_url
from prober.domain.errors import Fault, TargetFailed, failed
from prober.domain.exposure import Answer, serving_fault
from prober.domain.ids import RunId
from prober.domain.reasons import Reason
from prober.domain.session import SessionView
from prober.domain.target import Target, UrlRules
from prober.domain.waiting import vanished
from prober.flow.journal import StepNotes
from prober.flow.ports import Clock, Exposure, Sessions

ASK_EVERY_S = 0.25
"""Distance of the requests while the URL does not serve yet, in seconds: a tenth of what a user would notice is
enough."""

ASK_TIMEOUT_S = 10.0
"""How long one request may take, in seconds: shorter than the budget, so that a request that gets stuck can say where,
and one that the budget cuts off does not count."""


async def extract(sessions: Sessions, session: SessionView, *, rules: UrlRules, budget_s: float) -> str:
    """Returns the session's URL, checked; waits for it where Running came before it.

    Raises:
        TargetFailed: `url_missing` or `url_rejected`, `phase_failed` when the session went away meanwhile,
            `api_unreachable` when nobody could be asked any more.
    """
    if session.url:
        return checked_url(session.url, rules)
    missing = Fault(reason=Reason.URL_MISSING, summary=f"the session runs and has no URL after {budget_s:g} s")
    async with sessions.watch(session.ref) as views:
        try:
            async with asyncio.timeout(budget_s):
                async for view in views:
                    if view is None or view.deleting:
                        break
                    if view.url:
                        return checked_url(view.url, rules)
        except TimeoutError:
            raise failed(views.outage or missing) from None
    raise failed(vanished(session))


def marked(url: str, *, target: Target, run_id: RunId, notes: StepNotes) -> str:
    """Returns the URL with what joins the platform's logs to the run, where the target asks for that."""
    correlation = target.correlation
    if correlation.is_taken_by(url):
        notes.notes.append(f"not marked: the session's URL has a parameter {correlation.query} of its own")
    return correlation.url(url, run_id)


async def wait_serving(
    exposure: Exposure,
    url: str,
    *,
    rules: UrlRules,
    headers: Mapping[str, str] | None = None,
    clock: Clock,
    since: float,
    budget_s: float,
    notes: StepNotes,
) -> Answer:
    """Asks the URL until it serves, and notes the timings of the answer that did.

    `serving_gap` is the time for which the session was Running and did not serve.

    Args:
        exposure: For asking.
        url: The session's URL, checked.
        rules: The target's, for TLS.
        headers: Sent with each request.
        clock: For the gap.
        since: When the session was seen to be Running, on the monotonic clock; the budget began then too.
        budget_s: The step's budget, in seconds.
        notes: The step's notes.

    Raises:
        TargetFailed: The fault of the last answer when the budget is used up.
    """
    fault = Fault(reason=Reason.FALSE_RUNNING, summary=f"the session's URL gave no answer within {budget_s:g} s")
    notes.attempts = 0
    try:
        async with asyncio.timeout(budget_s - (clock.monotonic() - since)):
            while True:
                notes.attempts += 1
                asked = clock.monotonic()
                timeout_s = min(ASK_TIMEOUT_S, budget_s / 2)
                met = await _ask(exposure, url, rules=rules, headers=headers, timeout_s=timeout_s)
                if isinstance(met, Answer):
                    notes.timings.update(met.timings(), serving_gap=asked - since)
                    return met
                fault = met
                await asyncio.sleep(ASK_EVERY_S)
    except TimeoutError:
        raise failed(fault) from None


async def _ask(
    exposure: Exposure, url: str, *, rules: UrlRules, headers: Mapping[str, str] | None, timeout_s: float
) -> Answer | Fault:
    try:
        answer = await exposure.ask(url, verify_tls=rules.verify_tls, timeout_s=timeout_s, headers=headers)
    except TargetFailed as error:
        return error.fault
    return serving_fault(answer.status) or answer
