"""What is kept of an object, and what of it is masked or cut."""

import json
from typing import Any

import pytest

from prober.adapters.kubernetes.evidence.manifests import MOST_CHARACTERS, TEXT_LENGTH, manifest_of
from prober.adapters.kubernetes.resources import PODS, SECRETS
from prober.domain.masking import MASK

PLANTED = "hunter2-planted"


def kept(raw: dict[str, Any]) -> dict[str, Any]:
    """Returns what is kept of a Pod, and fails where some of it was cut."""
    manifest, cut = manifest_of(raw, kind=PODS)
    assert not cut
    content: dict[str, Any] = json.loads(manifest.text)
    return content


def env(**variables: str) -> dict[str, Any]:
    """Returns a Pod with these variables."""
    listed = [{"name": name, "value": value} for name, value in variables.items()]
    return {"spec": {"containers": [{"name": "desktop", "env": listed}]}}


def test_what_is_harmless_stays_as_it_is() -> None:
    """Names, references to Secrets, numbers and words are kept, unknown fields too, with kind and version before."""
    raw = {
        "metadata": {"name": "probe-x", "labels": {"app": "desktop"}},
        "spec": {
            "automountServiceAccountToken": False,
            "imagePullSecrets": [{"name": "registry"}],
            "volumes": [
                {"name": "a", "secret": {"secretName": "probe-x-credentials", "defaultMode": 420}},
                {"name": "b", "projected": {"sources": [{"serviceAccountToken": {"expirationSeconds": 3607}}]}},
            ],
            "containers": [
                {
                    "name": "desktop",
                    "args": ["--width", "1280"],
                    "env": [
                        {"name": "VNC_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "x", "key": "password"}}},
                        {"name": "DISPLAY", "value": ":0"},
                    ],
                }
            ],
            "new": {"of": ["a", None, True, 1.5]},
        },
    }
    assert kept(raw) == {"apiVersion": "v1", "kind": "Pod", **raw}


def test_bookkeeping_is_left_out() -> None:
    """Neither who manages which field nor what kubectl applied, which repeats it all, is kept."""
    applied = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps({"data": {"password": PLANTED}})}
    raw = {"metadata": {"name": "x", "managedFields": [{"manager": "kubectl"}], "annotations": {**applied, "a": "b"}}}
    assert kept(raw)["metadata"] == {"name": "x", "annotations": {"a": "b"}}


def test_a_secret_shows_its_keys() -> None:
    """Values of a Secret are masked, whatever they are called; its keys, name and type stay."""
    raw = {"metadata": {"name": "x"}, "type": "Opaque", "data": {"user": PLANTED}, "stringData": {"a": PLANTED}}
    content = json.loads(manifest_of(raw, kind=SECRETS)[0].text)
    assert content == {**raw, "apiVersion": "v1", "kind": "Secret", "data": {"user": MASK}, "stringData": {"a": MASK}}


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(env(VNC_PASSWORD=PLANTED), id="a variable that tells"),
        pytest.param(env(VNC_PW=PLANTED), id="a variable with a short word"),
        pytest.param(env(SIGNING_KEY=PLANTED), id="a key"),
        pytest.param(env(CONFIG=f'{{"turn": {{"credential": "{PLANTED}"}}}}'), id="a variable of JSON"),
        pytest.param(env(DATABASE=f"postgres://probe:{PLANTED}@db/probe"), id="a URL"),
        pytest.param({"spec": {"args": ["--password", PLANTED]}}, id="an option and its value"),
        pytest.param({"spec": {"args": [f"--vnc-password={PLANTED}"]}}, id="an option with its value"),
        pytest.param({"spec": {"command": ["sh", "-c", f"x11vnc --passwd {PLANTED}"]}}, id="a script"),
        pytest.param({"spec": {"accessToken": PLANTED}}, id="a field"),
        pytest.param({"spec": {"secret": PLANTED}}, id="a field that is a reference elsewhere"),
        pytest.param({"spec": {"credentials": {"user": PLANTED, "all": [PLANTED]}}}, id="a field with parts"),
        pytest.param({"metadata": {"annotations": {"example.com/token": PLANTED}}}, id="an annotation"),
        pytest.param({"status": {"url": f"https://probe:{PLANTED}@desktop/"}}, id="a session's URL"),
        pytest.param({"spec": {"httpHeaders": [{"name": "Authorization", "value": PLANTED}]}}, id="a header"),
        pytest.param({"spec": {"cert": f"-----BEGIN PRIVATE KEY-----\n{PLANTED}"}}, id="a private key"),
    ],
)
def test_what_looks_like_a_secret_is_masked(raw: dict[str, Any]) -> None:
    """Nothing of it stays, and that something was there is seen."""
    text = json.dumps(kept(raw))
    assert PLANTED not in text
    assert MASK in text


def test_numbers_are_secrets_too() -> None:
    """A PIN is one although it is no text."""
    assert kept({"spec": {"password": 123456}})["spec"] == {"password": MASK}


def test_a_long_text_is_cut() -> None:
    """Its beginning stays, with how much there was more."""
    manifest, cut = manifest_of({"spec": {"a": "x" * 100_000}}, kind=PODS)
    assert cut
    assert (
        json.loads(manifest.text)["spec"]["a"] == "x" * TEXT_LENGTH + f"... ({100_000 - TEXT_LENGTH} more characters)"
    )


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param({"spec": {f"key-{number}": "x" * 100 for number in range(10_000)}}, id="many keys"),
        pytest.param({"spec": {"a": ["x" * 100] * 10_000}}, id="many items"),
        pytest.param({"spec": {"a": [[]] * 100_000}}, id="many empty items"),
        pytest.param({"spec": {"a": ["x" * 900] * 100}}, id="long texts"),
    ],
)
def test_no_object_is_larger_than_the_limit(raw: dict[str, Any]) -> None:
    """Whatever is in it, its beginning is kept, and it is said that there was more."""
    manifest, cut = manifest_of(raw, kind=PODS)
    assert cut
    assert len(manifest.text) < MOST_CHARACTERS + 2 * TEXT_LENGTH


def test_nesting_has_an_end() -> None:
    """An object that is nested beyond reason is kept down to some depth."""
    raw: dict[str, Any] = {}
    for _ in range(200):
        raw = {"a": raw}
    assert manifest_of(raw, kind=PODS)[1]
