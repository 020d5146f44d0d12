"""The operator's own words about a session, as Kubernetes Events.

Nobody's session fails because an Event was refused: that is logged, and life goes on.
"""

import logging
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from prober.lab.operator.client import ApiError, KubeClient
from prober.lab.operator.manifests import COMPONENT, event

logger = logging.getLogger(__name__)

SUFFIX_BYTES = 8
"""Of the random end of an Event's name, which must not collide within a namespace."""


class Journal:
    """Writes Events."""

    def __init__(self, api: KubeClient) -> None:
        self._api = api

    async def note(
        self,
        about: Mapping[str, Any],
        *,
        reason: str,
        message: str,
        warning: bool = False,
        component: str = COMPONENT,
        count: int = 1,
    ) -> None:
        """Writes one Event.

        Args:
            about: The object that it is about, as the API returned it.
            reason: A CamelCase word.
            message: One sentence.
            warning: Whether it is bad news.
            component: Who says so.
            count: How often it happened.
        """
        body = event(
            about,
            reason=reason,
            message=message,
            warning=warning,
            at=datetime.now(UTC),
            component=component,
            count=count,
            suffix=secrets.token_hex(SUFFIX_BYTES),
        )
        try:
            await self._api.create(f"/api/v1/namespaces/{body['metadata']['namespace']}/events", body)
        except ApiError as error:
            logger.warning("an event was not written: %s", error)
