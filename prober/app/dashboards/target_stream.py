"""A target's stream, as WebRTC tells it: connecting, path, network, picture, input."""

from prober.app.dashboards.limits import above, below
from prober.app.dashboards.panels import bars, graph
from prober.app.dashboards.parts import Json, Query, row
from prober.app.dashboards.promql import CELL, growth, latest, mean, of_target, quantile, share
from prober.app.dashboards.shared import frames_per_second, packet_loss, time_frozen
from prober.app.dashboards.tables import table

_PATH = ("target", "transport", "codec", "local_candidate", "remote_candidate", "protocol", "relay_protocol")


def stream_rows() -> list[Json]:
    """Returns the rows."""
    return [*_connecting(), *_network(), *_picture()]


def _connecting() -> list[Json]:
    outcomes = of_target("vdi_probe_webrtc_connections_total", 'outcome=~"success|failure"')
    return row(
        "WebRTC: connecting",
        table(
            "Path of the last run",
            "How the picture came: transport, codec, and the selected pair of candidates (host, srflx, prflx or "
            "relay). Empty is what the browser did not tell.",
            [
                Query(
                    expr=f"max by ({', '.join(_PATH)}) ({of_target('vdi_probe_webrtc_path_info')})",
                    instant=True,
                    shape="table",
                )
            ],
            columns={name: name.replace("_", " ").capitalize() for name in _PATH},
            height=4,
        ),
        bars(
            "Attempts to connect, by outcome",
            "Attempts to connect WebRTC that succeeded, that the target failed, and that we failed ourselves.",
            Query(
                expr=growth(of_target("vdi_probe_webrtc_connections_total"), "outcome", over=CELL), legend="{{outcome}}"
            ),
            width=6,
        ),
        graph(
            "Connections that succeeded",
            "Share of successes among the attempts within the window, our own errors left out.",
            Query(
                expr=share(
                    of_target("vdi_probe_webrtc_connections_total", 'outcome="success"'),
                    outcomes,
                    "target",
                ),
                legend="{{target}}",
            ),
            unit="percentunit",
            limits=below(0.99, 0.95),
            width=6,
            at_most=1,
        ),
        graph(
            "Connecting, mean",
            "Signalling until the other side's session description, ICE from checking to connected, then DTLS: means "
            "over the runs within the window, on top of one another.",
            [
                Query(expr=mean(f"vdi_probe_webrtc_{part}_seconds", "target"), legend=f"{{{{target}}}}: {name}")
                for part, name in (("signalling", "signalling"), ("ice_connect", "ICE"), ("dtls", "DTLS"))
            ],
            unit="s",
            stacked=True,
        ),
    )


def _network() -> list[Json]:
    return row(
        "WebRTC: network",
        _distribution(
            "Round-trip time",
            "vdi_probe_webrtc_round_trip_time_seconds",
            "Of the selected candidate pair; each run gives its mean.",
            limits=above(0.1, 0.25),
        ),
        _distribution(
            "Jitter",
            "vdi_probe_webrtc_jitter_seconds",
            "RTP jitter; each run gives its worst sample.",
            limits=above(0.03, 0.2),
        ),
        packet_loss(width=8),
        graph(
            "Bitrate",
            "Video received under a stimulus, by the last run. Without a limit: it follows what the desktop shows.",
            Query(expr=latest("vdi_probe_webrtc_bitrate_bits_per_second"), legend="{{target}}"),
            unit="bps",
            width=8,
        ),
        _distribution(
            "Jitter buffer",
            "vdi_probe_webrtc_jitter_buffer_delay_seconds",
            "How long a frame waits in the jitter buffer; each run gives its mean.",
            limits=above(0.1, 0.5),
        ),
        _distribution(
            "Input latency",
            "vdi_probe_webrtc_input_latency_seconds",
            "From an input event to changed pixels; each run gives its median. Empty where input is not tried.",
            limits=above(0.15, 0.3),
        ),
    )


def _picture() -> list[Json]:
    return row(
        "WebRTC: picture",
        frames_per_second(width=6),
        time_frozen(width=6),
        graph(
            "Frames dropped",
            "Frames dropped of frames received, by the last run. A browser that is short of processor drops frames "
            "too.",
            Query(expr=latest("vdi_probe_webrtc_frames_dropped_ratio"), legend="{{target}}"),
            unit="percentunit",
            limits=above(0.05, 0.2),
            width=6,
        ),
        graph(
            "Height of the picture",
            "In pixels, by the last run. A height that falls is a server that saves bandwidth.",
            Query(expr=latest("vdi_probe_webrtc_frame_height_pixels"), legend="{{target}}"),
            unit="pixel",
            width=6,
        ),
    )


def _distribution(title: str, metric: str, text: str, *, limits: Json) -> Json:
    return graph(
        title,
        f"{text} Mean and 90th percentile over the runs within the window; the lines are the default limits.",
        [
            Query(expr=mean(metric, "target"), legend="{{target}}: mean"),
            Query(expr=quantile(0.9, of_target(f"{metric}_bucket"), "target"), legend="{{target}}: p90", exemplar=True),
        ],
        unit="s",
        limits=limits,
        width=8,
    )
