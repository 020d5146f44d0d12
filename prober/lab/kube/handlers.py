"""The verbs of the API: a request becomes an operation on the store, its outcome a document."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from http import HTTPStatus
from typing import Any

from aiohttp import hdrs, web
from multidict import CIMultiDict

from prober.lab.kube.errors import (
    BadRequestError,
    FutureVersionError,
    MethodNotAllowedError,
    UnsupportedMediaTypeError,
)
from prober.lab.kube.history import Event, EventType
from prober.lab.kube.patches import json_patch, merge_patch, strategic_merge_patch
from prober.lab.kube.paths import (
    Target,
    delete_options,
    minimum_version,
    paging_of,
    parse_path,
    selector_of,
    wants_watch,
    watch_request,
    write_options,
)
from prober.lab.kube.resources import Obj, Resource
from prober.lab.kube.store import Store
from prober.lab.kube.tables import View, negotiate, render, render_list
from prober.lab.kube.watches import watch

_Verb = Callable[[web.Request, Target, View], Awaitable[web.StreamResponse]]

_JSON = "application/json"
_JSON_PATCH = "application/json-patch+json"
_MERGE_PATCH = "application/merge-patch+json"
_STRATEGIC_PATCH = "application/strategic-merge-patch+json"


async def read_json(request: web.Request) -> Any:
    """Return the body of a request.

    Raises:
        BadRequestError: it is not JSON.
    """
    try:
        return json.loads(await request.read())
    except ValueError as error:
        raise BadRequestError(f"the body of the request is not JSON: {error}") from error


async def read_object(request: web.Request) -> Obj:
    """Return the body of a request that must be a JSON object.

    Raises:
        BadRequestError: it is something else.
        UnsupportedMediaTypeError: it is declared as something else.
    """
    if request.content_type not in (_JSON, "application/octet-stream"):  # the latter: undeclared
        raise _unsupported_type(_JSON)
    body = await read_json(request)
    if not isinstance(body, dict):
        raise BadRequestError("the body of the request is not a JSON object")
    return body


class Handlers:
    """Serves the objects of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._verbs: Mapping[tuple[str, bool], _Verb] = {
            # by method, by whether the path names an object
            (hdrs.METH_GET, False): self._list,
            (hdrs.METH_GET, True): self._get,
            (hdrs.METH_POST, False): self._create,
            (hdrs.METH_PUT, True): self._replace,
            (hdrs.METH_PATCH, True): self._patch,
            (hdrs.METH_DELETE, True): self._delete,
        }

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request for an object or a collection.

        Raises:
            ApiError: whatever is wrong with it.
        """
        target = parse_path(request.path, catalog=self._store.catalog)
        view = negotiate(request.headers.get(hdrs.ACCEPT, ""), include=request.query.get("includeObject", ""))
        answer = self._verbs.get((request.method, bool(target.name)))
        if answer is None or (request.method == hdrs.METH_DELETE and not target.is_main):
            raise MethodNotAllowedError(
                "the server does not allow this method on the requested resource",
                details=target.resource.details(target.name),
            )
        return await answer(request, target, view)

    async def _get(self, _: web.Request, target: Target, view: View) -> web.Response:
        return self._answer(self._store.get(target.key), target, view)

    def _answer(
        self,
        obj: Obj,
        target: Target,
        view: View,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        warnings: Sequence[str] = (),
    ) -> web.Response:
        body = render(obj, resource=target.resource, view=view, now=self._store.now())
        headers = CIMultiDict((hdrs.WARNING, f"299 - {json.dumps(warning)}") for warning in warnings)
        return web.json_response(body, status=status, headers=headers)

    async def _list(self, request: web.Request, target: Target, view: View) -> web.StreamResponse:
        if wants_watch(request.query):
            return await self._watch(request, target, view)
        self._check_reached(minimum_version(request.query))
        page = self._store.select(
            target.resource,
            namespace=target.namespace,
            selector=selector_of(request.query, resource=target.resource),
            paging=paging_of(request.query),
        )
        return web.json_response(render_list(page, resource=target.resource, view=view, now=self._store.now()))

    def _check_reached(self, wanted: int) -> None:
        present = self._store.history.version
        if wanted > present:
            raise FutureVersionError(
                f"Timeout: Too large resource version: {wanted}, current: {present}",
                details={"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]},
                retry_after_s=1,
            )

    async def _create(self, request: web.Request, target: Target, view: View) -> web.Response:
        warnings: list[str] = []
        obj = self._store.create(
            target.resource,
            body=await read_object(request),
            namespace=target.namespace,
            options=write_options(request.query, warn=warnings.append),
        )
        return self._answer(obj, target, view, status=HTTPStatus.CREATED, warnings=warnings)

    async def _replace(self, request: web.Request, target: Target, view: View) -> web.Response:
        warnings: list[str] = []
        obj = self._store.replace(
            target.key,
            body=await read_object(request),
            part=target.part,
            options=write_options(request.query, warn=warnings.append),
        )
        return self._answer(obj, target, view, warnings=warnings)

    async def _patch(self, request: web.Request, target: Target, view: View) -> web.Response:
        function = _patch_function(request.content_type, resource=target.resource)
        warnings: list[str] = []
        obj = self._store.patch(
            target.key,
            change=partial(function, patch=await read_json(request)),
            part=target.part,
            options=write_options(request.query, warn=warnings.append),
        )
        return self._answer(obj, target, view, warnings=warnings)

    async def _delete(self, request: web.Request, target: Target, view: View) -> web.Response:
        body = await read_object(request) if await request.read() else {}
        options = delete_options(request.query, body=body)
        obj, gone = self._store.delete(target.key, options=options)
        if gone and not target.resource.returns_deleted:
            return web.json_response(_deleted(obj, target=target))
        return self._answer(obj, target, view)

    async def _watch(self, request: web.Request, target: Target, view: View) -> web.StreamResponse:
        wanted = watch_request(request.query, target=target)
        response = web.StreamResponse(headers={hdrs.CONTENT_TYPE: _JSON})
        await response.prepare(request)
        headed = False
        async with aclosing(watch(self._store, request=wanted)) as events:
            async for event in events:
                line = {"type": event.type, "object": self._seen(event, target=target, view=view, headed=headed)}
                await response.write(json.dumps(line).encode() + b"\n")
                headed = True
        await response.write_eof()
        return response

    def _seen(self, event: Event, *, target: Target, view: View, headed: bool) -> Obj:
        """Return a watch event's object in the client's view; bookmarks, like errors, look the same in every view."""
        if event.type in {EventType.BOOKMARK, EventType.ERROR}:
            return event.object
        seen = render(event.object, resource=target.resource, view=view, now=self._store.now())
        if view.shape == "Table" and headed:
            del seen["columnDefinitions"]
        return seen


def _deleted(obj: Obj, *, target: Target) -> Mapping[str, Any]:
    details = target.resource.details(target.name) | {"uid": obj["metadata"]["uid"]}
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": details,
    }


def _patch_function(content_type: str, *, resource: Resource) -> Callable[..., Any]:
    served = {_JSON_PATCH: json_patch, _MERGE_PATCH: merge_patch}
    if not resource.custom:
        served[_STRATEGIC_PATCH] = strategic_merge_patch
    if content_type not in served:
        raise _unsupported_type(*served)
    return served[content_type]


def _unsupported_type(*served: str) -> UnsupportedMediaTypeError:
    return UnsupportedMediaTypeError(
        f"the body of the request was in an unknown format - accepted media types include: {', '.join(served)}"
    )
