"""Reads one key of a Secret."""

import base64
import binascii
from typing import Any

from prober.adapters.kubernetes.api import ApiServer
from prober.adapters.kubernetes.refusals import fault_of
from prober.adapters.kubernetes.resources import SECRETS
from prober.domain.errors import ProberFailed, failed
from prober.domain.reasons import Reason
from prober.flow.ports.secrets import Secret


class KubernetesSecrets:
    """The Secrets of one cluster, one get for each read."""

    def __init__(self, api: ApiServer) -> None:
        self._api = api

    async def read(self, *, namespace: str, name: str, key: str) -> Secret:
        """Returns the value of a Secret's key.

        Raises:
            TargetFailed: `api_unreachable`, when the API server does not answer or is in trouble.
            ProberFailed: `internal`, naming the Secret and the key, when it cannot be read for another cause: which
            Secrets there are is our configuration's business, not the target's.
        """
        where = f"key {key} of Secret {namespace}/{name}"
        reply = await self._api.send("GET", SECRETS.path(namespace, name))
        if reply.refusal is not None:
            fault = fault_of(reply.refusal, doing=f"reading {where}")
            if fault.reason is Reason.API_UNREACHABLE:
                raise failed(fault)
            raise ProberFailed.because(Reason.INTERNAL, fault.summary)
        return _decoded(reply.body.get("data"), key=key, where=where)


def _decoded(data: Any, *, key: str, where: str) -> Secret:
    if not isinstance(data, dict) or not isinstance(data.get(key), str):
        raise ProberFailed.because(Reason.INTERNAL, f"there is no {where}")
    try:
        return Secret(base64.b64decode(data[key], validate=True).decode())
    except (binascii.Error, UnicodeDecodeError):
        # Both quote what they could not decode: not chained.
        raise ProberFailed.because(Reason.INTERNAL, f"{where} is not UTF-8 text") from None
