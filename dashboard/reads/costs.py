"""What asking a prompt's model will cost: calls, tokens and time, before anything is asked."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dashboard.reads import background, work

if TYPE_CHECKING:
    from fute_core.tasks import PromptTemplate

CHARACTERS_A_TOKEN = 4
DEFAULT_PACE = {"smollm2": 25.0}
"""Texts a second on two cores, for a model that has not been measured here yet."""


@dataclass(frozen=True)
class Model:
    """What answers: a packaged name, folder or Hub id; or a name at an endpoint's base URL.

    key : for the endpoint, as typed for this run.
    """

    name: str = "smollm2"
    base_url: str = ""
    chat: bool | None = None
    key: str = field(default="", repr=False)

    @property
    def shown(self) -> str:
        from pathlib import PurePath

        return PurePath(self.name).name or self.name


@dataclass(frozen=True)
class Cost:
    """calls, tokens and seconds; None where it cannot be told.

    measured : seconds come from a run on this machine. counted : tokens are the model's own, and no estimate.
    """

    calls: int
    tokens: int | None
    seconds: float | None
    measured: bool
    counted: bool = True


def cost(template: "PromptTemplate", model: Model, n: int) -> "Cost | None":
    """Calls, tokens and time of n probe texts; None while it is being counted (a second or two, once).

    A model that would have to be unpacked or fetched first is left to its job, and tokens are estimated.
    """
    from fute_core.models.tokenizer import has_tokenizer

    calls, pace, measured = n, *pace_of(model)
    tokens, counted = None, model.base_url != "" or has_tokenizer(model.name)
    if not counted:
        tokens = _about_tokens(template, n)
    elif not model.base_url:
        found = background.soon(
            "cost", template.fingerprint(), model.name, str(model.chat), n, make=lambda: _tokens(template, model, n)
        )
        if found is None:
            return None
        calls, tokens = found["calls"], found["tokens"]
    return Cost(calls, tokens, calls / pace if pace else None, measured, counted)


def pace_of(model: Model) -> tuple[float | None, bool]:
    """(texts a second, whether that was measured here): the latest run with this model, else what is usual."""
    for job in work.known():
        for item in job.items:
            if item.request.kind == "prompt" and item.request.model == model.name and item.measured_texts >= 32:
                return item.measured_texts / max(item.measured_seconds, 1e-6), True
    return (None if model.base_url else DEFAULT_PACE.get(model.name)), False


def _about_tokens(template: "PromptTemplate", n: int) -> int:
    """By the number of characters, to two digits."""
    from fute_core.datasets.probes import load_probes
    from fute_core.templates.draft import example

    guess = sum(len(example(template, text)) for text in load_probes(template.pair, n).texts) / CHARACTERS_A_TOKEN
    return int(float(f"{guess:.2g}"))


def _tokens(template: "PromptTemplate", model: Model, n: int) -> dict[str, int]:
    from fute_core.datasets.probes import load_probes
    from fute_core.predictors.prompted_lm import PromptedLM

    return PromptedLM(template, model.name, chat=model.chat).cost(load_probes(template.pair, n).texts)
