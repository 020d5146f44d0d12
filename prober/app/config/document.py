"""The configuration file as data, with the place of every value.

Reads the plain part of YAML: mappings with text keys, lists, text, numbers, true and false; anchors and merge keys,
since people share settings between targets by them. What turns out as a surprise elsewhere is refused here: keys
given twice, tags, aliases that contain themselves or multiply beyond measure. Dates stay text. No message repeats a
key or a value: it may be a secret.
"""

from dataclasses import dataclass, field
from typing import Any

import yaml

from prober.app.config.problems import ConfigurationError, Finding, KeyPath, Problem, render
from prober.app.config.syntax import Loader, compose

MOST_NODES = 100_000
"""A file of a thousand targets has fewer; aliases can make more of a few lines than memory holds."""

DEEPEST = 40
"""The configuration's own depth is 7; an overlay may add what a Pod's specification needs."""

_MERGE = "tag:yaml.org,2002:merge"
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("bool", "float", "int", "map", "null", "seq", "str"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands: line and column, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file's content.

    Attributes:
        data: Mappings, lists and plain values, as YAML says them.
        places: The place of each value by its path: of its key in a mapping, of itself in a list.
        problems: What was found on the way; the data go on without it.
    """

    data: Any
    places: dict[KeyPath, Place]
    problems: tuple[Problem, ...]

    def locate(self, finding: Finding) -> Problem:
        """Returns the finding with its place.

        A value that is absent has the place of the nearest one around it. A value that a target has from `defaults`
        is named, with its place, there.
        """
        path = finding.path
        known = self._known(path)
        if path[:1] == ("targets",) and len(path) > len(("targets", 0)):
            shared: KeyPath = ("defaults", *path[2:])
            if self._known(shared) > max(known - 1, 1):
                path, known = shared, self._known(shared)
        place = self.places[path[:known]]
        return Problem(path=render(path), line=place.line, problem=finding.problem, mend=finding.mend)

    def _known(self, path: KeyPath) -> int:
        """Returns how many parts of a path lead to something that the file has."""
        return next(length for length in range(len(path), -1, -1) if path[:length] in self.places)


def read(text: str, *, source: str) -> Document:
    """Reads a YAML text.

    Args:
        text: The file's content.
        source: The file's name, for messages.

    Raises:
        ConfigurationError: The text is no YAML, is empty, or too deep or too much to be a configuration.
    """
    loader, node = compose(text, source=source)
    reader = _Reader(loader=loader, source=source)
    reader.places[()] = _place(node)
    data = reader.value(node, path=())
    return Document(data=data, places=reader.places, problems=tuple(reader.problems))


@dataclass(slots=True, kw_only=True)
class _Reader:
    """One walk over the nodes of a text."""

    loader: Loader
    source: str
    places: dict[KeyPath, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0

    def value(self, node: yaml.Node, *, path: KeyPath) -> Any:
        self.nodes += 1
        if len(path) > DEEPEST or self.nodes > MOST_NODES:
            problem = _problem(node, path=(), problem="too deep or too large", mend="take out nested aliases")
            raise ConfigurationError(source=self.source, problems=(problem,))
        if node.tag not in _PLAIN_TAGS:
            self._refuse(node, path=path, problem="has a tag, which is not supported", mend="put text in quotes")
            return ""
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path=path)
        if isinstance(node, yaml.SequenceNode):
            return [self._item(item, path=(*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path=path)

    def _item(self, node: yaml.Node, *, path: KeyPath) -> Any:
        self.places[path] = _place(node)
        return self.value(node, path=path)

    def _scalar(self, node: yaml.Node, *, path: KeyPath) -> Any:
        try:
            return self.loader.construct_object(node)
        except (ValueError, KeyError, IndexError):  # a tag that the text does not fit, such as !!int on a word
            self._refuse(node, path=path, problem="cannot be read as its tag says", mend="remove the tag")
            return ""

    def _mapping(self, node: yaml.MappingNode, *, path: KeyPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        lines: dict[str, int] = {}
        merged = [value for key, value in node.value if key.tag == _MERGE]
        for key, value in node.value:
            if key.tag == _MERGE:
                continue
            if key.tag != "tag:yaml.org,2002:str":
                self._refuse(key, path=path, problem="has a key that is not text", mend="put the key in quotes")
            elif key.value in data:
                problem = f"has a key twice, first on line {lines[key.value]}"
                self._refuse(key, path=path, problem=problem, mend="remove one of them")
            else:
                lines[key.value] = key.start_mark.line + 1
                self.places[(*path, key.value)] = _place(key)
                data[key.value] = self.value(value, path=(*path, key.value))
        for value in merged:
            self._merge(value, into=data, path=path)
        return data

    def _merge(self, node: yaml.Node, *, into: dict[str, Any], path: KeyPath) -> None:
        """Adds what `<<` brings; what the mapping says itself, or an earlier source, has precedence."""
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for source in sources:
            if not isinstance(source, yaml.MappingNode):
                self._refuse(source, path=path, problem="merges something that is no mapping", mend="merge mappings")
                continue
            # Read by itself first: a value that is overridden must not lend its place.
            aside = _Reader(loader=self.loader, source=self.source, nodes=self.nodes)
            data = aside.value(source, path=path)
            self.nodes = aside.nodes
            fresh = data.keys() - into.keys()
            into.update({key: data[key] for key in data if key in fresh})
            depth = len(path)
            self.places.update({place: at for place, at in aside.places.items() if place[depth] in fresh})

    def _refuse(self, node: yaml.Node, *, path: KeyPath, problem: str, mend: str) -> None:
        self.problems.append(_problem(node, path=path, problem=problem, mend=mend))


def _place(node: yaml.Node) -> Place:
    return Place(line=node.start_mark.line + 1, column=node.start_mark.column + 1)


def _problem(node: yaml.Node, *, path: KeyPath, problem: str, mend: str) -> Problem:
    place = _place(node)
    return Problem(path=render(path), line=place.line, column=place.column, problem=problem, mend=mend)
