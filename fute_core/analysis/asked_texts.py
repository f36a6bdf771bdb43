"""Prompts ranked on a dataset's own rows: what they say on them is read from the store, or asked."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from fute_core.analysis.candidates import Ask
from fute_core.analysis.own_texts import Answered, OwnTexts, matching, rank_on_texts
from fute_core.embedding.opening import prompt_templates
from fute_core.embedding.own_rows import ask_rows, black_box_for
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import BadInput
from fute_core.predictors.answers import ProbeAnswers, answers_from, read_answers

if TYPE_CHECKING:
    from fute_core.store.store import Store
    from fute_core.tasks import TaskDataset


def rank_on_rows(
    dataset: "TaskDataset",
    refs: Sequence[str],
    model: str,
    store: "Store",
    told: Ask | None = None,
    options: Mapping[str, Any] | None = None,
) -> OwnTexts:
    """Ask prompts the texts of a dataset, and rank them by its labels.

    Parameters
    ----------
    dataset : TaskDataset
        See `embedding.own_rows.rows_of`.
    refs : sequence of str
        Shipped prompts or families, and files of prompts; names of anything else are passed over.
    model : str
        The language model: packaged name, folder or Hub id.
    store : Store
        Where answers are looked for and kept.
    told : callable, optional
        Hears of the progress, see `Ask`.
    options : mapping, optional
        How prompts are asked, such as at which endpoint, see `EmbedRequest`.

    Returns
    -------
    OwnTexts
        The ranking.

    Raises
    ------
    BadInput
        Where none of `refs` is a prompt or none has the dataset's labels, and where one reads pairs and the dataset has
        single texts, or the other way round.
    """
    requests = _prompts(refs, model, options or {})
    if not requests:
        raise BadInput("None of these is a prompt whose words are known; only such are asked a dataset's own rows.")
    predictors = {request.label: black_box_for(request, dataset) for request in requests}
    if dataset.labels:
        matching(dataset.labels, {label: predictor.labels for label, predictor in predictors.items()})
    found = {}
    for label, predictor in predictors.items():
        heard = None if told is None else partial(told, label)
        found[label] = answers_from(predictor, ask_rows(predictor, dataset, store, progress=heard))
    return ranked(dataset, found)


def _prompts(refs: Sequence[str], model: str, options: Mapping[str, Any]) -> list[EmbedRequest]:
    """A request for each prompt that is named, each once."""
    named: dict[str, str] = {}
    for ref in refs:
        try:
            named |= dict.fromkeys(prompt_templates(ref), ref)
        except BadInput:  # a name in the atlas, as `candidates.find_candidates` has found out
            continue
    return [
        EmbedRequest("prompt", ref, model=model, template=name, name=name, options=options)
        for name, ref in named.items()
    ]


def known_rows(dataset: "TaskDataset", request: EmbedRequest, store: "Store") -> ProbeAnswers:
    """Read what a prompt said on the texts of a dataset before. No model is asked.

    Parameters
    ----------
    dataset : TaskDataset
        See `embedding.own_rows.rows_of`.
    request : EmbedRequest
        Of the prompt.
    store : Store
        Where answers are kept.

    Returns
    -------
    ProbeAnswers
        Of those texts that have an answer.

    Raises
    ------
    BadInput
        As `embedding.own_rows.black_box_for`.
    """
    return read_answers(black_box_for(request, dataset), store, dataset.texts)


def ranked(dataset: "TaskDataset", found: Mapping[str, ProbeAnswers]) -> OwnTexts:
    """Rank prompts on the texts that all of them have answered, by the labels of these.

    Parameters
    ----------
    dataset : TaskDataset
        The texts and their labels.
    found : mapping of str to ProbeAnswers
        By the name of the prompt; `index` counts the texts of the dataset.

    Returns
    -------
    OwnTexts
        The ranking.

    Raises
    ------
    BadInput
        Where there is no text that all have answered, and for a dataset of scores.
    """
    if not dataset.labels:
        raise BadInput(f"{dataset.name!r} has scores and no labels, so no answer is right or wrong.")
    common = np.arange(len(dataset.texts))
    for answers in found.values():
        common = np.intersect1d(common, answers.index)
    if not len(common):
        raise BadInput(f"The prompts have answered no text of {dataset.name!r} in common; ask them the same rows.")
    answered = [
        # Priors are removed over these texts, as they are over the probe texts.
        Answered(name, answers.labels, answers.of(np.flatnonzero(np.isin(answers.index, common))).used())
        for name, answers in found.items()
    ]
    return rank_on_texts(dataset.labels, answered, dataset.targets[common].argmax(1))
