"""Makes docs/reasons.md from the code that holds the reasons, the advice and the rules."""

import ast
import inspect
import sys
from collections.abc import Mapping

from prober.domain import reasons
from prober.domain.advice import ADVICE
from prober.domain.diagnosis import SYMPTOMS
from prober.domain.reasons import Layer, Reason

_HEAD = """\
# Reasons

<!-- Made by `python -m prober.app.reasons_page`; do not edit. -->

Why a run was not a success, by the layer at fault. A reason is a label of `vdi_probe_failures_total` and stands in
every report, log line and failure trace, with one sentence (`summary`), the facts that it rests on (`facts`) and what
else was considered (`considered`). Layer `prober` is our own fault: outcome `error`, never the target's.

A *symptom* is what a user meets. Where the cluster shows its cause (a Pod that no node takes, an image that does not
come, a container that dies), the run names that cause instead, and the symptom stands among its facts.
"""


def page() -> str:
    """Returns the page as Markdown."""
    meanings = _meanings()
    return _HEAD + "".join(_section(layer, meanings) for layer in Layer)


def _section(layer: Layer, meanings: Mapping[str, str]) -> str:
    rows = "".join(_row(reason, meanings) for reason in Reason if reason.layer is layer)
    head = "| Reason | Meaning | What proves it | What to do |\n|---|---|---|---|\n"
    return f"\n## {layer.value}\n\n{meanings[layer.name]}\n\n{head}{rows}"


def _row(reason: Reason, meanings: Mapping[str, str]) -> str:
    advice = ADVICE[reason]
    symptom = " *Symptom.*" if reason in SYMPTOMS else ""
    return f"| `{reason.value}` | {meanings[reason.name]}{symptom} | {advice.proof} | {advice.action} |\n"


def _meanings() -> dict[str, str]:
    """Returns the sentence below each member of both enums, which Python itself does not keep."""
    found = {}
    for node in ast.parse(inspect.getsource(reasons)).body:
        if isinstance(node, ast.ClassDef):
            for member, sentence in zip(node.body, node.body[1:], strict=False):
                match member, sentence:
                    case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=str(text))):
                        found[name] = " ".join(text.split())
    return found


if __name__ == "__main__":
    sys.stdout.write(page())
