"""What the Prompt lab shows of its runs: costs before, places while answers come in, ranks and what decides after."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from dashboard.reads import background, data, work
from dashboard.reads.work import WORKING
from dashboard.session.filtering import item_id
from fute_core.errors import FuteError

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas, Item
    from fute_core.atlas.landing import Repeat, Stage
    from fute_core.embedding.requests import EmbedRequest
    from fute_core.jobs import Job, JobItem
    from fute_core.predictors.answers import ProbeAnswers
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


@dataclass(frozen=True)
class Landed:
    """One prompt on its way: stages so far, the answers behind the last, and its item in the atlas once it is there.

    source : says which prompt on which model it is. family : what it is meant to do. complete : no stage is to come.
    """

    name: str
    stages: tuple["Stage", ...]
    answers: "ProbeAnswers"
    calibrate: bool
    item: "Item | None"
    source: str = ""
    family: str | None = None
    complete: bool = False

    @property
    def last(self) -> "Stage":
        return self.stages[-1]


def requests_of(
    path: str, templates: Sequence["PromptTemplate"], model: Model, probes: int | None, family: str | None = None
) -> list["EmbedRequest"]:
    """One request a template of the kept file `path`."""
    from fute_core.embedding.requests import EmbedRequest
    from fute_core.predictors.keys import TYPED

    options: dict[str, Any] = {"base_url": model.base_url} if model.base_url else {}
    if model.key:
        options["api_key_env"] = TYPED
    if model.chat is not None:
        options["chat"] = model.chat
    return [
        EmbedRequest("prompt", path, model=model.name, template=t.name, name=f"{t.name} @ {model.shown}",
                     family=family or t.family, probes=probes, options=options)
        for t in templates
    ]  # fmt: skip


def taken(requests: Sequence["EmbedRequest"]) -> list[str]:
    """Names that other prompts of the map have already: the new ones would push them off it, or not get on it.

    A prompt stored by an earlier method is on no map of today, so its name is free; the two are runs of one prompt.
    """
    there: dict[str, str] = {}
    for pair in (False, True):
        try:
            known = data.atlas(pair).items
        except FuteError:
            continue
        there |= {i.embedding.name: i.embedding.key for i in known if i.embedding.kind == "prompt"}
    from fute_core.embedding.requests import request_key

    return [r.name for r in requests if r.name in there and request_key(r) != there[r.name]]


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


def runs() -> list["Job"]:
    """Jobs that embed prompts, newest first."""
    return [job for job in work.known() if any(i.request.kind == "prompt" for i in job.items)]


def run_name(job: "Job") -> str:
    names = [i.request.template or i.request.label for i in job.items]
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def is_pair(request: "EmbedRequest") -> bool:
    """Whether its template reads pairs. Raises BadInput where the file is gone."""
    from fute_core.embedding.requests import prompt_templates

    return prompt_templates(request.ref)[request.template].pair


def landed(pair: bool, item: "JobItem") -> "Landed | None":
    """How far one prompt of a run has come; None before the first place. Never waits longer than a moment."""
    request = item.request
    stored = data.store()
    answers = _answers(pair, request)
    if answers is None:
        return None
    from fute_core.atlas.landing import stages_of

    atlas = data.atlas(pair)
    wanted = request.probes or len(atlas.probes.texts)
    finished = item.state not in WORKING
    source = source_of(request)
    ends = stages_of(min(len(answers.index), wanted), len(answers.index) if finished else wanted)
    stages = []
    for n in ends:
        stage = background.soon(
            "land", space_key(atlas), source, n, patience=0.3,
            make=lambda n=n: _land(atlas, answers.first(n), request, stored),
        )  # fmt: skip
        if stage is not None:
            stages.append(stage)
    if not stages:
        return None
    # By what it is and not by its name: it may have been renamed since.
    mine = next((i for i in atlas.items if item.key and i.embedding.key == item.key), None)
    # No more answers than the place is made from: what is read off them would be computed anew for every few.
    return Landed(
        mine.embedding.name if mine else request.label, tuple(stages), answers.first(stages[-1].n),
        _calibrates(request), mine, source, request.family, finished and len(stages) == len(ends),
    )  # fmt: skip


def older(atlas: "Atlas", item: "JobItem") -> str:
    """What another method made a finished prompt by, where its vector lies in another space than the atlas; else ""."""
    stored = data.store().get_embedding(item.key) if item.key else None
    if stored is None or item.request.probes is not None:
        return ""
    now = atlas.items[0].embedding.space()
    return ", ".join(f"other {name}" for name, value in stored.space().items() if value != now[name])


def source_of(request: "EmbedRequest") -> str:
    """Which prompt, on which model, with which options: equal where the answers are."""
    options = str(sorted(request.options.items()))
    return " ".join(map(str, (request.ref, request.template, request.model, options)))


def _answers(pair: bool, request: "EmbedRequest") -> "ProbeAnswers | None":
    """Read from the store, where the job puts every chunk of answers; the predictor is made, the model not loaded."""
    from fute_core.atlas.landing import FEWEST_ANSWERS
    from fute_core.predictors.answers import read_answers

    probes = data.atlas(pair).probes.texts[: request.probes]
    predictor = background.soon("predictor", source_of(request), make=lambda: _predictor(request), patience=0.5)
    if predictor is None:
        return None
    found = read_answers(predictor, data.store(), probes)
    return found if len(found.index) >= FEWEST_ANSWERS else None


def _predictor(request: "EmbedRequest"):
    from fute_core.embedding.requests import predictor_of

    predictor = predictor_of(request)[0]
    predictor.score_fingerprint() if hasattr(predictor, "score_fingerprint") else predictor.fingerprint()
    return predictor


def _land(atlas: "Atlas", answers: "ProbeAnswers", request: "EmbedRequest", store) -> "Stage":
    from fute_core.atlas.landing import land
    from fute_core.atlas.same_texts import atlas_basis

    return land(atlas, answers, atlas_basis(atlas, store), calibrate=_calibrates(request))


def _calibrates(request: "EmbedRequest") -> bool:
    return request.options.get("calibrate", True) is not False


def space_key(atlas: "Atlas") -> str:
    """Changes with what is in the space, so that similarities are in the order of its items."""
    from fute_core.digest import digest

    return digest([item_id(i) for i in atlas.items])


def nearest(atlas: "Atlas", found: Landed, kind: str | None, k: int = 6) -> list[tuple["Item", float, float, float]]:
    """(item, similarity, low, high) of the nearest of a kind after the last stage; the prompt itself is left out."""
    stage = found.last
    order = _order(atlas, stage.similarity, kind, found.name)[:k]
    return [(atlas.items[i], float(stage.similarity[i]), float(stage.low[i]), float(stage.high[i])) for i in order]


def nearest_to(atlas: "Atlas", similarity: np.ndarray, kind: str, without: str) -> tuple["Item", float]:
    """The item of a kind with the highest of these similarities (n_items,), and which that is."""
    best = _order(atlas, similarity, kind, without)[0]
    return atlas.items[best], float(similarity[best])


def _order(atlas: "Atlas", similarity: np.ndarray, kind: str | None, without: str) -> list[int]:
    return [
        i for i in np.argsort(-similarity, kind="stable")
        if i < len(atlas.items) and kind in (None, atlas.items[i].embedding.kind)
        and item_id(atlas.items[i]) != f"prompt:{without}"
    ]  # fmt: skip


def repeats(atlas: "Atlas", found: Landed) -> "list[Repeat] | None":
    """`landing.repeats` of its answers so far; None while they are computed."""
    from fute_core.atlas.landing import repeats as repeated
    from fute_core.atlas.same_texts import atlas_basis

    n = found.last.n
    return background.soon(
        "repeats", space_key(atlas), found.source, n, patience=0.1,
        make=lambda: repeated(
            atlas, found.answers.first(n), atlas_basis(atlas, data.store()), calibrate=found.calibrate
        ),
    )  # fmt: skip


def deciding(atlas: "Atlas", found: Landed, k: int = 4) -> tuple["Item | None", list[tuple[str, str, str]]]:
    """The nearest item with answers, and the probe texts that make the prompt like it: (text, here, there)."""
    from types import SimpleNamespace

    full = found.answers.full(len(atlas.probes.texts), found.calibrate)
    own = SimpleNamespace(answers=full, facts={"labels": found.answers.labels})
    for item, *_ in nearest(atlas, found, "dataset", 12) + nearest(atlas, found, None, 12):
        if item.answers is not None and len(item.answers) == len(full):
            return item, data.alike_texts(atlas, own, item, k)
    return None, []
