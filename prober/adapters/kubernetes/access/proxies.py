"""Which proxy lies between us and an API server.

The rules are those of Kubernetes' own clients (golang.org/x/net/http/httpproxy): a kubeconfig's `proxy-url` wins over
the environment, loopback is never asked for through the environment's proxy, and NO_PROXY knows domains, addresses
and, unlike Python's own rules, ranges of addresses: usually it is one that exempts the cluster's services.
"""

import ipaddress
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from prober.adapters.kubernetes.access.faults import unusable

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """An HTTP proxy, which tunnels TLS by CONNECT.

    Attributes:
        host: Its host and port, without credentials.
        source: Where it is named, for faults.
        headers: What it wants to see of us.
    """

    host: str
    source: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def url(self) -> str:
        """Its address, without credentials."""
        return f"http://{self.host}"

    def __str__(self) -> str:
        return f"the proxy {self.host} ({self.source})"


def parse_proxy(url: str, *, source: str) -> Proxy:
    """Reads a proxy's address; one without a scheme is HTTP's.

    Raises:
        ProberFailed: `internal`, when it is none, or one of another kind.
    """
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        parts, host, port = urlsplit(""), None, 0
    if parts.scheme != "http" or not host:
        raise unusable(f"the proxy of {source} cannot be used: give it as http://HOST:PORT, other kinds are not spoken")
    return Proxy(host=_joined(host, port), source=source, headers=_authorization(parts))


def environment_proxy(server: str, *, environ: Mapping[str, str]) -> Proxy | None:
    """Returns the proxy that the environment wants for an address.

    Args:
        server: The API server's address.
        environ: HTTPS_PROXY, HTTP_PROXY and NO_PROXY count, in small letters too.

    Raises:
        ProberFailed: `internal`, when it cannot be used.
    """
    parts = urlsplit(server)
    name = f"{parts.scheme}_proxy"
    for source in (name.upper(), name):
        if environ.get(source):
            break
    else:
        return None
    exempt = environ.get("NO_PROXY") or environ.get("no_proxy") or ""
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    if _is_loopback(host) or any(_covers(rule.strip().lower(), host, port) for rule in exempt.split(",")):
        return None
    return parse_proxy(environ[source], source=source)


def _covers(rule: str, host: str, port: int) -> bool:
    """Tells whether a rule of NO_PROXY exempts a host."""
    if rule == "*":
        return True
    address, network = _address(host), _network(rule)
    if network is not None:
        return address is not None and address in network
    name, _, wanted_port = rule.rpartition(":") if rule.rpartition(":")[2].isdecimal() else (rule, "", "")
    if not name or (wanted_port and int(wanted_port) != port):
        return False
    if address is not None:
        return _address(name.strip("[]")) == address
    name = name.removeprefix("*")
    return host.endswith(name) if name.startswith(".") else host == name or host.endswith(f".{name}")


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _network(rule: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(rule, strict=False)
    except ValueError:
        return None


def _authorization(parts: SplitResult) -> Mapping[str, str]:
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
