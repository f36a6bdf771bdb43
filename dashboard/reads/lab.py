"""Runs of prompts in the Prompt lab: what they ask of a model, and which there have been."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dashboard.reads import data, work
from dashboard.reads.costs import Model
from dashboard.session import device
from fute_core.errors import FuteError

if TYPE_CHECKING:
    from fute_core.embedding.requests import EmbedRequest
    from fute_core.jobs import Job
    from fute_core.tasks import PromptTemplate


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
    options |= dict(model.read)
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
    from fute_core.embedding.fulfil import request_key

    return [r.name for r in device.placed(requests) if r.name in there and request_key(r) != there[r.name]]


def runs() -> list["Job"]:
    """Jobs that embed prompts, newest first."""
    return [job for job in work.known() if asks_prompts(job)]


def asks_prompts(job: "Job") -> bool:
    """Whether it is a run of prompts: one that asks them a dataset's rows belongs to the run that they landed in."""
    return any(i.request.kind == "prompt" and "own_rows" not in i.request.options for i in job.items)


def run_name(job: "Job") -> str:
    names = [i.request.template or i.request.label for i in job.items]
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def is_pair(request: "EmbedRequest") -> bool:
    """Whether its template reads pairs. Raises BadInput where the file is gone."""
    from fute_core.embedding.opening import prompt_templates

    return prompt_templates(request.ref)[request.template].pair
