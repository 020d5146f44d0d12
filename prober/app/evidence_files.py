"""The files of a run's evidence, as they may be kept: written of its report, and masked.

What is written here is masked before it is rendered, as in the log; what others made is masked as the text that it is.
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

_TEXTS = ("json", "yaml", "xml", "javascript", "ndjson")
"""How a media type beyond `text/` ends that is text all the same."""

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
    return replace(artefact, content=redactor.text(text).encode(errors="surrogateescape"))


def _is_text(media_type: str) -> bool:
    plain = media_type.partition(";")[0].strip().lower()
    return plain.startswith("text/") or plain.endswith(_TEXTS)
