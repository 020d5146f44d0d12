"""What is wrong with a configuration file.

    Exception
    └── ConfigurationError    the file cannot be used; carries every Problem

A check that knows nothing of lines gives a `Finding`; the document makes it a `Problem` by adding where the value
stands. Neither repeats a value that may be a secret.
"""

import re
from dataclasses import dataclass

KeyPath = tuple[str | int, ...]
"""The keys and list positions that lead to a value."""

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, by the value's path.

    Attributes:
        path: Which value; it may be absent from the file.
        problem: What is wrong with it, as the rest of a sentence that begins with the path.
        mend: What to do about it, as an instruction.
    """

    path: KeyPath
    problem: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, with its place in the file.

    Attributes:
        path: The value's path as a person writes it, `targets[0].session.template`; empty for the whole file.
        line: The line, counted from 1; `None` where there is none.
        column: The column, counted from 1, where the line alone does not lead to the spot.
        problem: What is wrong.
        mend: What to do about it.
    """

    path: str
    line: int | None
    problem: str
    mend: str
    column: int | None = None

    def describe(self, source: str) -> str:
        """Returns the line that a person reads, in the form that editors jump by."""
        place = ":".join(str(part) for part in (source, self.line, self.column) if part is not None)
        words = ": ".join(filter(None, (place, self.path, self.problem)))
        return f"{words}; {self.mend}"


class ConfigurationError(Exception):
    """The configuration file cannot be used.

    Attributes:
        source: The file's name, as given.
        problems: Everything that is wrong with it, by line.
    """

    def __init__(self, *, source: str, problems: tuple[Problem, ...]) -> None:
        super().__init__(source, problems)
        self.source = source
        self.problems = problems

    def __str__(self) -> str:
        """Returns all problems, one a line."""
        return "\n".join(problem.describe(self.source) for problem in self.problems)


def render(path: KeyPath) -> str:
    """Returns a path as a person writes it: `targets[0].session.annotations["example.com/team"]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f'["{part}"]'
    return text
