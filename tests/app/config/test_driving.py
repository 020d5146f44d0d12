"""How a page is driven and watched, as a person writes it."""

from dataclasses import replace
from pathlib import Path

import pytest

from prober.domain.checks import CheckPlan, Interruption, ReconnectPlan
from prober.domain.client import CLIENTS, Client, Gesture, GestureKind, Stimulus
from prober.domain.target import StreamPlan
from tests.app.config.plain import plain_with


@pytest.mark.parametrize(
    ("written", "stimulus"),
    [
        pytest.param("true", StreamPlan().stimulus, id="true"),
        pytest.param("pointer", Stimulus.POINTER, id="pointer"),
        pytest.param("false", Stimulus.NONE, id="false"),
        pytest.param("none", Stimulus.NONE, id="none"),
        pytest.param("typing", Stimulus.TYPING, id="typing"),
    ],
)
def test_a_stimulus_has_a_name_or_is_on_or_off(tmp_path: Path, written: str, stimulus: Stimulus) -> None:
    """True is the usual way, false does nothing, a name says which."""
    assert plain_with(tmp_path, f"stream: {{stimulus: {written}}}").stream.stimulus is stimulus


@pytest.mark.parametrize(
    ("client", "stimulus"),
    [
        pytest.param("generic", Stimulus.CLIENT, id="pointer alone"),
        pytest.param("{preset: selkies, stimulus: [circle, sweep]}", Stimulus.CLIENT, id="movements alone"),
        pytest.param("selkies", Stimulus.NONE, id="presses"),
    ],
)
def test_without_input_nothing_is_pressed(tmp_path: Path, client: str, stimulus: Stimulus) -> None:
    """Where input is forbidden no client's own way presses anything; what a pointer alone changes is not judged."""
    target = plain_with(tmp_path, f"input: false\n    client: {client}")
    assert target.stream.stimulus is stimulus


@pytest.mark.parametrize(
    ("written", "plan"),
    [
        pytest.param("reload", ReconnectPlan(), id="reload"),
        pytest.param("network", ReconnectPlan(by=Interruption.NETWORK), id="network"),
        pytest.param("true", ReconnectPlan(), id="true"),
        pytest.param("false", None, id="false"),
        pytest.param("{within: 30s}", ReconnectPlan(within_s=30), id="a section"),
    ],
)
def test_reconnecting_is_asked_for_by_a_word_or_a_section(
    tmp_path: Path, written: str, plan: ReconnectPlan | None
) -> None:
    """The way alone is enough, and false takes back what `defaults` ask for."""
    assert plain_with(tmp_path, f"checks: {{reconnect: {written}}}").checks == CheckPlan(reconnect=plan)


def test_one_thing_needs_no_list(tmp_path: Path) -> None:
    """A button, an input, its undoing: where one is enough it stands alone, and `[]` is none."""
    client = plain_with(
        tmp_path, "client: {preset: selkies, click: button, input: click, undo: [], stimulus: {type: x}}"
    ).client
    assert client == replace(
        CLIENTS["selkies"],
        click=("button",),
        input=(Gesture(kind=GestureKind.CLICK),),
        undo=(),
        stimulus=(Gesture(kind=GestureKind.TYPE, text="x"),),
    )


def test_a_target_takes_a_client_of_the_file_by_its_name(tmp_path: Path) -> None:
    """What `clients` has is called as a preset is, and has its name in the report."""
    target = plain_with(tmp_path, "client: ours\nclients:\n  ours: {recognise: h1}")
    assert target.client == Client(name="ours", recognise="h1")
