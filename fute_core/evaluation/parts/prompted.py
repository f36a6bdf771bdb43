"""Prompts on a language model: their embedding for the gallery, and how well they do on datasets."""

from collections.abc import Sequence

import numpy as np

from fute_core.atlas.gallery import Item
from fute_core.datasets.catalog import shipped_datasets
from fute_core.datasets.probes import ProbeSet
from fute_core.embedding.answering import collect_answers
from fute_core.embedding.pipelines import embed_model
from fute_core.embedding.recipe import Recipe
from fute_core.evaluation.parts.boxes import skill
from fute_core.evaluation.parts.matching import accuracy, comparable_rows, relabelled_accuracy
from fute_core.evaluation.parts.rows import test_rows
from fute_core.predictors import scoring
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.predictors.scoring import batch_calibration
from fute_core.store.store import Store
from fute_core.tasks import PromptTemplate, Text

LANGUAGE_MODEL = "smollm2"
LANGUAGE_MODELS = (LANGUAGE_MODEL, "gemma3-270m")
"""Those that the shipped prompts are put to; `LANGUAGE_MODEL` alone where a study needs one."""
TEST_LIMIT = 100


def prompt_item(template: PromptTemplate, store: Store, recipe: Recipe, model: str = LANGUAGE_MODEL) -> Item:
    """Embed a prompt on a language model and measure it on the datasets of its family.

    Parameters
    ----------
    template : PromptTemplate
        The prompt.
    store : Store
        Has what the model answered before.
    recipe : Recipe
        How it is embedded.
    model : str
        Packaged name of the language model.

    Returns
    -------
    Item
        The embedding (MTE), accuracies, and the answers on the probe texts with label priors removed.
    """
    predictor = PromptedLM(template, model)
    embedding = embed_model(
        predictor,
        recipe,
        store,
        name=prompt_name(template.name, model),
        pair=template.pair,
        kind="prompt",
        family=template.family,
    )
    scores = collect_answers(predictor, recipe.probes(template.pair), store)
    raw = predictor.proba(scores)
    measured = {
        name: found
        for name in family_datasets(template.family)
        if (found := prompt_accuracy(predictor, template, name, store)) is not None
    }
    facts = {
        "language_model": model,
        "prompt": template.name,
        "template": template.source,
        "choices": [list(c) for c in template.choices],
        "labels": list(template.labels),
        "label_prior": [round(float(p), 4) for p in raw.mean(0)],
        "outside_mass": round(float(np.mean(scoring.outside_mass(scores))), 4),
        "accuracies": measured,
        "accuracy": max((found["accuracy"] for found in measured.values()), default=None),
        "skill": max((found["skill"] for found in measured.values()), default=None),
        "shipped": True,
    }
    return Item(embedding, facts, batch_calibration(raw))


def prompt_name(prompt: str, model: str) -> str:
    """Name a shipped prompt on a language model.

    Parameters
    ----------
    prompt : str
        Of the template.
    model : str
        Packaged name of the language model.

    Returns
    -------
    str
        The template's name alone on `LANGUAGE_MODEL`.
    """
    return prompt if model == LANGUAGE_MODEL else f"{prompt} @ {model}"


def family_datasets(family: str | None) -> list[str]:
    """Name the shipped datasets of a family.

    Parameters
    ----------
    family : str or None
        The job that they do, such as "sentiment".

    Returns
    -------
    list of str
        In the order of the catalogue.
    """
    return [name for name, card in shipped_datasets().items() if card["family"] == family]


def prompt_accuracy(
    predictor: PromptedLM, template: PromptTemplate, name: str, store: Store, limit: int = TEST_LIMIT
) -> dict[str, float] | None:
    """Measure a prompt on the test rows of a shipped dataset, label priors removed.

    Parameters
    ----------
    predictor : PromptedLM
        The prompt on its model.
    template : PromptTemplate
        The prompt.
    name : str
        Of the dataset.
    store : Store
        Has what the model answered before.
    limit : int
        Test rows at most.

    Returns
    -------
    dict of str to float, or None
        "accuracy" is balanced accuracy; "best_reading" the same under the best one-to-one renaming of the answers, so
        what the prompt can tell apart whatever its answer words mean; "skill" is made from that; "rows" is how many
        were asked. None where the dataset's labels are not the prompt's.
    """
    rows = test_rows(name, limit)
    known = comparable_rows(rows, template.labels) if rows.pair == template.pair else None
    if known is None:
        return None
    index, truth = known
    asked = as_probes(name, [rows.texts[i] for i in index], index.tolist(), rows.pair)
    proba = batch_calibration(predictor.proba(collect_answers(predictor, asked, store)))
    told_apart = relabelled_accuracy(proba, truth)
    return {
        "accuracy": round(accuracy(proba, truth), 4),
        "best_reading": round(told_apart, 4),
        "skill": round(skill(told_apart, len(np.unique(truth))), 4),
        "rows": len(truth),
    }


def as_probes(name: str, texts: Sequence[Text], index: Sequence[int], pair: bool) -> ProbeSet:
    """Make a set of texts to ask from rows of a dataset.

    Parameters
    ----------
    name : str
        Of the dataset.
    texts : sequence of n texts
        What is asked.
    index : sequence of n ints
        Their positions in the dataset.
    pair : bool
        Whether the texts are pairs.

    Returns
    -------
    ProbeSet
        The texts with their source.
    """
    return ProbeSet("eval", tuple(map(str, index)), tuple(texts), pair, (name,) * len(texts))


def unanswered(store: Store, predictor: PromptedLM, texts: Sequence[Text]) -> bool:
    """Tell whether the model would have to be asked.

    Parameters
    ----------
    store : Store
        Has what the model answered before.
    predictor : PromptedLM
        The prompt on its model.
    texts : sequence of texts
        What is to be answered.

    Returns
    -------
    bool
        True where the answer to one of the texts is missing.
    """
    return bool(store.get_answers(predictor.score_fingerprint(), texts)[1].any())
