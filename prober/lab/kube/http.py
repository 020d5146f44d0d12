"""The HTTP application: who may ask, what answers, how errors look."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from prober.lab.kube import discovery, logs, openapi
from prober.lab.kube.errors import (
    ApiError,
    BadRequestError,
    InternalError,
    NotFoundError,
    PageNotFoundError,
    UnauthorizedError,
)
from prober.lab.kube.handlers import Handlers, read_object
from prober.lab.kube.store import Store

USER = web.RequestKey("user", str)
"""The name of the user whose token a request carries."""

_BODY_LIMIT = 3 * 1024 * 1024  # bytes, as kube-apiserver's limit
_PUBLIC = frozenset({"/healthz", "/livez", "/readyz", "/version"})  # as system:public-info-viewer
_HTTP_CLIENT_ERROR = 400
_PROTOBUF = "application/vnd.kubernetes.protobuf"

_logger = logging.getLogger(__name__)


def make_app(store: Store, *, tokens: Mapping[str, str], middlewares: Sequence[Middleware] = ()) -> web.Application:
    """Return the application that serves a store.

    Args:
        store: what is served.
        tokens: the name of the user behind each accepted bearer token.
        middlewares: what else a request passes, after its user is known as `request[USER]`; an
            `ApiError` raised there becomes a Status.
    """
    app = web.Application(
        middlewares=[answer_errors, _authentication(tokens), *middlewares],
        client_max_size=_BODY_LIMIT,
    )
    _Documents(store).register(app)
    app.router.add_get(logs.ROUTE, logs.PodLogs(store).answer)
    app.router.add_route(hdrs.METH_ANY, "/{path:.*}", Handlers(store).handle)

    async def end_watches(_: web.Application) -> None:
        store.history.close()

    app.on_shutdown.append(end_watches)
    return app


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever a handler raises into a Status."""
    try:
        return await handler(request)
    except PageNotFoundError as error:
        return web.Response(text=error.text, status=error.code)
    except ApiError as error:
        return _status(error)
    except web.HTTPRequestEntityTooLarge:
        return _status(BadRequestError("the request body is too large"))
    except web.HTTPException as refusal:
        if refusal.status < _HTTP_CLIENT_ERROR:
            raise
        return _status(NotFoundError(discovery.UNKNOWN_PATH))
    except Exception:  # a client must get a Status for our own bugs too, so whatever they raise
        _logger.exception("the lab's Kubernetes API failed: %s %s", request.method, request.path)
        return _status(InternalError("an error on the server prevented the request from succeeding"))


def _authentication(tokens: Mapping[str, str]) -> Middleware:
    @web.middleware
    async def authenticate(request: web.Request, handler: Handler) -> web.StreamResponse:
        scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        user = tokens.get(token.strip()) if scheme.lower() == "bearer" else None
        if user is None and request.path not in _PUBLIC:
            raise UnauthorizedError("Unauthorized")
        request[USER] = user or "system:anonymous"
        return await handler(request)

    return authenticate


def _status(error: ApiError) -> web.Response:
    headers = {}
    if error.retry_after_s is not None:
        headers[hdrs.RETRY_AFTER] = str(error.retry_after_s)
    return web.json_response(error.to_status(), status=error.code, headers=headers)


class _Documents:
    """The paths that lead to no object of the store."""

    def __init__(self, store: Store) -> None:
        self._catalog = store.catalog

    def register(self, app: web.Application) -> None:
        for path in sorted(_PUBLIC - {"/version"}):
            app.router.add_get(path, self._health)
        app.router.add_get("/version", self._version)
        app.router.add_get("/api", self._core)
        app.router.add_get("/apis", self._groups)
        app.router.add_get("/apis/{group}", self._group)
        app.router.add_get("/api/{version}", self._resources)
        app.router.add_get("/apis/{group}/{version}", self._resources)
        app.router.add_get(openapi.ROOT, self._openapi_index)
        app.router.add_get(openapi.ROOT + "/{base:.+}", self._openapi)
        reviews = f"/apis/{discovery.REVIEW_GROUP}/v1/{discovery.REVIEW_PLURAL}"
        app.router.add_post(reviews, self._review)

    async def _health(self, _: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def _version(self, _: web.Request) -> web.Response:
        return web.json_response(discovery.version())

    async def _core(self, request: web.Request) -> web.Response:
        return web.json_response(discovery.core_versions(request.host))

    async def _groups(self, _: web.Request) -> web.Response:
        return web.json_response(discovery.group_list(self._catalog))

    async def _group(self, request: web.Request) -> web.Response:
        name = request.match_info["group"]
        return web.json_response(discovery.group(name, catalog=self._catalog))

    async def _resources(self, request: web.Request) -> web.Response:
        document = discovery.resource_list(
            request.match_info.get("group", ""),
            version_name=request.match_info["version"],
            catalog=self._catalog,
        )
        return web.json_response(document)

    async def _openapi_index(self, _: web.Request) -> web.Response:
        return web.json_response(openapi.index(self._catalog))

    async def _openapi(self, request: web.Request) -> web.Response:
        return web.json_response(openapi.document(request.match_info["base"], catalog=self._catalog))

    async def _review(self, request: web.Request) -> web.Response:
        """Answer that all is allowed: whoever is known may do everything here.

        kubectl sends its question as protobuf, which is not read here; nor does the answer depend on it.
        """
        question: dict[str, Any] = {} if request.content_type == _PROTOBUF else await read_object(request)
        return web.json_response(question | discovery.review(), status=HTTPStatus.CREATED)
