"""Prompts by language models for a dataset: what the Grid page lays out, and what asking a missing cell takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboard.reads import costs, data, lab, ranks, work
from dashboard.reads.costs import Model
from dashboard.reads.moments import kept
from fute_core.errors import BadInput, FuteError

if TYPE_CHECKING:
    from fute_core.analysis.grid import Grid
    from fute_core.analysis.ranking import Selection
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item
    from fute_core.embedding.requests import EmbedRequest
    from fute_core.jobs import Job
    from fute_core.tasks import PromptTemplate


@dataclass(frozen=True)
class Asked:
    """What a missing cell would ask."""

    template: "PromptTemplate"
    request: "EmbedRequest"


def datasets(pair: bool) -> list[str]:
    """Names of those that prompts fit, by how many were measured."""
    return _datasets(pair, data.stamp())


@kept(2)
def _datasets(pair: bool, stamp: str) -> list[str]:
    from fute_core.analysis.grid import with_prompts

    return [item.embedding.name for item in with_prompts(data.atlas(pair, stamp).items)]


def grid(pair: bool, dataset: str, models: Sequence[str]) -> "Grid":
    """The prompts that fit a dataset by the models that were asked; models : have a column in any case."""
    return _grid(pair, data.stamp(), dataset, tuple(models))


@kept(16)
def _grid(pair: bool, stamp: str, dataset: str, models: tuple[str, ...]) -> "Grid":
    from fute_core.analysis.grid import make_grid

    atlas = data.atlas(pair, stamp)
    return make_grid(atlas.items, atlas.items[atlas.positions[f"dataset:{dataset}"]], models)


def agreement(atlas: "Atlas", of: "Grid") -> "Selection | None":
    """All cells ranked for the dataset without a label; None while that is computed. Raises BadInput as `choose`."""
    target = atlas.items[atlas.positions[f"dataset:{of.dataset}"]]
    if target.answers is None:
        raise BadInput(f"The answers of {of.dataset!r} on the probe texts are not stored; embed it again.")
    known = [cell.item for cell in of.cells.values() if cell.item.answers is not None]
    known = [item for item in known if len(item.answers) == len(target.answers)]
    return ranks.leaderboard(atlas, target, [ranks.as_landed(item) for item in known])


def asked(of: "Grid", prompt: str, model: str) -> Asked | None:
    """What to ask for a missing cell; None where the prompt's text is not known, or the model is at an endpoint."""
    if _at_endpoint(model):
        return None
    for other in of.models:
        cell = of.cells.get((prompt, other))
        found = _text_of(cell.item, prompt) if cell else None
        if found:
            ref, template = found
            (request,) = lab.requests_of(ref, [template], Model(model), None, cell.item.embedding.family)
            return Asked(template, request)
    return None


def _at_endpoint(model: str) -> bool:
    """Whether a run has asked a model of this name at an address, whose key nobody keeps."""
    known = (costs.model_of(i.request) for job in lab.runs() for i in job.items)
    return any(m.base_url and m.shown == model for m in known)


def _text_of(item: "Item", prompt: str) -> "tuple[str, PromptTemplate] | None":
    """(what names its templates, the template): of a shipped family, else of the job that asked it."""
    from fute_core.embedding.opening import prompt_templates

    own = item.embedding
    places = [(own.family or "", prompt)] if item.facts.get("shipped") else [
        (i.request.ref, i.request.template or "")
        for job in lab.runs() for i in job.items if i.request.label == own.name
    ]  # fmt: skip
    for ref, name in places:
        try:
            return ref, prompt_templates(ref)[name]
        except (FuteError, KeyError):
            continue
    return None


def start(ask: Asked) -> "Job":
    """Start the job of a missing cell. Raises the FuteError that says why it cannot be."""
    if clash := lab.taken([ask.request]):
        raise BadInput(f"Another prompt is called {clash[0]!r}; rename it, or ask this one in the Prompt lab.")
    return work.start([ask.request])


def running() -> set[str]:
    """Names of the prompts that are being asked now."""
    return {
        i.request.label for job in work.known() if job.state in work.WORKING for i in job.items
        if i.request.kind == "prompt"
    }  # fmt: skip
