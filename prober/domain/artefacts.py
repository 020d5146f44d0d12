"""What is kept of a run beside its report: pictures, lists, traces, each as the content of one file."""

from dataclasses import dataclass


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
