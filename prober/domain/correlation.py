"""How a platform's own logs are joined to a run: what our requests to a session's URL carry.

A header, or a parameter of the URL's query, with the run's id; nothing unless a target asks for it, since some URLs
are signed and some gateways refuse what they do not know.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_plus
from uuid import UUID

from prober.domain.ids import RunId

TRACEPARENT = "traceparent"
"""The header of W3C Trace Context: its value makes the run's own trace the parent of what the platform traces."""

_SPAN_BITS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """What carries the run's id; nothing by default.

    Attributes:
        header: A header of every request to the URL's origin.
        query: A parameter of the URL, for its first request.
    """

    header: str | None = None
    query: str | None = None

    def headers(self, run_id: RunId) -> dict[str, str]:
        """Returns the headers for requests to the URL's origin."""
        if self.header is None:
            return {}
        return {self.header: traceparent(run_id) if self.header.lower() == TRACEPARENT else run_id}

    def url(self, url: str, run_id: RunId) -> str:
        """Returns the URL to be opened; one that has such a parameter already is left as it is."""
        if self.query is None or self.is_taken_by(url):
            return url
        whole, hash_sign, fragment = url.partition("#")
        # By hand: a library would write the platform's own parameters anew, and theirs may be signed.
        joint = "?" if "?" not in whole else "" if whole.endswith(("?", "&")) else "&"
        return f"{whole}{joint}{self.query}={quote(run_id, safe='')}{hash_sign}{fragment}"

    def is_taken_by(self, url: str) -> bool:
        """Tells whether the URL has a parameter of that name already."""
        _, _, query = url.partition("#")[0].partition("?")
        return self.query in {unquote_plus(part.partition("=")[0]) for part in re.split("[&;]", query)}


def traceparent(run_id: RunId) -> str:
    """Returns the header's value: the trace has the run's own id, its root span the id's random half."""
    number = UUID(run_id).int
    return f"00-{number:032x}-{number % 2**_SPAN_BITS:016x}-01"
