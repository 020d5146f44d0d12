"""What becomes of aiortc's offer before the page gets it: session descriptions (RFC 8866), rewritten line by line."""

import re
from itertools import chain

FOREIGN_CODEC = "MP4V-ES"
"""MPEG-4 part 2 (RFC 6416): a real payload format that no browser decodes."""

_FINGERPRINT = re.compile(r"(a=fingerprint:\S+ )(\S+)")
_BUNDLE = re.compile(r"(?m)^(a=group:BUNDLE)((?: \S+)*)")
_MID = re.compile(r"(?m)^a=mid:(\S+)")
_SSRC = re.compile(r"^a=ssrc:(\d+) ", re.MULTILINE)


def without_bandwidth_estimation(sdp: str) -> str:
    """Offer no REMB feedback.

    aiortc makes a new encoder, with a key frame of 40 ms, whenever the receiver's estimate moves
    by a tenth, which during the first seconds it does again and again. On one machine there is
    nothing to adapt to.
    """
    lines = sdp.splitlines(keepends=True)
    return "".join(line for line in lines if not line.rstrip().endswith(" goog-remb"))


def with_foreign_codec(sdp: str) -> str:
    """Offer no video codec but one that no browser decodes.

    The video leaves the bundle as well: Chromium cannot set an answer that rejects a bundle's first section.
    """
    sections = [_with_foreign_codec(section) for section in _sections(sdp)]
    mids = [_MID.findall(section) for section in sections if section.startswith("m=video")]
    return _BUNDLE.sub(lambda found: _without(found, *chain(*mids)), "".join(sections))


def with_foreign_fingerprint(sdp: str) -> str:
    """Announce other certificates than those that will be shown."""
    return _FINGERPRINT.sub(lambda found: found[1] + _other_digest(found[2]), sdp)


def video_source(sdp: str) -> int | None:
    """Returns the SSRC of the video itself, not of its retransmissions; None where no video is offered."""
    for section in _sections(sdp):
        found = _SSRC.search(section)
        if section.startswith("m=video") and found is not None:
            return int(found[1])
    return None


def _sections(sdp: str) -> list[str]:
    """The session's own lines, then one string for each media description."""
    return re.split(r"(?m)^(?=m=)", sdp)


def _with_foreign_codec(section: str) -> str:
    if not section.startswith("m=video"):
        return section
    first, *lines = section.splitlines(keepends=True)
    media, port, profile, payload, *_ = first.split()
    kept = [line for line in lines if not re.match(r"a=(rtpmap|fmtp|rtcp-fb|ssrc)", line)]
    codec = f"a=rtpmap:{payload} {FOREIGN_CODEC}/90000\r\n"
    return "".join([f"{media} {port} {profile} {payload}\r\n", *kept, codec])


def _without(bundle: re.Match[str], *mids: str) -> str:
    return " ".join([bundle[1], *(mid for mid in bundle[2].split() if mid not in mids)])


def _other_digest(digest: str) -> str:
    """A digest of the same length that differs in every digit."""
    return "".join(digit if digit == ":" else f"{int(digit, 16) ^ 0xF:X}" for digit in digest)
