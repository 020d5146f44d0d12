"""Carries the requests of the library's client, each with the identity of that moment.

It takes the place of the HTTP session within the client (kubernetes_asyncio's `RESTClientObject.pool_manager`), which
knows one certificate for its whole life, takes proxies by Python's rules, and adds passwords of ~/.netrc. Each
transport has connections, contexts and credentials of its own: clusters of one process have nothing in common.

A request that is refused as nobody's (401) was not executed. When there are other credentials by now, it is made once
more with those: a rotation between reading and asking is nobody's fault.
"""

import asyncio
import logging
import ssl
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import aiohttp

from prober.adapters.kubernetes.access.identity import ClientCertificate, Credential, Identity
from prober.adapters.kubernetes.access.proxies import Proxy
from prober.adapters.kubernetes.access.tls import Trust
from prober.domain.errors import TargetFailed
from prober.domain.reasons import Reason

MOST_CONNECTIONS = 100
"""How many connections are open at once: the library's own bound."""

READ_BUFFER = 2 * 1024 * 1024
"""How much is read ahead, in bytes: one event of a watch may hold all that etcd takes in one object, 1.5 MiB."""

_logger = logging.getLogger(__name__)


class Transport:
    """The way to one API server, open until `close`."""

    def __init__(self, *, identity: Identity, trust: Trust, proxy: Proxy | None) -> None:
        self._identity = identity
        self._trust = trust
        self._proxy = proxy
        self._shown: ClientCertificate | None = None
        self._context: ssl.SSLContext | None = None
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS),
            cookie_jar=aiohttp.DummyCookieJar(),  # a cookie could outlive the credential that it was given for
            trust_env=False,
            read_bufsize=READ_BUFFER,
        )

    async def request(self, *, headers: Mapping[str, str], **options: Any) -> aiohttp.ClientResponse:
        """Makes one request, with the options of aiohttp.

        Raises:
            ProberFailed: `internal`, when we have no credential to show.
            TargetFailed: `api_unreachable`, when the proxy is in the way.
            aiohttp.ClientError, OSError: No answer came.
        """
        credential = await self._identity.credential()
        response = await self._send(credential, headers, options)
        if response.status != HTTPStatus.UNAUTHORIZED:
            return response
        other = await self._identity.credential(refused=credential)
        if other == credential:
            return response
        response.close()
        _logger.debug("credentials_refused: the request is made once more, with others: %s", self._identity.name)
        return await self._send(other, headers, options)

    async def close(self) -> None:
        """Closes the connections, and ends what renews the identity."""
        await self._identity.close()
        await self._session.close()

    async def _send(
        self, credential: Credential, headers: Mapping[str, str], options: Mapping[str, Any]
    ) -> aiohttp.ClientResponse:
        shown = {} if credential.token is None else {"Authorization": f"Bearer {credential.token}"}
        way: dict[str, Any] = {
            "ssl": await self._context_for(credential.certificate),
            "server_hostname": self._trust.server_name,
        }
        if self._proxy is not None:
            way |= {"proxy": self._proxy.url, "proxy_headers": self._proxy.headers}
        try:
            return await self._session.request(**options, **way, headers={**headers, **shown}, allow_redirects=False)
        except (aiohttp.ClientError, OSError) as error:
            if self._proxy is None:
                raise
            # Not chained: what aiohttp raises of a proxy knows the credentials that it was shown.
            raise _not_through(self._proxy, error) from None

    async def _context_for(self, certificate: ClientCertificate | None) -> ssl.SSLContext:
        """Returns the context for a certificate; connections made with another one are not used again."""
        if self._context is None or certificate != self._shown:
            self._context = await asyncio.to_thread(self._trust.context, certificate)
            self._shown = certificate
        return self._context


def _not_through(proxy: Proxy, error: Exception) -> TargetFailed:
    match error:
        case aiohttp.ClientHttpProxyError(status=HTTPStatus.PROXY_AUTHENTICATION_REQUIRED):
            what = f"{proxy} wants credentials, or other ones (407): they belong into its URL"
        case aiohttp.ClientHttpProxyError(status=status):
            what = f"{proxy} does not let us through to the API server: status {status}"
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientConnectorDNSError():
            what = f"{proxy} does not answer: {error.strerror or type(error.os_error).__name__}"
        case _:
            what = f"the API server does not answer through {proxy}: {_words(error)}"
    return TargetFailed.because(Reason.API_UNREACHABLE, what)


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, aiohttp.ClientConnectorError) else type(error).__name__
