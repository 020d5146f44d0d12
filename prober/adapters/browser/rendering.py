"""Plain data as artefacts for people and tools: JSON, and JSON line by line, none larger than an artefact may be."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from prober.adapters.browser.kept import fitting
from prober.domain.artefacts import Artefact
from prober.flow.ports.desktop import ARTEFACT_BYTES

_AROUND_BYTES = 2000
"""What stands around the items, at most."""

_MOST_BYTES = ARTEFACT_BYTES - _AROUND_BYTES


def lines_of(name: str, items: Sequence[Any]) -> Artefact:
    """Returns one line for each item; a line in the middle says how many had to be left out."""
    lines, left_out = fitting(items, most_bytes=_MOST_BYTES)
    if left_out:
        lines.insert(len(lines) // 2, json.dumps({"left_out": left_out}))
    content = "".join(f"{line}\n" for line in lines)
    return Artefact(name=name, media_type="application/jsonl", content=content.encode(errors="replace"))


def list_of(name: str, items: Sequence[Any], *, member: str) -> Artefact:
    """Returns an object with the items, one a line, as that member; `_left_out` says how many had to be left out."""
    return _json(name, _with_items({}, items, member=member))


def har_of(name: str, entries: Sequence[Any]) -> Artefact:
    """Returns entries as a HAR (1.2)."""
    head = {"version": "1.2", "creator": {"name": "vdi-prober", "version": ""}}
    return _json(name, f'{{"log": {_with_items(head, entries, member="entries")}}}')


def document_of(name: str, about: Mapping[str, Any]) -> Artefact:
    """Returns an object that is small by its making."""
    return _json(name, json.dumps(about, ensure_ascii=False, indent=1))


def _with_items(head: Mapping[str, Any], items: Sequence[Any], *, member: str) -> str:
    lines, left_out = fitting(items, most_bytes=_MOST_BYTES)
    # A name of our own begins with an underscore, as HAR has it.
    shown = {**head, "_left_out": left_out} if left_out else head
    members = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in shown.items()]
    inner = ",\n".join(lines)
    return "{" + ", ".join([*members, f"{json.dumps(member)}: [\n{inner}\n]"]) + "}"


def _json(name: str, text: str) -> Artefact:
    return Artefact(name=name, media_type="application/json", content=f"{text}\n".encode(errors="replace"))
