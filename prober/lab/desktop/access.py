"""HTTP Basic access, as the real desktops have it (RFC 7617)."""

import base64
import hmac
from dataclasses import dataclass, field

from aiohttp import hdrs, web


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The one user whom every desktop of a host lets in."""

    username: str
    password: str = field(repr=False)

    def admit(self, request: web.BaseRequest) -> bool:
        """Whether the request carries these credentials, compared in constant time."""
        scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        right = base64.b64encode(f"{self.username}:{self.password}".encode())
        given = token.strip().encode(errors="surrogateescape")
        return hmac.compare_digest(given, right) and scheme.lower() == "basic"


def challenge() -> web.Response:
    """The answer to a request without the right credentials."""
    return web.Response(
        status=401,
        text="401: Unauthorized\n",
        headers={hdrs.WWW_AUTHENTICATE: 'Basic realm="desktop", charset="UTF-8"'},
    )
