"""What is kept of a page as one file for Playwright's trace viewer: what was done, console, requests, pictures.

    trace.trace      what was done and said, one event a line
    trace.network    the requests, one a line
    resources/NAME   pictures for the film at the top

It is made of what is kept anyway, and scrubbed as that is. The driver's own recorder is not used (measured with
Playwright 1.65): with snapshots it costs the page an eighth more CPU and the driver three quarters, and writes headers,
bodies and the document with what was typed to the disk before anybody can scrub them; without snapshots it has no
requests and no pictures, and still writes the console as it is.

The format is that of version 8 of Playwright's traces, which later viewers read too.
"""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from prober import __version__
from prober.adapters.browser.doings import Doing
from prober.adapters.browser.kept import fitting

TRACE_NAME = "trace.zip"

_VERSION = 8
_PAGE = "page@1"
_SIZE = {"width": 1280, "height": 720}
_BEGIN_MS = 1000.0
"""Where the recording begins on the trace's own clock, in milliseconds: at 0 a viewer takes it for unknown."""

_LINES_BYTES = 256 * 1024
"""How much of each kind of line is kept, before it is packed."""

MOST_PICTURE_BYTES = 640 * 1024
"""How much all pictures take: with packed lines the whole stays below what one artefact may have."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_ERRORS = frozenset({"uncaught", "crash"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A picture of the film: when it was taken, in seconds of the recording, its file's name, its content."""

    at_s: float
    name: str
    content: bytes


def trace_of(
    *,
    began_at: datetime,
    doings: Sequence[Doing],
    console: Sequence[Mapping[str, Any]],
    requests: Sequence[Mapping[str, Any]],
    frames: Sequence[Frame],
) -> bytes:
    """Returns the file.

    Args:
        began_at: When the recording began.
        doings: What was done.
        console: Messages as `console.jsonl` has them.
        requests: Requests as `network.har` has them.
        frames: Pictures in the order of their worth; those for which there is no room are left out.
    """
    shown = _fitting_frames(frames)
    events = [_head(began_at), {"type": "event", "class": "BrowserContext", "method": "page", **_page_opened()}]
    events += [event for number, doing in enumerate(doings, start=1) for event in _done(doing, number=number)]
    events += [_picture(frame) for frame in sorted(shown, key=lambda frame: frame.at_s)]
    said, _ = fitting([_message(entry) for entry in console], most_bytes=_LINES_BYTES)
    asked, _ = fitting([_request(entry) for entry in requests], most_bytes=_LINES_BYTES)
    lines = [*(json.dumps(event, ensure_ascii=False) for event in events), *said]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("trace.trace", lines), ("trace.network", asked)):
            text = "".join(f"{line}\n" for line in content).encode(errors="replace")
            archive.writestr(_member(name, zipfile.ZIP_DEFLATED), text)
        for frame in shown:
            archive.writestr(_member(f"resources/{frame.name}", zipfile.ZIP_STORED), frame.content)
    return packed.getvalue()


def _fitting_frames(frames: Sequence[Frame]) -> list[Frame]:
    shown: list[Frame] = []
    room = MOST_PICTURE_BYTES
    for frame in frames:
        if len(frame.content) <= room:
            room -= len(frame.content)
            shown.append(frame)
    return shown


def _member(name: str, how: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = how
    return info


def _ms(at_s: float) -> float:
    return round(_BEGIN_MS + 1000 * at_s, 3)


def _head(began_at: datetime) -> dict[str, Any]:
    return {
        "type": "context-options",
        "version": _VERSION,
        "origin": "library",
        "browserName": "chromium",
        "playwrightVersion": "",
        "platform": "",
        "title": f"vdi-prober {__version__}",
        "wallTime": round(began_at.timestamp() * 1000),
        "monotonicTime": _BEGIN_MS,
        "sdkLanguage": "python",
        "options": {"viewport": _SIZE},
    }


def _page_opened() -> dict[str, Any]:
    return {"time": _BEGIN_MS, "params": {"pageId": _PAGE}, "pageId": _PAGE}


def _done(doing: Doing, *, number: int) -> Iterator[dict[str, Any]]:
    call = f"call@{number}"
    what = {"class": "Page", "method": "step", "title": doing.title, "params": {}, "pageId": _PAGE}
    yield {"type": "before", "callId": call, "stepId": call, "startTime": _ms(doing.at_s), **what}
    met = {} if doing.error is None else {"error": {"name": "", "message": doing.error}}
    yield {"type": "after", "callId": call, "endTime": _ms(doing.ended_s), **met}


def _picture(frame: Frame) -> dict[str, Any]:
    return {"type": "screencast-frame", "pageId": _PAGE, "sha1": frame.name, "timestamp": _ms(frame.at_s), **_SIZE}


def _message(entry: Mapping[str, Any]) -> dict[str, Any]:
    kind = "error" if entry["kind"] in _ERRORS else entry["kind"]
    place = {"url": entry.get("url", ""), "lineNumber": entry.get("line") or 0, "columnNumber": 0}
    said = {"messageType": kind, "text": entry["text"], "args": [], "location": place}
    return {"type": "console", "time": _ms(entry["at_s"]), "pageId": _PAGE, **said}


def _request(entry: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in entry.items() if not name.startswith("_")}
    response = dict(entry["response"])
    if "_failure" in entry:
        response["_failureText"] = entry["_failure"]
    marks = {"pageref": _PAGE, "_monotonicTime": _ms(entry["_at_s"]), "_resourceType": entry["_resourceType"]}
    return {"type": "resource-snapshot", "snapshot": {**kept, "response": response, **marks}}
