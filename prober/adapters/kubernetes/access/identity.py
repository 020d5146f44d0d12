"""Who we are towards one API server: a token, a certificate, both, or nobody.

An identity is asked before each request, so that a token or certificate that is replaced while we run is shown from
the next request on, whether or not the old one would still do.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from prober.adapters.kubernetes.access.faults import unusable
from prober.domain.errors import ProberFailed

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCertificate:
    """A certificate with its key.

    Attributes:
        chain: The certificate, with those between it and the authority; PEM.
        key: Its private key, unencrypted; PEM.
    """

    chain: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What one request shows; nothing for anonymous requests."""

    token: str | None = field(default=None, repr=False)
    certificate: ClientCertificate | None = field(default=None, repr=False)


def clean_token(text: str, *, place: str) -> str:
    """Returns a token as it goes into a header: files end in a newline now and then.

    Raises:
        ProberFailed: `internal`, when it cannot go there.
    """
    token = text.strip()
    if not token.isascii() or not token.isprintable() or not token or " " in token:
        raise unusable(f"the token of {place} is none: it is empty, or has blanks or line breaks in it")
    return token


class Identity(Protocol):
    """Where credentials come from.

    Attributes:
        name: What it is and where it is from, for people: "the token of /var/run/...".
    """

    name: str

    async def prepare(self) -> Credential | None:
        """Gets the first credential, so that no request pays for it; `None` where that may yet come.

        Raises:
            ProberFailed: `internal`, when there is none and there will be none without somebody's doing.
        """

    async def credential(self, *, refused: Credential | None = None) -> Credential:
        """Returns what to show now.

        Args:
            refused: What the API server has just refused: it is not given again from memory.

        Raises:
            ProberFailed: `internal`, when there is none.
        """

    async def close(self) -> None:
        """Ends what is under way."""


class FixedIdentity(Identity):
    """A credential that stays as it is, such as a token written into a kubeconfig."""

    def __init__(self, credential: Credential, *, name: str) -> None:
        self.name = name
        self._credential = credential

    async def prepare(self) -> Credential:
        """Has it already."""
        return self._credential

    async def credential(self, *, refused: Credential | None = None) -> Credential:  # noqa: ARG002 - it has one only
        """Returns it."""
        return self._credential

    async def close(self) -> None:
        """Has nothing to end."""


class FileIdentity(Identity):
    """A credential in files that somebody replaces from time to time, such as the kubelet.

    The files are read for each request: that takes as long as asking whether they have changed. While what they hold
    is of no use the last credential is shown, for as long as the API server takes it. A token that is written by half
    looks like any other: when it is refused, the one before is shown once more.

    Args:
        read: Reads the files.
        name: What they are, for people.
        check: Looks at what was read for the first time, where that can be seen to be of no use.
    """

    def __init__(
        self, read: Callable[[], Credential], *, name: str, check: Callable[[Credential], None] = lambda _: None
    ) -> None:
        self.name = name
        self._read = read
        self._check = check
        self._last: Credential | None = None
        self._before: Credential | None = None
        self._refused: Credential | None = None

    async def prepare(self) -> Credential:
        """Reads the files."""
        return await self.credential()

    async def credential(self, *, refused: Credential | None = None) -> Credential:
        """Reads the files anew."""
        self._refused = refused or self._refused
        try:
            credential = await asyncio.to_thread(self._read_checked)
        except ProberFailed as error:
            if self._last is None:
                raise
            _logger.warning("credentials_not_read: the last ones are used: %s", error.fault.summary)
            return self._last
        if self._last not in {None, credential}:
            _logger.debug("credentials_replaced: %s", self.name)
            if self._last != self._refused:
                self._before = self._last
        self._last = credential
        if credential != refused or self._before is None:
            return credential
        _logger.warning("credentials_refused: the ones before are shown: %s", self.name)
        return self._before

    def _read_checked(self) -> Credential:
        credential = self._read()
        if credential != self._last:
            self._check(credential)
        return credential

    async def close(self) -> None:
        """Has nothing to end."""
