"""The files of a run's evidence, as they may be kept: written of its report, and masked.

What is written here is masked before it is rendered, as in the log; what others made is masked as the text that it is,
where it is JSON value by value: the digits of a password may stand in the middle of a number.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

import yaml

from prober.adapters.redaction import Redactor
from prober.app.manifest_files import manifest_files
from prober.domain.artefacts import Artefact, of_attempt
from prober.domain.attempts import numbered
from prober.domain.report import RunReport, as_dict

REPORT_NAME = "report.json"
KUBERNETES_NAME = "kubernetes.yaml"

_TEXTS = ("json", "yaml", "xml", "javascript", "ndjson", "jsonl")
"""How a media type beyond `text/` ends that is text all the same."""

_JSON_LINES = ("ndjson", "jsonl")

_KUBERNETES = ("kubernetes", "kubernetes_left")
"""Parts of a report that a person reads as YAML, beside the objects themselves."""


def files_of(report: RunReport, artefacts: Sequence[Artefact], *, redactor: Redactor) -> tuple[Artefact, ...]:
    """Returns all files that are kept of a run, with every known secret masked in those that are text.

    Of the attempts beside the one that decided there is what of that one is: the whole report, of which `report.json`
    has an outline only, and what the cluster showed.
    """
    others = (
        file
        for number, attempt in numbered(report)
        for file in of_attempt(_written(attempt, redactor=redactor), number)
    )
    masked = (_masked(artefact, redactor=redactor) for artefact in artefacts)
    return (*_written(report, redactor=redactor), *others, *masked)


def _written(report: RunReport, *, redactor: Redactor) -> Iterator[Artefact]:
    published = redactor.mapping(as_dict(report))
    content = json.dumps(published, indent=1, ensure_ascii=False) + "\n"
    yield Artefact(name=REPORT_NAME, media_type="application/json", content=content.encode())
    kubernetes = {part: published[part] for part in _KUBERNETES if part in published}
    if kubernetes:
        text = yaml.safe_dump(kubernetes, sort_keys=False, allow_unicode=True, width=120)
        yield Artefact(name=KUBERNETES_NAME, media_type="application/yaml", content=text.encode())
    yield from manifest_files(report, redactor=redactor)


def _masked(artefact: Artefact, *, redactor: Redactor) -> Artefact:
    if not _is_text(artefact.media_type):
        return artefact
    # Whatever is no UTF-8 in it goes through unchanged.
    text = artefact.content.decode(errors="surrogateescape")
    masked = redactor.text(text)
    if masked == text:
        return artefact
    plain = _plain(artefact.media_type)
    if plain.endswith(_JSON_LINES):
        masked = "\n".join(_masked_json(line, redactor=redactor) for line in text.split("\n"))
    elif plain.endswith("json"):
        masked = _masked_json(text, redactor=redactor)
    return replace(artefact, content=masked.encode(errors="surrogateescape"))


def _masked_json(text: str, *, redactor: Redactor) -> str:
    """Returns JSON that is JSON still; what cannot be read as such is masked as a text."""
    try:
        # In ASCII, as an escape may stand for half a character, which no encoding writes.
        return json.dumps(redactor.values(json.loads(text)))
    except (ValueError, RecursionError):
        return redactor.text(text)


def _is_text(media_type: str) -> bool:
    plain = _plain(media_type)
    return plain.startswith("text/") or plain.endswith(_TEXTS)


def _plain(media_type: str) -> str:
    """Returns a media type without its parameters."""
    return media_type.partition(";")[0].strip().lower()
