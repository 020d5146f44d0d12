"""A small client of a Kubernetes API, for what the lab itself asks of it.

    Exception
    └── ApiError          the API server refused, or could not be reached (status 0)
        ├── Forbidden     403: we may not, or a quota or an admission plugin refuses it
        ├── NotFound      404: the object is gone, or never was
        └── Conflict      409: it exists already, or was changed meanwhile

It is no general client: JSON objects go in and come out, merge patches only, no retries.
Credentials come from a kubeconfig; the exception texts carry the API server's message, never a
header.
"""

import asyncio
import json
from collections.abc import Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import aiohttp
import kopf

CALL_LIMIT_S = 10.0
"""How long one call may take, in seconds; the API is on this machine or near it."""

MERGE_PATCH = "application/merge-patch+json"


class ApiError(Exception):
    """The API server refused, or could not be reached."""

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Forbidden(ApiError):  # noqa: N818 - says what happened; the tree is in the module docstring
    """We may not do it, or a quota or an admission plugin refuses it."""


class NotFound(ApiError):  # noqa: N818 - as Forbidden
    """The object is gone, or never was."""


class Conflict(ApiError):  # noqa: N818 - as Forbidden
    """The object exists already, or was changed meanwhile."""


def connection_info(kubeconfig: Mapping[str, Any]) -> kopf.ConnectionInfo:
    """Reads the current context of a kubeconfig.

    Args:
        kubeconfig: The parsed file.

    Raises:
        ValueError: The kubeconfig has no current context, or the context names what is not there.
    """
    try:
        context = _named(kubeconfig, "contexts", "context", kubeconfig["current-context"])
        cluster = _named(kubeconfig, "clusters", "cluster", context["cluster"])
        user = _named(kubeconfig, "users", "user", context["user"])
    except (KeyError, StopIteration) as error:
        raise ValueError("the kubeconfig has no complete current context") from error
    return kopf.ConnectionInfo(
        server=cluster["server"],
        ca_path=cluster.get("certificate-authority"),
        ca_data=cluster.get("certificate-authority-data"),
        insecure=cluster.get("insecure-skip-tls-verify"),
        certificate_path=user.get("client-certificate"),
        certificate_data=user.get("client-certificate-data"),
        private_key_path=user.get("client-key"),
        private_key_data=user.get("client-key-data"),
        token=user.get("token"),
        proxy_url=cluster.get("proxy-url"),
    )


def _named(kubeconfig: Mapping[str, Any], plural: str, singular: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item[singular] for item in kubeconfig[plural] if item["name"] == name)
    return found


class KubeClient:
    """Calls one API server; an async context manager that owns its connections."""

    def __init__(self, connection: kopf.ConnectionInfo) -> None:
        self._connection = connection
        self._http: aiohttp.ClientSession | None = None

    @property
    def server(self) -> str:
        """The API server's address."""
        return self._connection.server

    async def __aenter__(self) -> Self:
        tls = await asyncio.to_thread(self._connection.as_ssl_context)
        self._http = aiohttp.ClientSession(
            headers=self._connection.as_http_headers(),
            connector=aiohttp.TCPConnector(ssl=tls),
            proxy=self._connection.proxy_url,
            timeout=aiohttp.ClientTimeout(total=CALL_LIMIT_S),
        )
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def get(self, path: str) -> dict[str, Any]:
        """Returns one object.

        Raises:
            NotFound: There is no such object.
            ApiError: The API server refused, or could not be reached.
        """
        return await self._call("GET", path)

    async def list(self, path: str, *, labels: str = "") -> list[dict[str, Any]]:
        """Returns the objects of a collection.

        Args:
            path: The collection.
            labels: A label selector; empty for all.

        Raises:
            ApiError: The API server refused, or could not be reached.
        """
        query = {"labelSelector": labels} if labels else {}
        items: list[dict[str, Any]] = (await self._call("GET", path, query=query))["items"]
        return items

    async def create(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Creates an object in a collection.

        Raises:
            Conflict: An object of that name exists.
            ApiError: The API server refused, or could not be reached.
        """
        return await self._call("POST", path, body=body)

    async def ensure(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Creates an object in a collection unless one of its name exists; returns what is there.

        Raises:
            ApiError: The API server refused, or could not be reached.
        """
        try:
            return await self.create(path, body)
        except Conflict:
            return await self.get(f"{path}/{body['metadata']['name']}")

    async def patch(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Merges `body` into an object.

        Raises:
            NotFound: There is no such object.
            Conflict: The body carries a `resourceVersion` that is not the object's any more.
            ApiError: The API server refused, or could not be reached.
        """
        return await self._call("PATCH", path, body=body, content_type=MERGE_PATCH)

    async def discard(self, path: str, *, version: str | None = None) -> None:
        """Deletes an object, if there is one.

        Args:
            path: The object.
            version: Its `resourceVersion`, where nothing may have happened to it since it was read.

        Raises:
            Conflict: Something happened to it since then.
            ApiError: The API server refused, or could not be reached.
        """
        body = None if version is None else {"preconditions": {"resourceVersion": version}}
        try:
            await self._call("DELETE", path, body=body)
        except NotFound:
            return

    async def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        content_type: str = "application/json",
    ) -> dict[str, Any]:
        if self._http is None:
            raise RuntimeError("the client is used outside its context")
        headers = {"Content-Type": content_type} if body is not None else {}
        # The API may be served below a path of its own, as behind a proxy for many clusters.
        url = self._connection.server.rstrip("/") + path
        try:
            async with self._http.request(method, url, params=query, json=body, headers=headers) as response:
                text = await response.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ApiError(f"{method} {path}: {type(error).__name__}") from error
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise _refusal(response.status, text)
        try:
            answer: dict[str, Any] = json.loads(text)
        except ValueError as error:
            raise ApiError(f"{method} {path}: the answer is no JSON", status=response.status) from error
        return answer


def _refusal(status: int, text: str) -> ApiError:
    try:
        message = str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        message = f"{HTTPStatus(status).phrase}, without a Status object"  # as for a path that nobody serves
    match status:
        case HTTPStatus.FORBIDDEN:
            return Forbidden(message, status=status)
        case HTTPStatus.NOT_FOUND:
            return NotFound(message, status=status)
        case HTTPStatus.CONFLICT:
            return Conflict(message, status=status)
        case _:
            return ApiError(message, status=status)
