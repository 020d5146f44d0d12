"""The lab's synthetic desktops: what a VDISession's URL leads to.

One HTTP server on loopback plays the ingress. Behind each route stands a page with a full-window
video, fed by a real WebRTC peer connection, with HTTP Basic access in front of all of it.
The package knows nothing of Kubernetes, faults by name, or the prober: whoever opens a desktop
says how it behaves, may ask afterwards what really happened, but never the other way round.

Reading order: `host` (the server's life), `ingress` (HTTP), `visit` (one page), `signalling` with `peer` (WebRTC) or
`screening` (a WebSocket instead), `cargo` (what a peer connection carries), `pace`, `track`, `film` and `sound`,
`weather` (the network), `desktop` (a session), `scene` (what it shows), `painter` (how it looks), `truth`.
`behaviour` lists the ways of being broken.
"""

from prober.lab.desktop.access import Credentials
from prober.lab.desktop.behaviour import Behaviour, Input, Media, Picture
from prober.lab.desktop.cargo import Codec
from prober.lab.desktop.desktop import Desktop
from prober.lab.desktop.host import DesktopHost
from prober.lab.desktop.truth import InputTruth, PeerTruth, Truth

__all__ = [
    "Behaviour",
    "Codec",
    "Credentials",
    "Desktop",
    "DesktopHost",
    "Input",
    "InputTruth",
    "Media",
    "PeerTruth",
    "Picture",
    "Truth",
]
