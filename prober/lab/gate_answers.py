"""What a real API server says to requests that meet trouble at the lab's gate."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from prober.lab.kube.errors import ApiError, ExpiredError, ForbiddenError, TooManyRequestsError
from prober.lab.kube.metadata import generated_name
from prober.lab.kube.paths import Target

NOT_SERVED = "the server could not find the requested resource"

QUOTA = "vdi-quota"
"""The name of the ResourceQuota that is used up."""

ALLOWED = 3
"""How many sessions that quota allows."""

WEBHOOK = "sessions.policy.vdi.example.com"

RETRY_AFTER_S = 1
"""Seconds; what kube-apiserver asks of those whom it throttles."""


def over_quota(target: Target, *, body: Mapping[str, Any]) -> ApiError:
    """Returns the refusal of the quota plugin, which is admission: the new object has its name by then."""
    metadata, counted = body.get("metadata"), f"count/{target.resource.id}"
    known = metadata if isinstance(metadata, dict) else {}
    name = str(known.get("name") or generated_name(str(known.get("generateName", ""))))
    return ForbiddenError(
        f'{target.resource.id} "{name}" is forbidden: exceeded quota: {QUOTA}, requested: {counted}=1, '
        f"used: {counted}={ALLOWED}, limited: {counted}={ALLOWED}",
        details=target.resource.details(name),
    )


def forbidden(target: Target, *, user: str, verb: str) -> ApiError:
    """Returns the refusal of the authorizer, which knows no name that a path does not have."""
    resource = target.resource
    about = f'{resource.id} "{target.name}"' if target.name else str(resource.id)
    return ForbiddenError(
        f'{about} is forbidden: User "{user}" cannot {verb} resource "{resource.plural}" '
        f'in API group "{resource.group}" in the namespace "{target.namespace}"',
        details=resource.details(target.name),
    )


def denied_by_webhook(target: Target) -> ApiError:
    """Returns the refusal of a webhook that says no with 403, as policy engines do."""
    return ForbiddenError(
        f'admission webhook "{WEBHOOK}" denied the request: sessions need a cost centre (injected by the lab)',
        details=target.resource.details(""),
    )


def throttled() -> ApiError:
    """Returns the refusal of an API server that has too much to do."""
    return TooManyRequestsError("Too many requests, please try again later.", retry_after_s=RETRY_AFTER_S)


def expired_watch(version: int) -> web.StreamResponse:
    """Returns a watch that says 410 Gone and ends; once a watch is granted, an API server says so within it."""
    error = ExpiredError(f"too old resource version: 1 ({version})")
    return web.json_response({"type": "ERROR", "object": error.to_status()}, dumps=lambda line: json.dumps(line) + "\n")
