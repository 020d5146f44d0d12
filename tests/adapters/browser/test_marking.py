"""Headers of our own reach the desktop's origin, and nobody else."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio

from prober.adapters.browser import WarmBrowser
from prober.adapters.browser.marking import origin_of
from prober.flow.ports import Desktop, Login, Secret
from tests.adapters.browser.seats import seat
from tests.adapters.browser.site import LOCK, Site, evaluate, eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

NAME = "X-Probe-Run-Id"
MARK = {NAME: "01980000-0000-7000-8000-0000000000ab"}


@pytest_asyncio.fixture(loop_scope="module")
async def marked(browser: WarmBrowser) -> AsyncIterator[Desktop]:
    """An empty page whose requests are marked."""
    async with seat(browser, headers=MARK) as desktop:
        yield desktop


def heard(site: Site) -> Mapping[str, set[str | None]]:
    """Returns the marks that a site heard, by path."""
    marks: dict[str, set[str | None]] = {}
    for request in site.asked:
        marks.setdefault(request.path, set()).add(request.headers.get(NAME))
    return marks


@pytest.fixture(autouse=True)
def nothing_asked(site: Site, stranger: Site) -> None:
    """Forgets what was asked before."""
    site.asked.clear()
    stranger.asked.clear()


async def test_every_request_to_the_own_origin_is_marked(marked: Desktop, site: Site) -> None:
    """The document, its scripts, what it fetches with headers of its own, and what it posts."""
    url = site.page("a desktop")
    assert await marked.open(url) == 200
    await evaluate(marked, "() => fetch('/status/200', {headers: {'X-Theirs': '1'}})")
    await evaluate(marked, "() => fetch('/status/404', {method: 'POST', body: 'x'})")
    marks = heard(site)
    assert set(marks) == {url.removeprefix(site.origin), "/loopback.js", "/canvases.js", "/status/200", "/status/404"}
    assert all(values == {MARK[NAME]} for values in marks.values())
    [theirs] = [request for request in site.asked if request.path == "/status/200"]
    assert theirs.headers["X-Theirs"] == "1"


async def test_strangers_see_no_mark(marked: Desktop, site: Site, stranger: Site) -> None:
    """Neither a script, an image, a frame nor a request to another origin, nor what it is redirected to."""
    inside = stranger.page(f"<img src={site.origin}/grey.svg>")
    away = f"{site.origin}/moved?to={stranger.origin}/status/201"
    await marked.open(
        site.page(f"<script src={stranger.origin}/loopback.js></script><iframe src={inside}></iframe><img src={away}>")
    )
    await evaluate(marked, f"() => fetch('{stranger.origin}/status/200', {{mode: 'no-cors'}})")

    async def look() -> set[str]:
        return {request.path for request in stranger.asked}

    await eventually(look, lambda paths: {"/status/200", "/status/201", "/loopback.js"} <= paths)
    assert {mark for marks in heard(stranger).values() for mark in marks} == {None}
    # What a stranger's frame asks our origin for is not ours either.
    assert heard(site)["/grey.svg"] == {None}
    assert heard(site)["/moved"] == {MARK[NAME]}


async def test_a_login_elsewhere_and_back(marked: Desktop, site: Site, stranger: Site) -> None:
    """Of a redirect through another origin the own hops alone are marked."""
    url = site.page("a desktop")
    back = f"{stranger.origin}/moved?to={url}"
    assert await marked.open(f"{site.origin}/moved?to={back}") == 200
    assert heard(stranger) == {"/moved": {None}}
    assert heard(site)["/moved"] == heard(site)[url.removeprefix(site.origin)] == {MARK[NAME]}


async def test_credentials_are_asked_for_as_ever(browser: WarmBrowser, site: Site) -> None:
    """A Basic challenge is answered beside the mark, which is on the answer to it too."""
    username, password = LOCK
    login = Login(username=username, password=Secret(password))
    async with seat(browser, login=login, headers=MARK) as desktop:
        assert await desktop.open(f"{site.origin}/locked") == 200
    assert [
        request.headers.get("Authorization") is not None for request in site.asked if request.path == "/locked"
    ] == [
        False,
        True,
    ]
    assert heard(site)["/locked"] == {MARK[NAME]}


async def test_sockets_open_as_ever(marked: Desktop, site: Site) -> None:
    """A WebSocket is not held up; browsers offer no way to put a header on it."""
    await marked.open(site.page("a desktop"))
    script = """() => new Promise(resolve => {
        const socket = new WebSocket(`ws://${location.host}/echo`);
        socket.onopen = () => socket.send("hello");
        socket.onmessage = event => resolve(event.data);
    })"""
    assert await evaluate(marked, script) == "hello"
    assert heard(site)["/echo"] == {None}


async def test_a_reload_is_marked_too(marked: Desktop, site: Site) -> None:
    """A page that is loaded anew asks with the mark, its preflights included."""
    await marked.open(site.page("a desktop"))
    site.asked.clear()
    await evaluate(marked, "() => location.reload()")

    async def look() -> int:
        return len(heard(site))

    await eventually(look, lambda paths: paths == 3)
    assert {mark for marks in heard(site).values() for mark in marks} == {MARK[NAME]}


async def test_a_request_that_cannot_be_marked_goes_on_without(browser: WarmBrowser, site: Site) -> None:
    """A name that Chromium refuses keeps no page from loading, and what is kept of the run says so."""
    async with seat(browser, headers={"no name": "1"}) as desktop:
        async with asyncio.timeout(10):
            assert await desktop.open(site.page("a desktop")) == 200
        [about] = [kept for kept in await desktop.artefacts() if kept.name == "browser.json"]
    [gap] = json.loads(about.content)["gaps"]
    assert re.match(r"unmarked requests: [2-9] \(.*header", gap)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        pytest.param("https://Desk.Example.com:443/a?b#c", "https://desk.example.com", id="the usual port"),
        pytest.param("http://desk:8080/", "http://desk:8080", id="another port"),
        pytest.param("http://[::1]:8080/a", "http://[::1]:8080", id="an IPv6 address"),
        pytest.param("https://user@desk/", "https://desk", id="a user"),
    ],
)
async def test_origins_are_written_as_browsers_write_them(url: str, origin: str) -> None:
    """What Chromium compares with is its own spelling."""
    assert origin_of(url) == origin
