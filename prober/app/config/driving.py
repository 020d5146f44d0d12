"""From the file's models of page, requests, stream and checks to the values that drive and judge a desktop."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from prober.app.config.models.client import ClientModel, TargetClientModel
from prober.app.config.models.correlation import CorrelationModel
from prober.app.config.models.stream import ChecksModel, ReconnectModel, StreamModel
from prober.domain.checks import CheckPlan, Interruption, ReconnectPlan
from prober.domain.client import CLIENTS, Client, GestureKind, Region, Stimulus
from prober.domain.correlation import Correlation
from prober.domain.target import StreamPlan

_MOVEMENTS = frozenset({GestureKind.CIRCLE, GestureKind.SWEEP})


def clients_of(models: Mapping[str, ClientModel]) -> dict[str, Client]:
    """Returns the presets with the file's own clients beside them, by name."""
    own = {name: _changed(CLIENTS[model.preset], model, name=name) for name, model in models.items()}
    return {**CLIENTS, **own}


def client_of(model: TargetClientModel, *, known: Mapping[str, Client]) -> Client:
    """Returns a target's client.

    Args:
        model: What the target says.
        known: The clients by name; the one that the target begins with is among them.
    """
    preset = known[model.preset]
    return _changed(preset, model, name=model.name or preset.name)


def _changed(preset: Client, model: ClientModel, *, name: str) -> Client:
    said = {key: getattr(model, key) for key in ("recognise", "click", "element", "input", "undo", "stimulus")}
    changes: dict[str, Any] = {key: value for key, value in said.items() if value is not None}
    region = preset.region if model.region is None else Region(model.region)
    return replace(preset, name=name, region=region, **changes)


def only_points(client: Client) -> bool:
    """Tells whether the client's own stimulus moves the pointer and does nothing else."""
    return all(gesture.kind in _MOVEMENTS for gesture in client.stimulus)


def stream_of(model: StreamModel, *, client: Client, may_act: bool) -> StreamPlan:
    """Returns how the stream is observed.

    A client with a stimulus of its own that presses something has it because a moving pointer changes nothing on its
    desktops. Where input is forbidden there is no stimulus for it then: a still picture would be called frozen.

    Args:
        model: What the file says.
        client: The target's client.
        may_act: Whether input is allowed.
    """
    usual = StreamPlan().stimulus if may_act or only_points(client) else Stimulus.NONE
    return StreamPlan(
        window_s=model.window,
        sample_every_s=model.sample_every,
        settle_s=model.settle,
        stimulus=usual if model.stimulus is None else Stimulus(model.stimulus),
    )


def correlation_of(model: CorrelationModel | None) -> Correlation:
    """Returns what joins the platform's logs to runs."""
    return Correlation() if model is None else Correlation(header=model.header, query=model.query)


def checks_of(model: ChecksModel) -> CheckPlan:
    """Returns what else is asked of the stream."""
    width, height = (None, None) if model.resolution is None else map(int, model.resolution.split("x"))
    return CheckPlan(
        audio=model.audio,
        least_width=width,
        least_height=height,
        reconnect=None if model.reconnect is None else _reconnect(model.reconnect),
    )


def _reconnect(model: ReconnectModel) -> ReconnectPlan:
    return ReconnectPlan(by=Interruption(model.by), within_s=model.within, outage_s=model.outage)
