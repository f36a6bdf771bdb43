"""One run of a prompt for its page: what was asked, its verdict at each stage, and the runs that it may stem from."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dashboard.reads import background, costs, data, lab, places, prompt_files

if TYPE_CHECKING:
    from fute_core.atlas.atlas import Atlas
    from fute_core.embedding.requests import EmbedRequest
    from fute_core.jobs import Job, JobItem
    from fute_core.space.verdict import Verdict
    from fute_core.tasks import PromptTemplate, Reasoning

TOKENS = 8
"""Of the model's own words."""
MOST_EARLIER = 20


@dataclass(frozen=True)
class Asked:
    """One prompt of a run.

    place : among the prompts of the job, from 0. template : None where the file that held it is gone.
    """

    job: "Job"
    place: int
    template: "PromptTemplate | None"

    @property
    def item(self) -> "JobItem":
        return self.job.items[self.place]

    @property
    def request(self) -> "EmbedRequest":
        return self.item.request


def prompts(job: "Job") -> list[Asked]:
    """The prompts of a run, in their order."""
    asked = [(n, item.request) for n, item in enumerate(job.items) if item.request.kind == "prompt"]
    return [Asked(job, n, prompt_files.template_of(request)) for n, request in asked]


def earlier(own: Asked) -> list[Asked]:
    """Prompts that were asked before and may be versions of this one, the newest first.

    Those of the same name on the map, and those whose templates have most of their words in common.
    """
    from fute_core.templates.likeness import alike

    found = []
    for job in lab.runs():
        if job.created >= own.job.created or len(found) >= MOST_EARLIER:
            continue
        for other in prompts(job):
            if other.template is None or own.template is None:
                continue
            if other.request.label == own.request.label or alike(other.template.source, own.template.source):
                found.append(other)
    return found[:MOST_EARLIER]


def settings(asked: Asked) -> dict[str, str]:
    """How it was asked, by the words of the form; what is as usual is told as well."""
    request, template = asked.request, asked.template
    model = costs.model_of(request)
    known = {
        "Model": f"{model.name}{f' at {model.base_url}' if model.base_url else ''}",
        "Read as": _read_as(request),
        "Label priors": "kept" if request.options.get("calibrate", True) is False else "removed",
        "Probe texts": "all" if request.probes is None else f"the first {request.probes}",
        "Vector": f"{request.method} on {request.surrogate}",
    }
    if template is not None:
        from fute_core.templates.answer_words import answer_lines

        known |= {
            "Thinks": _thinks(template.reasoning),
            "Asked": "goes on from its last word" if template.completion else "as in a chat, where the model has one",
            "System message": template.system or "",
            "Answers": "; ".join(answer_lines(template).splitlines()),
            "Written for": request.family or template.family or "",
        }
    return known


def _thinks(turn: "Reasoning | None") -> str:
    if turn is None:
        return ""
    return f"first, at most {turn.max_tokens} tokens, then “{turn.then.strip()}”"


def _read_as(request: "EmbedRequest") -> str:
    options = request.options
    if not options.get("text"):
        return f"probabilities of the answers{f' ({api})' if (api := options.get('api')) else ''}"
    samples, longest = options.get("samples") or 1, options.get("max_tokens")
    of = [f"{samples} answers a text"] if samples > 1 else []
    of += [f"at most {longest} tokens"] if longest else []
    return " ".join(["words", *([f"({', '.join(of)})"] if of else [])])


def changes(before: Asked, after: Asked) -> list[dict[str, str]]:
    """The settings that two differ in; templates are shown beside each other instead."""
    one, other = settings(before), settings(after)
    return [
        {"what": what, "before": one.get(what, ""), "after": other.get(what, "")}
        for what in dict.fromkeys((*one, *other))
        if one.get(what, "") != other.get(what, "")
    ]


def verdicts(atlas: "Atlas", found: places.Landed) -> "list[tuple[places.Landed, Verdict | None]]":
    """How far it had come at each stage of the landing, and what was told then."""
    stages = [replace(found, stages=found.stages[: n + 1]) for n in range(len(found.stages))]
    return [(stage, places.verdict(atlas, stage)) for stage in stages]


def hesitant(found: places.Landed, k: int) -> list[int]:
    """Positions among the answers, those without a favourite first; none for scores."""
    from fute_core.analysis.margins import least_sure

    return least_sure(found.answers.proba, k) if found.answers.proba.shape[1] > 1 else []


def surest(found: places.Landed, k: int) -> dict[str, list[int]]:
    """Positions among the answers by label, the surest first; none for scores."""
    from fute_core.analysis.margins import surest as by_label

    labels = found.answers.labels
    return dict(zip(labels, by_label(found.answers.proba, k), strict=True)) if len(labels) > 1 else {}


def outside(found: places.Landed, k: int) -> list[int]:
    """Positions among the answers after which the model would rather say something else than any choice."""
    from fute_core.analysis.margins import most_outside

    return [] if found.answers.outside is None else most_outside(found.answers.outside, k)


def can_speak(asked: Asked) -> bool:
    """Whether the model's own words can be had here: a packaged model that is installed, and nothing over a network."""
    model = costs.model_of(asked.request)
    answers_at_once = asked.template is not None and asked.template.reasoning is None
    return not model.base_url and answers_at_once and costs.packaged().get(model.name) == ""


def own_words(atlas: "Atlas", asked: Asked, probes: list[int]) -> list[str] | None:
    """What the model says after the prompt with these probe texts, whatever the choices are; None while it is asked."""
    model, template = costs.model_of(asked.request), asked.template
    assert template is not None, "see `can_speak`"
    texts = [atlas.probes.texts[p] for p in probes]
    return background.soon(
        "own words", places.source_of(asked.request), *probes, patience=0.5,
        make=lambda: _said(template, model, texts, asked.request),
    )  # fmt: skip


def _said(template: "PromptTemplate", model: costs.Model, texts: list, request: "EmbedRequest") -> list[str]:
    from fute_core.embedding.opening import as_asked
    from fute_core.models.language import read_language_model
    from fute_core.models.precision import precision
    from fute_core.predictors.written_here import WrittenHere

    # Not kept: the server would hold the model's memory for the few who ask this.
    with as_asked(request):
        lm = read_language_model(model.name, precision())
        return WrittenHere(template, lm, chat=model.chat, max_tokens=TOKENS).words(texts)


def pair_of(asked: Asked) -> bool:
    """Whether it reads pairs; single texts where that is not known any more."""
    return asked.template is not None and asked.template.pair


def landed(asked: Asked) -> "tuple[Atlas, places.Landed | None]":
    """The space it lies in, and how far it has come; None before the first place, and for a template that is gone."""
    pair = pair_of(asked)
    return data.atlas(pair), places.landed(pair, asked.item) if asked.template is not None else None
