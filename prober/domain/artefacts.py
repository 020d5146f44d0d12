"""What is kept of a run beside its report: pictures, lists, traces, each as the content of one file."""

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """One file of a run's evidence.

    Attributes:
        name: The file's name within the run's folder: lower-case letters, digits, dots, dashes, underscores.
        media_type: What the content is, such as "image/png".
        content: The content.
    """

    name: str
    media_type: str
    content: bytes


def of_attempt(artefacts: Iterable[Artefact], number: int | None) -> tuple[Artefact, ...]:
    """Returns the artefacts under names that say which attempt they are of; `None` is the one that decided the run."""
    if number is None:
        return tuple(artefacts)
    return tuple(replace(artefact, name=f"attempt-{number}.{artefact.name}") for artefact in artefacts)
