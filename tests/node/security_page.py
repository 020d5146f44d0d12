"""docs/security.md: what the installed prober may and has, read from a cluster in which it is installed.

`PROBER_SECURITY_PAGE=docs/security.md make test-cluster` writes it; the same tests hold it against what they find.
"""

from pathlib import Path
from typing import Any

import yaml

from tests.node.cluster import NAME, PROBING, SESSIONS, kubectl, prober_pods

HEAD = Path(__file__).with_name("security_head.md")

_KERNEL = ("/proc", "/sys", "/dev/mqueue", "/dev/pts", "/run/secrets/kubernetes.io")
"""Mounts that every container has, but for the account's token, which has a line of its own."""


def as_markdown() -> str:
    """Returns the page."""
    parts = (
        HEAD.read_text().rstrip("\n"),
        "## What the ServiceAccount may",
        "`kubectl auth can-i --list` in the namespace of the sessions, without what every account of a cluster may:",
        _code("\n".join(_may(SESSIONS))),
        "and in the prober's own namespace, where nothing was granted to it:",
        _code("\n".join(_may(PROBING)) or "(nothing)"),
        "## The Pod's security context",
        "The Pod's, then its container's:",
        _code(_contexts(), "yaml"),
        "What the kernel says of the process (`/proc/1/status`):",
        _code(_status()),
        "## What is mounted",
        "Beside the root, which is read-only, and what every container has:",
        _code(_mounts()),
    )
    return "\n\n".join(parts) + "\n"


def _code(text: str, language: str = "") -> str:
    return f"```{language}\n{text.strip()}\n```"


def _may(namespace: str) -> list[str]:
    account = f"system:serviceaccount:{PROBING}:{NAME}"
    groups = ["--as-group=system:serviceaccounts", "--as-group=system:authenticated"]

    def listed(name: str) -> list[str]:
        table = kubectl("auth", "can-i", "--list", f"--as={account}", *groups, "-n", name, "--no-headers")
        return [" ".join(line.split()) for line in table.splitlines()]

    everybody = set(listed("default"))
    return sorted(line for line in listed(namespace) if line not in everybody)


def _contexts() -> str:
    spec: dict[str, Any] = prober_pods()[0]["spec"]
    container = spec["containers"][0]
    return yaml.safe_dump(
        {
            "pod": spec["securityContext"],
            "container": container["securityContext"],
            "automountServiceAccountToken": spec["automountServiceAccountToken"],
            "hostNetwork": spec.get("hostNetwork", False),
            "hostPID": spec.get("hostPID", False),
        },
        sort_keys=False,
    )


def _status() -> str:
    wanted = ("Uid", "Gid", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp")
    said = kubectl("exec", f"deploy/{NAME}", "-n", PROBING, "--", "cat", "/proc/1/status")
    return "\n".join(" ".join(line.split()) for line in said.splitlines() if line.split(":")[0] in wanted)


def _mounts() -> str:
    said = kubectl("exec", f"deploy/{NAME}", "-n", PROBING, "--", "cat", "/proc/1/mounts")
    rows = [line.split()[1:4] for line in said.splitlines()]
    places = sorted(
        f"{place} {kind if kind == 'tmpfs' else 'disk'} {options.split(',')[0]}"
        for place, kind, options in rows
        if place not in {"/", "/dev", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/dev/termination-log"}
        and not place.startswith(_KERNEL)
    )
    token = "/run/secrets/kubernetes.io/serviceaccount the account's token, renewed by the kubelet"
    return "\n".join([*places, token])
