"""Whether a session's URL is one that our browser, with its credentials, may open.

The URL comes from the platform's status, so it is input: a wrong one would hand a password to a stranger. Python and
browsers read odd URLs differently (a browser takes a backslash for a slash), so a host with anything odd in it is
refused.
"""

import re
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from prober.domain.errors import TargetFailed
from prober.domain.reasons import Reason
from prober.domain.target import UrlRules

_HIGHEST_PORT = 65535

_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f.]*:[0-9a-f.:]+")
"""A host name in ASCII, or an IPv6 address: what all parsers read alike."""


def checked_url(url: str, rules: UrlRules) -> str:
    """Returns the URL unchanged when the rules allow it.

    Raises:
        TargetFailed: `url_rejected`, with the rule that it breaks; the URL's user information is never repeated.
    """
    problem = _problem(url, rules)
    if problem is not None:
        raise TargetFailed.because(Reason.URL_REJECTED, problem)
    return url


def _problem(url: str, rules: UrlRules) -> str | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "the session's URL is malformed"
    if parts.scheme not in rules.schemes:
        return f"the session's URL has none of the schemes {', '.join(rules.schemes)}"
    if not host or not _HOST.fullmatch(host) or (port is not None and not 0 < port <= _HIGHEST_PORT):
        return "the session's URL has no valid host and port"
    if parts.username is not None or parts.password is not None:
        return "the session's URL carries credentials"
    if rules.hosts and not any(fnmatchcase(host, pattern.lower()) for pattern in rules.hosts):
        return f"the session's URL has host {host!r}, allowed: {', '.join(rules.hosts)}"
    return None
