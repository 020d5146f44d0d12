"""Loading: from the file's name to settings, or to every problem at once."""

import math
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from prober.app.config import document
from prober.app.config.agreement import check_agreement
from prober.app.config.capacity import check_capacity
from prober.app.config.defaults import lay_under_targets
from prober.app.config.driving import clients_of
from prober.app.config.durations import parse_duration
from prober.app.config.extras import check_extras
from prober.app.config.fitting import check_no_frame, check_shutdown, check_times
from prober.app.config.models.client import ClientModel, TargetClientModel
from prober.app.config.models.file import SHUTDOWN_GRACE_S, FileModel
from prober.app.config.models.target import TargetModel
from prober.app.config.problems import ConfigurationError, Finding, KeyPath, Problem
from prober.app.config.raw import targets_in
from prober.app.config.references import check_references
from prober.app.config.settings import Settings, TargetSetting
from prober.app.config.translate import Surroundings, settings_of, target_of
from prober.app.config.words import findings_of
from prober.domain.client import Client
from prober.domain.target import Target

LARGEST_BYTES = 1024 * 1024
"""A file of a thousand targets has half of it."""

BROWSER_VARIABLE = "PROBER_BROWSER"

_TIMELESS = frozenset({"access", "client", "expect", "keep_children", "network", "session_cap", "url"})
"""Sections of a target without which its times can still be checked."""

_Model = TypeVar("_Model", ClientModel, TargetModel)


def load(path: Path, *, environ: Mapping[str, str]) -> Settings:
    """Reads a configuration file.

    Args:
        path: The file.
        environ: The environment; PROBER_BROWSER and HOME are looked at.

    Raises:
        ConfigurationError: The file cannot be read, or something in it is wrong.
    """
    return parse(_text(path), source=str(path), folder=path.absolute().parent, environ=environ)


def parse(text: str, *, source: str, folder: Path, environ: Mapping[str, str]) -> Settings:
    """Reads a configuration's text.

    Args:
        text: The YAML text.
        source: What messages call it.
        folder: Where relative paths begin, absolute.
        environ: As for `load`.

    Raises:
        ConfigurationError: Something in it is wrong.
    """
    surroundings = Surroundings(
        folder=folder,
        home=Path(environ["HOME"]) if environ.get("HOME") else None,
        browser=environ.get(BROWSER_VARIABLE) or None,
        hostname=socket.gethostname(),
    )
    content = document.read(text, source=source)
    model, findings = _check(content.data, surroundings=surroundings)
    unread = {problem.path for problem in content.problems}
    located = {problem for problem in map(content.locate, findings) if problem.path not in unread}
    found = located | {*content.problems}
    if model is None or found:
        raise ConfigurationError(source=source, problems=_sorted(found))
    return settings_of(model, surroundings=surroundings)


def _sorted(found: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(found, key=lambda problem: (problem.line or 0, problem.path, problem.problem)))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
        raise _unusable(path, problem=problem, mend="check the file's name and its permissions") from error
    if len(content) > LARGEST_BYTES:
        raise _unusable(path, problem="is larger than 1 MiB", mend="take out what is no configuration")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    raise _unusable(path, problem="is not UTF-8", mend="save it as UTF-8", line=line)


def _unusable(path: Path, *, problem: str, mend: str, line: int | None = None) -> ConfigurationError:
    return ConfigurationError(
        source=str(path),
        problems=(Problem(path="", line=line, problem=problem, mend=mend),),
    )


def _check(data: Any, *, surroundings: Surroundings) -> tuple[FileModel | None, list[Finding]]:
    """Returns the model, where the data make one, with everything that is wrong."""
    if not isinstance(data, dict):
        mend = "write `clusters:` and `targets:` at the beginning of lines"
        return None, [Finding(path=(), problem="the file must be a mapping", mend=mend)]
    data = lay_under_targets(data)
    model, findings = _model_of(data)
    findings += [*check_references(data), *check_capacity(data), *check_extras(data)]
    clients = _sound_clients(data)
    sound = _sound_targets(data, findings=findings, clients=clients)
    settings = {path: target_of(target, surroundings=surroundings, clients=clients) for path, target in sound.items()}
    findings += _check_fit(sound, settings=settings, grace_s=_shutdown_grace_s(data))
    return model, findings


def _check_fit(
    sound: Mapping[KeyPath, TargetModel], *, settings: Mapping[KeyPath, TargetSetting], grace_s: float
) -> list[Finding]:
    findings: list[Finding] = []
    targets: list[Target] = []
    for path, model in sound.items():
        setting = settings[path]
        targets.append(setting.target)
        findings += check_times(setting.target, schedule=setting.schedule, path=path)
        findings += check_agreement(setting.target, path=path)
        if "no_frame" in model.expect.model_fields_set:
            findings += check_no_frame(setting.target, path=path)
    return [*findings, *check_shutdown(targets, grace_s=grace_s)]


def _model_of(data: dict[str, Any]) -> tuple[FileModel | None, list[Finding]]:
    try:
        return FileModel.model_validate(data), []
    except ValidationError as error:
        return None, findings_of(error)


def _sound_clients(data: dict[str, Any]) -> dict[str, Client]:
    """Returns the presets with those of the file's own clients that are sound, by name."""
    own = data.get("clients")
    models = {name: _sound(ClientModel, said) for name, said in own.items()} if isinstance(own, dict) else {}
    return clients_of({name: model for name, model in models.items() if model is not None})


def _sound_targets(
    data: dict[str, Any], *, findings: Iterable[Finding], clients: Mapping[str, Client]
) -> dict[KeyPath, TargetModel]:
    """Returns the targets that can be checked, by their paths; faulty sections without times are left out.

    So is the client of a target that names one that is not sound.
    """
    faulty = {finding.path[:3] for finding in findings}
    targets: dict[KeyPath, TargetModel] = {}
    for path, target in targets_in(data):
        left_out = {key for key in _TIMELESS if (*path, key) in faulty}
        model = _sound(TargetModel, {key: value for key, value in target.items() if key not in left_out})
        if model is not None and model.client.preset not in clients:
            model = model.model_copy(update={"client": TargetClientModel()})
        if model is not None:
            targets[path] = model
    return targets


def _sound(kind: type[_Model], data: Any) -> _Model | None:
    try:
        return kind.model_validate(data)
    except ValidationError:
        return None


def _shutdown_grace_s(data: dict[str, Any]) -> float:
    """Returns the grace that the file asks for; one that cannot be read is a finding of its own, and long enough."""
    grace = data.get("shutdown_grace")
    if grace is None:
        return SHUTDOWN_GRACE_S
    try:
        return parse_duration(str(grace))
    except ValueError:
        return math.inf
