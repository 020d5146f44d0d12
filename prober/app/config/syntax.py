"""YAML's syntax: from text to nodes, with its errors in plain words.

PyYAML's own messages quote pieces of the text, which may be a secret; only their kind and place are taken over.
"""

import re

import yaml

from prober.app.config.problems import ConfigurationError, Problem

_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")


class Loader(yaml.SafeLoader):
    """PyYAML's safe loader without dates: `2026-11-22` is text, as in YAML 1.2 and in JSON."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own attribute, of this type
        first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def compose(text: str, *, source: str) -> tuple[Loader, yaml.Node]:
    """Returns the text's one document as nodes, with the loader that reads their scalars.

    Raises:
        ConfigurationError: The text is no YAML, or empty.
    """
    outcome = _attempt(text)
    if isinstance(outcome, Problem):
        # Raised here, outside any handler: the library's exception holds the text and must not ride along.
        raise ConfigurationError(source=source, problems=(outcome,))
    return outcome


def _attempt(text: str) -> tuple[Loader, yaml.Node] | Problem:
    try:
        loader = Loader(text)
        node = loader.get_single_node()
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return _whole(line=line, problem="a character that YAML does not allow", mend="remove the control character")
    except yaml.composer.ComposerError as error:
        return _composer_problem(error)
    except yaml.MarkedYAMLError as error:
        return _marked_problem(error)
    except RecursionError:
        return _whole(line=1, problem="too deep a structure", mend="take out nested brackets")
    if node is None:
        return _whole(line=None, problem="the file is empty", mend="write clusters and targets")
    return loader, node


def _composer_problem(error: yaml.composer.ComposerError) -> Problem:
    if error.context == "expected a single document in the stream":
        return _marked(error, problem="a second document begins", mend="keep one document, without ---")
    return _marked(error, problem="an alias or anchor does not fit", mend="put text that begins with * or & in quotes")


def _marked_problem(error: yaml.MarkedYAMLError) -> Problem:
    words = error.problem or ""
    if "'\\t'" in words:
        return _marked(error, problem="a tab stands where YAML wants spaces", mend="indent with spaces")
    problem = f"not YAML: {_QUOTED.sub(_shortened, words) or error.context}"
    return _marked(error, problem=problem, mend="look at indentation, brackets and quotes here and just above")


def _shortened(quoted: re.Match[str]) -> str:
    """Returns what PyYAML quotes only where it is a single character or the name of a token."""
    text = quoted[1] or quoted[2] or ""
    return quoted[0] if len(text) <= 1 or text.startswith("<") else "..."


def _marked(error: yaml.MarkedYAMLError, *, problem: str, mend: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return _whole(line=None, problem=problem, mend=mend)
    return Problem(path="", line=mark.line + 1, column=mark.column + 1, problem=problem, mend=mend)


def _whole(*, line: int | None, problem: str, mend: str) -> Problem:
    return Problem(path="", line=line, problem=problem, mend=mend)
