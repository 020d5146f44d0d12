"""The HTTP side of the desktops: access, page, signalling, the lab's truth.

`/<route>/` is the page, `/<route>/signalling` its WebSocket. `/_lab/truth/<name>` is the lab's
own, not the platform's: it answers the ground truth as JSON and asks for no credentials, because
the server listens on loopback only.
"""

import asyncio
from html import escape
from importlib import resources
from string import Template

from aiohttp import hdrs, web

from prober.lab.accidents.accidents import Accidents
from prober.lab.desktop.access import Credentials, challenge
from prober.lab.desktop.behaviour import Behaviour, Carrier
from prober.lab.desktop.cargo import Codec, Part
from prober.lab.desktop.desktop import Desktop
from prober.lab.desktop.peer import Peer
from prober.lab.desktop.registry import RESERVED_ROUTE, Registry
from prober.lab.desktop.screening import Screening
from prober.lab.desktop.signalling import Negotiation
from prober.lab.desktop.visit import Party, Visit

CLOSE_SECONDS = 1.0
"""How long a page may take to answer a WebSocket close."""

HANGING_CHECK_S = 0.1
"""How often a request that is not answered looks whether anybody still waits for it, in seconds."""

_PAGE = "page.html"
_INSIDE = "inside"
"""The query of a page that another page of ours shows in an iframe."""
_MARKS = ("X-Probe-Run-Id", "traceparent", "probe_run_id")
"""What a platform's access log would have of whoever says whose request it is: headers and parameters."""
_SCRIPTS = ("page.js", "screen.js", "input.js", "witness.js")


def read_files() -> dict[str, str]:
    """The page's files by name; reads the disk."""
    folder = resources.files("prober.lab.desktop") / "static"
    return {name: (folder / name).read_text(encoding="utf-8") for name in (_PAGE, *_SCRIPTS)}


class Ingress:
    """Answers requests for the desktops of a registry."""

    def __init__(
        self,
        registry: Registry,
        *,
        credentials: Credentials,
        codec: Codec,
        files: dict[str, str],
        accidents: Accidents,
    ) -> None:
        self._registry = registry
        self._credentials = credentials
        self._codec = codec
        self._files = files
        self._accidents = accidents
        self._visits: dict[Desktop, set[Visit]] = {}

    def application(self) -> web.Application:
        """The aiohttp application."""
        application = web.Application()
        application.router.add_get(f"/{RESERVED_ROUTE}/truth/{{name}}", self._tell_truth)
        application.router.add_get("/{route}", self._add_slash)
        application.router.add_get("/{route}/{path:.*}", self._serve)
        return application

    async def end_visits(self, desktop: Desktop) -> None:
        """Close all peer connections and WebSockets of a desktop."""
        visits = self._visits.get(desktop, set())
        await asyncio.gather(*(visit.end() for visit in tuple(visits)))

    async def end_all_visits(self) -> None:
        """Close all peer connections and WebSockets."""
        await asyncio.gather(*(self.end_visits(desktop) for desktop in tuple(self._visits)))

    async def _tell_truth(self, request: web.Request) -> web.Response:
        try:
            truth = self._registry.truth(request.match_info["name"])
        except KeyError:
            raise web.HTTPNotFound from None
        return web.json_response(truth.as_dict())

    async def _add_slash(self, request: web.Request) -> web.Response:
        desktop = self._find(request)
        refusal = await self._refuse(request, desktop)
        if refusal is not None:
            return refusal
        raise web.HTTPTemporaryRedirect(f"/{desktop.route}/")

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        desktop = self._find(request)
        for name in _MARKS:
            if value := request.headers.get(name) or request.query.get(name):
                desktop.log.marked(request.match_info["path"], f"{name}={value[:100]}")
        refusal = await self._refuse(request, desktop)
        if refusal is not None:
            return refusal
        match request.match_info["path"]:
            case "":
                return self._page(request, desktop)
            case name if name in _SCRIPTS:
                return _fresh(self._files[name], content_type="text/javascript")
            case "signalling":
                return await self._receive_visit(request, desktop)
        raise web.HTTPNotFound

    def _find(self, request: web.Request) -> Desktop:
        desktop = self._registry.serving(request.match_info["route"])
        if desktop is None:
            raise web.HTTPNotFound
        return desktop

    async def _refuse(self, request: web.Request, desktop: Desktop) -> web.Response | None:
        behaviour = desktop.behaviour
        if behaviour.silent:
            await self._keep_waiting(request, desktop)
        if behaviour.http_status is not None:
            return web.Response(status=behaviour.http_status, text=behaviour.http_text)
        if behaviour.reject_credentials or not self._credentials.admit(request):
            return challenge()
        return None

    async def _keep_waiting(self, request: web.Request, desktop: Desktop) -> None:
        """Lets a request hang until its client is gone, or the desktop."""
        while request.transport is not None and self._registry.serving(desktop.route) is desktop:  # noqa: ASYNC110 - nobody announces either
            await asyncio.sleep(HANGING_CHECK_S)
        raise web.HTTPNotFound

    def _page(self, request: web.Request, desktop: Desktop) -> web.Response:
        if _INSIDE not in request.query:
            desktop.log.page_served()
        page = Template(self._files[_PAGE]).substitute(options=_options(desktop.behaviour))
        return _fresh(page, content_type="text/html")

    async def _receive_visit(self, request: web.Request, desktop: Desktop) -> web.StreamResponse:
        socket = web.WebSocketResponse(timeout=CLOSE_SECONDS)
        if not socket.can_prepare(request):
            raise web.HTTPUpgradeRequired
        visit = Visit(socket=socket, party=self._party(request, desktop, socket))
        visits = self._visits.setdefault(desktop, set())
        visits.add(visit)
        self._accidents.visited(desktop, request)
        try:
            await visit.run(request)
        finally:
            visits.discard(visit)
            if not visits:
                self._visits.pop(desktop, None)
        return socket

    def _party(self, request: web.Request, desktop: Desktop, socket: web.WebSocketResponse) -> Party:
        part = Part.EXTRA if request.query.get("part") == Part.EXTRA else Part.DESKTOP
        if part is Part.DESKTOP and desktop.behaviour.carrier is Carrier.WEBSOCKET:
            return Screening(desktop=desktop, socket=socket)
        return Negotiation(peer=Peer(desktop=desktop, codec=self._codec, part=part), socket=socket)


def _fresh(text: str, *, content_type: str) -> web.Response:
    return web.Response(text=text, content_type=content_type, headers={hdrs.CACHE_CONTROL: "no-store"})


def _options(behaviour: Behaviour) -> str:
    """What the page is told about itself, as attributes of its root."""
    options = {
        "carrier": behaviour.carrier,
        "place": behaviour.place,
        "playback": "automatic" if behaviour.autoplay else "on-click",
        "connections": "2" if behaviour.second_connection else "1",
    }
    return " ".join(f'data-{name}="{escape(value)}"' for name, value in options.items())
