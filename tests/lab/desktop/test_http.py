"""What the ingress answers, without a browser."""

import aiohttp
import pytest

from prober.lab.desktop import Behaviour, Credentials, DesktopHost


async def status(http: aiohttp.ClientSession, url: str) -> int:
    """The status of a GET that follows no redirect."""
    async with http.get(url, allow_redirects=False) as response:
        return response.status


@pytest.mark.parametrize(
    "path", ["", "page.js", "signalling", "nothing"], ids=["page", "script", "signalling", "nothing"]
)
async def test_asks_for_credentials_before_anything_else(host: DesktopHost, path: str) -> None:
    """Nothing under a route is told to strangers, not even what exists."""
    host.open("session-1", "ann")
    async with (
        aiohttp.ClientSession() as stranger,
        stranger.get(host.url_of("ann") + path) as response,
    ):
        assert response.status == 401
        assert response.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "header",
    [
        aiohttp.encode_basic_auth("probe", "wrong"),
        aiohttp.encode_basic_auth("wrong", "correct horse"),
        "Basic",
        "Basic %%%",
        "Bearer correct horse",
        "Basic \udcff",
    ],
    ids=["password", "user", "empty", "not base64", "other scheme", "not ASCII"],
)
async def test_refuses_wrong_credentials(host: DesktopHost, header: str) -> None:
    """A wrong or malformed header is answered 401, never 500."""
    host.open("session-1", "ann")
    async with (
        aiohttp.ClientSession() as stranger,
        stranger.get(host.url_of("ann"), headers={"Authorization": header}) as response,
    ):
        assert response.status == 401


def test_credentials_do_not_show_the_password(credentials: Credentials) -> None:
    """A password in a log line or a traceback's locals would be a leak."""
    assert credentials.password not in repr(credentials)


async def test_serves_the_page_and_its_script(host: DesktopHost, http: aiohttp.ClientSession) -> None:
    """With credentials the page and its script load, nothing else exists."""
    host.open("session-1", "ann")
    async with http.get(host.url_of("ann")) as response:
        assert response.status == 200
        assert "<video" in await response.text()
    async with http.get(host.url_of("ann") + "page.js") as response:
        assert response.content_type == "text/javascript"
    assert await status(http, host.url_of("ann") + "../page.js") == 404
    assert await status(http, host.url_of("ann") + "nothing") == 404
    assert host.truth("session-1").page_served is not None


async def test_adds_the_missing_slash(host: DesktopHost, http: aiohttp.ClientSession) -> None:
    """Relative addresses in the page need the slash."""
    host.open("session-1", "ann")
    assert await status(http, host.url_of("ann").removesuffix("/")) == 307


async def test_signalling_is_only_for_websockets(host: DesktopHost, http: aiohttp.ClientSession) -> None:
    """A plain GET of the signalling opens no peer connection."""
    host.open("session-1", "ann")
    assert await status(http, host.url_of("ann") + "signalling") == 426
    assert host.truth("session-1").peers == ()


async def test_a_closed_route_is_gone(host: DesktopHost, http: aiohttp.ClientSession) -> None:
    """After closing, the URL serves nobody; closing again is harmless; the truth stays."""
    host.open("session-1", "ann")
    await host.close("session-1")
    await host.close("session-1")
    assert await status(http, host.url_of("ann")) == 404
    assert host.truth("session-1").closed is not None


async def test_routes_of_others_are_unknown(host: DesktopHost, http: aiohttp.ClientSession) -> None:
    """A route that nobody opened is 404, for strangers too."""
    assert await status(http, host.url_of("bob")) == 404


async def test_the_last_opened_session_owns_the_route(host: DesktopHost, http: aiohttp.ClientSession) -> None:
    """Two sessions of one user collide; the older one has the route back afterwards."""
    host.open("older", "ann")
    host.open("newer", "ann")
    await status(http, host.url_of("ann"))
    assert len(host.truth("newer").pages_served) == 1
    await host.close("newer")
    await status(http, host.url_of("ann"))
    assert len(host.truth("older").pages_served) == 1
    assert len(host.truth("newer").pages_served) == 1


async def test_closing_the_older_session_leaves_the_route_to_the_newer(
    host: DesktopHost, http: aiohttp.ClientSession
) -> None:
    """The end of one session never takes away another's route."""
    host.open("older", "ann")
    host.open("newer", "ann")
    await host.close("older")
    assert await status(http, host.url_of("ann")) == 200


async def test_a_session_is_opened_once(host: DesktopHost) -> None:
    """Opening an open session again is a mistake of the caller."""
    host.open("session-1", "ann")
    with pytest.raises(ValueError, match="open already"):
        host.open("session-1", "bob")


async def test_two_sessions_may_have_one_name(host: DesktopHost, http: aiohttp.ClientSession) -> None:
    """A name is for asking for the truth: an open session's before a closed one's, else the one that closed last."""
    host.open("uid-1", "ann", name="s1")
    host.open("uid-2", "bob", name="s1")
    assert host.truth("s1").route == "bob"
    await host.close("uid-2")
    assert host.truth("s1").route == "ann"
    assert (host.serves("uid-1"), host.serves("uid-2")) == (True, False)
    assert await status(http, host.url_of("ann")) == 200
    await host.close("uid-1")
    assert host.truth("s1").route == "ann"


@pytest.mark.parametrize("route", ["", "a/b", "_lab"], ids=["empty", "nested", "reserved"])
async def test_some_routes_cannot_be_served(host: DesktopHost, route: str) -> None:
    """A route is one path segment, and not the lab's own."""
    with pytest.raises(ValueError, match="no desktop can be served"):
        host.open("session-1", route)


async def test_http_status_is_for_everything(host: DesktopHost, http: aiohttp.ClientSession) -> None:
    """A broken ingress answers before anyone asks who is there."""
    host.open("session-1", "ann", Behaviour(http_status=503))
    assert await status(http, host.url_of("ann")) == 503
    assert await status(http, host.url_of("ann") + "signalling") == 503
    async with aiohttp.ClientSession() as stranger:
        assert await status(stranger, host.url_of("ann")) == 503


async def test_rejects_the_right_credentials(host: DesktopHost, http: aiohttp.ClientSession) -> None:
    """Nobody gets in."""
    host.open("session-1", "ann", Behaviour(reject_credentials=True))
    assert await status(http, host.url_of("ann")) == 401


async def test_a_route_can_survive_its_session(host: DesktopHost, http: aiohttp.ClientSession) -> None:
    """A route left behind serves on, until a new session takes it over for good."""
    host.open("session-1", "ann", Behaviour(route_survives=True))
    await host.close("session-1")
    assert await status(http, host.url_of("ann")) == 200
    host.open("session-2", "ann")
    await host.close("session-2")
    assert await status(http, host.url_of("ann")) == 404


async def test_tells_the_truth_to_anybody(host: DesktopHost) -> None:
    """The lab's own address answers JSON without credentials, before and after the end."""
    host.open("session-1", "ann")
    url = host.url_of("_lab") + "truth/"
    async with aiohttp.ClientSession() as anybody:
        async with anybody.get(url + "session-1") as response:
            assert (await response.json())["closed"] is None
        await host.close("session-1")
        async with anybody.get(url + "session-1") as response:
            truth = await response.json()
        assert truth["session"] == "session-1"
        assert truth["closed"] > truth["opened"]
        async with anybody.get(url + "nobody") as response:
            assert response.status == 404


async def test_needs_a_running_server(credentials: Credentials) -> None:
    """Outside its context a host opens nothing."""
    with pytest.raises(RuntimeError, match="not running"):
        DesktopHost(credentials=credentials).open("session-1", "ann")
