"""What is kept of a real page: all that was expected, nothing that is secret, never too much."""

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from prober.adapters.browser import WarmBrowser, shots, traffic
from prober.adapters.browser.recording import Recording
from prober.domain.artefacts import Artefact
from prober.domain.checks import Interruption
from prober.flow.ports import Desktop, Login, Secret
from prober.flow.ports.desktop import ARTEFACT_BYTES, ARTEFACTS_BYTES
from tests.adapters.browser.seats import seat
from tests.adapters.browser.site import Site, evaluate, eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PASSWORD = "pa55w-marker"
CREDENTIAL = "turn-credential-marker"
TURN_USER = "turn-user-marker"
QUERY = "query-marker"

PAGE = f"""<video id=v width=640 height=360 muted autoplay></video><input id=typed><script>
  const turn = {{ urls: "turn:127.0.0.1:9", username: "{TURN_USER}", credential: "{CREDENTIAL}" }};
  window.lone = new RTCPeerConnection({{ iceServers: [turn] }});
  lone.createDataChannel("words");
  lone.setLocalDescription();
  showDesktop(v).then(({{ receiver, sender }}) => {{
    window.sdp = [sender.localDescription.sdp, receiver.localDescription.sdp, receiver.remoteDescription.sdp];
    console.log("offer", receiver.remoteDescription.sdp);
    console.log(JSON.stringify(sender.localDescription));
    console.log("candidate:1 1 udp 2122 192.168.7.9 54321 typ srflx raddr 10.7.8.9 rport 9 ufrag abcd");
    console.error("the answer was lost", "password={PASSWORD}", "https://u:p@desk.test/path?token={QUERY}#{QUERY}");
    console.log("I typed {PASSWORD} by hand");
    window.ready = true;
  }});
  fetch("/status/404?token={QUERY}", {{ headers: {{ Authorization: "Bearer {QUERY}" }} }});
  fetch("http://127.0.0.1:9/nobody?token={QUERY}").catch(() => 0);
  new WebSocket(location.origin.replace("http", "ws") + "/echo?token={QUERY}");
  document.cookie = "session={QUERY}";
  setTimeout(() => {{ throw new Error("nobody caught {PASSWORD}"); }});
</script>"""

FLOOD = """<script>
  const long = "x".repeat(5000);
  for (let i = 0; i < 3200; i += 1) console.log(i, long);
  window.ready = true;
</script>"""


def mask(text: str) -> str:
    """Knows the password, as the application's redactor does."""
    return text.replace(PASSWORD, "***")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def masking(executable: Path) -> AsyncIterator[WarmBrowser]:
    """A warm browser that knows the password."""
    browser = WarmBrowser(executable=executable, mask=mask)
    yield browser
    await browser.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def page(masking: WarmBrowser, site: Site) -> AsyncIterator[Desktop]:
    """The page, with everything in it done."""
    login = Login(username="probe", password=Secret(PASSWORD))
    async with seat(masking, login=login) as desktop:
        await desktop.open(f"{site.page(PAGE)}?token={QUERY}")
        await eventually(lambda: evaluate(desktop, "window.ready"), bool)
        await evaluate(desktop, f"typed.value = '{PASSWORD}'")
        yield desktop


def contents(artefacts: Sequence[Artefact]) -> dict[str, bytes]:
    """Returns them by name, each looked at for its size and its name."""
    assert all(len(artefact.content) <= ARTEFACT_BYTES for artefact in artefacts)
    assert sum(len(artefact.content) for artefact in artefacts) <= ARTEFACTS_BYTES
    return {artefact.name: artefact.content for artefact in artefacts}


def lines(content: bytes) -> list[dict[str, Any]]:
    """Reads JSON line by line."""
    return [json.loads(line) for line in content.splitlines()]


async def kept(desktop: Desktop) -> dict[str, bytes]:
    """Returns what is kept by now."""
    return contents(await desktop.artefacts())


async def test_what_happened_in_the_page_is_there(page: Desktop, site: Site) -> None:
    """Console, uncaught errors, failed requests, all requests, peer connections, samples."""
    await eventually(page.sample, lambda now: bool(now.frames_decoded))
    found = await eventually(lambda: kept(page), lambda now: b"127.0.0.1:9/nobody" in now["failed_requests.jsonl"])
    console = lines(found["console.jsonl"])
    assert any(entry["kind"] == "error" and "the answer was lost" in entry["text"] for entry in console)
    assert any(entry["kind"] == "uncaught" and "nobody caught ***" in entry["text"] for entry in console)
    failures = {entry["url"]: entry for entry in lines(found["failed_requests.jsonl"])}
    assert failures[f"{site.origin}/status/404"]["status"] == 404
    assert "ERR_" in failures["http://127.0.0.1:9/nobody"]["failure"]
    har = json.loads(found["network.har"])["log"]
    document = har["entries"][0]
    assert har["version"] == "1.2"
    assert document["response"]["status"] == 200
    assert document["response"]["content"]["mimeType"].startswith("text/html")
    assert document["time"] > 0
    assert document["timings"]["wait"] >= 0
    samples = lines(found["stats.jsonl"])
    assert [one["at_s"] for one in samples] == sorted(one["at_s"] for one in samples)
    assert any(report["type"] == "inbound-rtp" for report in samples[-1]["statistics"][0]["reports"])
    assert json.loads(found["browser.json"])["pages"][0]["url"].startswith(site.origin)


async def test_a_peer_connection_s_story_is_told(page: Desktop) -> None:
    """States with their times in order, kinds of candidates, offer and answer with their fingerprints."""

    async def video() -> dict[str, Any]:
        peers = json.loads((await kept(page))["peers.json"])["peers"]
        return next((peer for peer in peers if peer["video"]), {"connection_state": "none"})

    peer = await eventually(video, lambda now: now["connection_state"] == "connected")
    told = [(change["what"], change["state"]) for change in peer["changes"]]
    for change in (("signalling", "have-remote-offer"), ("ice", "checking"), ("connection", "connected")):
        assert change in told
    times = [change["at_s"] for change in peer["changes"]]
    assert times == sorted(times)
    assert 0 < times[0] < times[-1] < 60
    assert {candidate["side"] for candidate in peer["candidates"]} == {"local", "remote"}
    assert {candidate["type"] for candidate in peer["candidates"]} == {"host"}
    offer, answer = peer["descriptions"]
    assert (offer["side"], offer["type"]) == ("remote", "offer")
    assert (answer["side"], answer["type"]) == ("local", "answer")
    for description in (offer, answer):
        assert any(line.startswith("a=fingerprint:sha-256 ") for line in description["lines"])
        assert any(line.startswith("a=rtpmap:") for line in description["lines"])
        assert "a=ice-pwd:***" in description["lines"]


async def test_no_secret_is_in_any_artefact(page: Desktop) -> None:
    """Not what was typed, no credential of TURN or ICE, no address of a candidate, no query string, no cookie."""
    await page.snapshot("login")
    await page.sample()
    found = await eventually(lambda: kept(page), lambda now: b"lost" in now["console.jsonl"])
    everything = b"".join(found.values()).decode(errors="replace")
    sdp = "\r\n".join(await evaluate(page, "window.sdp")).splitlines()
    secrets = {line.partition(":")[2] for line in sdp if line.startswith(("a=ice-ufrag", "a=ice-pwd"))}
    addresses = {line.split()[4] for line in sdp if line.startswith("a=candidate:")}
    assert secrets
    for secret in {*secrets, *addresses, PASSWORD, CREDENTIAL, TURN_USER, QUERY, "192.168.7.9", "10.7.8.9"}:
        assert f":{secret}" not in everything if len(secret) <= 4 else secret not in everything
    assert "candidate:*** udp typ srflx" in everything


async def test_what_a_reload_forgets_is_kept(page: Desktop) -> None:
    """The peer connections of both documents are told, each with its page."""
    await page.interrupt(Interruption.RELOAD, outage_s=0)
    await eventually(lambda: evaluate(page, "window.ready"), bool)
    found = await kept(page)
    assert {peer["page"] for peer in json.loads(found["peers.json"])["peers"]} == {1, 2}
    pages = json.loads(found["browser.json"])["pages"]
    assert pages[0]["began_s"] < pages[1]["began_s"]


async def test_a_page_that_floods_the_console_costs_little(masking: WarmBrowser, site: Site) -> None:
    """The first and the last messages heard are kept, shortened; it is stated how many there were."""
    async with seat(masking) as desktop:
        await desktop.open(site.page(FLOOD))
        about = await eventually(
            lambda: kept(desktop), lambda now: json.loads(now["browser.json"])["console"]["given_up"], within_s=30
        )
        console = lines(about["console.jsonl"])
        assert console[0]["text"].startswith("0 xxx")
        assert all(len(entry.get("text", "")) < 2100 for entry in console)
        told = json.loads(about["browser.json"])["console"]
        assert told["heard"] == 3000
        assert told["left_out"] == 3000 - 400


async def test_a_page_that_polls_for_ever_costs_little(
    masking: WarmBrowser, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After so many requests nobody listens any more, which is stated."""
    monkeypatch.setattr(traffic, "_MOST_HEARD", 5)
    poll = "(async () => { for (let i = 0; i < 9; i += 1) await fetch('/status/404'); window.ready = true; })()"
    async with seat(masking) as desktop:
        await desktop.open(site.page(f"<script>{poll}</script>"))
        await eventually(lambda: evaluate(desktop, "window.ready"), bool)
        found = await kept(desktop)
        assert json.loads(found["browser.json"])["requests"] == {"heard": 5, "left_out": 0, "given_up": True}
        assert len(json.loads(found["network.har"])["log"]["entries"]) == 5


async def test_a_socket_that_is_refused_is_a_failed_request(masking: WarmBrowser, site: Site) -> None:
    """Signalling that never opens is told with its URL and what the browser said."""
    async with seat(masking) as desktop:
        await desktop.open(site.page(f"<script>new WebSocket('ws://127.0.0.1:9/signal?token={QUERY}')</script>"))
        found = await eventually(lambda: kept(desktop), lambda now: bool(now["failed_requests.jsonl"]))
        (failure,) = lines(found["failed_requests.jsonl"])
        assert (failure["url"], failure["resource"]) == ("ws://127.0.0.1:9/signal", "websocket")
        assert "ERR_" in failure["failure"]


async def test_pictures_are_bounded(masking: WarmBrowser, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """One too many and one too large are gaps, each with its cause."""
    monkeypatch.setattr(shots, "MOST_SHOTS", 1)
    async with seat(masking) as desktop:
        await desktop.open(site.page("<p>words"))
        monkeypatch.setattr(desktop._recording._shots, "_most_bytes", 100)  # type: ignore[attr-defined]
        await desktop.snapshot("large")
        monkeypatch.setattr(desktop._recording._shots, "_most_bytes", 10**6)  # type: ignore[attr-defined]
        await desktop.snapshot("login")
        await desktop.snapshot("more")
        found = await kept(desktop)
        assert [name for name in found if name.endswith(".jpeg")] == ["login.jpeg"]
        assert json.loads(found["browser.json"])["gaps"] == [
            "large.jpeg: it is larger than 100 bytes",
            "more.jpeg: more than 1 pictures were asked for",
        ]


async def test_of_too_many_pictures_those_in_the_middle_go() -> None:
    """What does not fit into all artefacts together is stated."""
    recording = Recording()
    recording._shots.taken = dict.fromkeys(("login", "first_frame", "last"), b"x" * 100)
    pictures, left_out = recording._pictures(250)
    assert [picture.name for picture in pictures] == ["login.jpeg", "last.jpeg"]
    assert left_out == ["first_frame.jpeg: there was no room for it"]


async def test_a_page_that_hangs_is_given_up(masking: WarmBrowser, site: Site) -> None:
    """What only the page knows is a gap after two seconds; the rest is there."""
    async with seat(masking) as desktop:
        await desktop.open(site.page("<script>console.log('before')</script>"))
        await desktop.snapshot("login")
        await evaluate(desktop, "void setTimeout(() => { const end = Date.now() + 6000; while (Date.now() < end); })")
        found = await kept(desktop)
        assert b"before" in found["console.jsonl"]
        assert "login.jpeg" in found
        assert json.loads(found["browser.json"])["gaps"] == ["peers.json: page 1 does not answer within 2 s"]
