"""Prompts on labelled rows of a dataset: what they said on them, what asking takes, and who is right most often."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from dashboard.reads import background, data, places, prompt_files, work
from fute_core.embedding.own_rows import OWN_ROWS, rows_of
from fute_core.errors import BadInput, FuteError

if TYPE_CHECKING:
    from fute_core.analysis.own_texts import OwnTexts
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item
    from fute_core.embedding.requests import EmbedRequest
    from fute_core.jobs import Job
    from fute_core.tasks import TaskDataset


def newest_own(items: "list[Item]") -> "Item | None":
    """The dataset that was brought last, which a visitor most likely aims at; None where all are shipped."""
    own = [i for i in items if not i.facts.get("shipped")]
    return max(own, key=lambda i: i.embedding.provenance.created, default=None)


def request_of(target: "Item") -> "EmbedRequest | None":
    """What reads the rows of a dataset: its name where it ships, else what its job asked; None where nobody knows."""
    from fute_core.embedding.requests import EmbedRequest

    own = target.embedding
    if target.facts.get("shipped"):
        return EmbedRequest("dataset", own.name)
    made = [i.request for job in work.known() for i in job.items if i.request.kind == "dataset" and i.key == own.key]
    # The same rows under other names of labels have the same key.
    return next((request for request in made if request.label == own.name), made[0] if made else None)


def rows(target: "Item", n: int = OWN_ROWS) -> "TaskDataset | None":
    """Rows of a dataset, those that prompts are asked by default; None where they are gone, or have no labels.

    n : how many at most.
    """
    request = request_of(target)
    if request is None:
        return None
    try:
        found = _rows((target.embedding.key, target.embedding.name), n, request)
    except FuteError:
        return None
    return found if found.labels else None


@st.cache_resource(show_spinner=False, max_entries=8)
def _rows(of: tuple[str, str], n: int, _request: "EmbedRequest") -> "TaskDataset":
    return rows_of(_request, n)


def answered(dataset: "TaskDataset", requests: "Mapping[str, EmbedRequest]") -> "tuple[int, OwnTexts | None]":
    """(answers that the store lacks, the ranking where it lacks none). No model is asked.

    requests : by the name of the prompt. Raises BadInput where none of them has two of the dataset's labels.
    """
    from fute_core.analysis.asked_texts import ranked
    from fute_core.analysis.own_texts import matching
    from fute_core.embedding.opening import as_asked
    from fute_core.predictors.answers import read_answers

    templates = {name: prompt_files.template_of(request) for name, request in requests.items()}
    known = {name: template.labels for name, template in templates.items() if template is not None}
    if len(known) == len(requests):
        matching(dataset.labels, known)
    found, lacking = {}, 0
    for name, request in requests.items():
        predictor = background.soon("predictor", places.source_of(request), make=lambda r=request: places.predictor(r),
                                    patience=0.5)  # fmt: skip
        if predictor is None:
            return len(dataset.texts) * len(requests), None
        with as_asked(request):
            given = read_answers(predictor, data.store(), dataset.texts)
        lacking += len(dataset.texts) - len(given.index)
        found[name] = given
    return lacking, None if lacking else ranked(dataset, found)


def asking(target: "Item", requests: "Mapping[str, EmbedRequest]") -> "Job | None":
    """The job that asks these prompts the rows of the dataset now."""
    wanted = _with_rows(target, requests)
    return next((job for job in work.known() if job.state in work.WORKING and [i.request for i in job.items] == wanted),
                None)  # fmt: skip


def ask(target: "Item", requests: "Mapping[str, EmbedRequest]") -> "Job":
    """Start asking. Raises the FuteError that says why it cannot be."""
    if request_of(target) is None:
        raise BadInput(f"The rows of {target.embedding.name!r} are not known here any more; upload the file again.")
    return work.start(_with_rows(target, requests))


def _with_rows(target: "Item", requests: "Mapping[str, EmbedRequest]") -> "list[EmbedRequest]":
    from fute_core.embedding.own_rows import with_own_rows

    dataset = request_of(target)
    return [] if dataset is None else [with_own_rows(request, dataset) for request in requests.values()]


def by_vote(atlas: "Atlas", target: "Item", entrants: list[places.Landed]) -> "OwnTexts | None":
    """The prompts by what needs neither label nor embedding, on the probe texts that all answered; None for one prompt.

    Raises BadInput where none has two of the dataset's labels.
    """
    from fute_core.analysis.own_texts import Answered, rank_on_texts

    labels = tuple(map(str, target.facts.get("labels") or ()))
    if len(entrants) < 2 or len(labels) < 2:
        return None
    common = np.arange(len(atlas.probes.texts))
    for entrant in entrants:
        common = np.intersect1d(common, entrant.answers.index)
    if not len(common):
        return None
    given = []
    for entrant in entrants:
        answers = entrant.answers.of(np.flatnonzero(np.isin(entrant.answers.index, common)))
        given.append(Answered(entrant.name, answers.labels, answers.used(entrant.calibrate)))
    return rank_on_texts(labels, given)
