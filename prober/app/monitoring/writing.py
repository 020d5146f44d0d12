"""YAML that people read: in the order in which it was made, texts of several lines as they stand."""

from collections.abc import Mapping
from typing import Any

import yaml


def dump(body: Mapping[str, Any]) -> str:
    """Returns the YAML of a document."""
    return yaml.dump(body, Dumper=_Dumper, sort_keys=False, width=1000, allow_unicode=True)


class _Dumper(yaml.SafeDumper):
    """The one that knows what to do with texts."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the library's signature
        """Writes what stands in two places twice."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
