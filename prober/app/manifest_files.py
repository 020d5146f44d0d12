"""The objects of a session, as YAML for whoever wants to see them as kubectl would show them."""

import json
from collections.abc import Iterator

import yaml

from prober.adapters.redaction import Redactor
from prober.domain.artefacts import Artefact
from prober.domain.evidence import Evidence
from prober.domain.report import RunReport
from prober.domain.seen import Manifest

MANIFESTS_NAME = "manifests.yaml"
LEFT_NAME = "manifests_left.yaml"

MOST_BYTES = 512 * 1024
"""How large one file may be: the objects of a session are a tenth of it."""

_UNFOLDED = 10_000
"""The width of a line, in characters: texts are not folded, so that they can be searched for."""


def manifest_files(report: RunReport, *, redactor: Redactor) -> Iterator[Artefact]:
    """Yields what was kept of the objects when the run, or an attempt of it, had failed."""
    looks: dict[str, Evidence | None] = {MANIFESTS_NAME: report.kubernetes, LEFT_NAME: report.kubernetes_left}
    for name, look in looks.items():
        if look is not None and look.manifests:
            content = b"".join(_documents(look.manifests, redactor=redactor))
            yield Artefact(name=name, media_type="application/yaml", content=content)


def _documents(manifests: tuple[Manifest, ...], *, redactor: Redactor) -> Iterator[bytes]:
    """Yields a document for each object, until there is no more room."""
    room = MOST_BYTES
    for number, manifest in enumerate(manifests):
        # What looks like a secret was masked where more is known of objects.
        masked = redactor.values(json.loads(manifest.text))
        text = yaml.safe_dump(masked, sort_keys=False, allow_unicode=True, width=_UNFOLDED, explicit_start=True)
        document = text.encode(errors="replace")
        if len(document) > room:
            yield f"# {len(manifests) - number} more objects were left out: there was no room for them\n".encode()
            return
        room -= len(document)
        yield document
