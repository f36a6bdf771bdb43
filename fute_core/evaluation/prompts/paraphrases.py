"""Prompts that ask the same in other words: do they lie together, as far as the language model understands them?

No model is asked: prompts are those of the gallery, or those whose answers the store has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.gallery import load_gallery
from fute_core.embedding.answering import collect_answers
from fute_core.embedding.pipelines import embed_model
from fute_core.embedding.recipe import Recipe
from fute_core.evaluation.estimates import Estimate, estimate
from fute_core.evaluation.parts.boxes import skill
from fute_core.evaluation.parts.matching import comparable_rows, relabelled_accuracy
from fute_core.evaluation.parts.prompted import TEST_LIMIT, as_probes, family_datasets, unanswered
from fute_core.evaluation.parts.reference import calibrated
from fute_core.evaluation.parts.rows import test_rows
from fute_core.evaluation.results import ResultTable
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.predictors.scoring import batch_calibration
from fute_core.templates.loading import shipped_prompts
from fute_core.vectors import TaskEmbedding

if TYPE_CHECKING:
    from fute_core.store.store import Store

SKILLED = 0.3
FEWEST = 3
"""Prompts of a family, and families, below which nothing is said."""


@dataclass(frozen=True)
class Paraphrases:
    """Prompts of one arity.

    Parameters
    ----------
    names : tuple of n str
        Of the prompts.
    families : ndarray of str, shape (n,)
        What each prompt asks; prompts of one family ask the same in other words.
    similarity : ndarray of float64, shape (n, n)
        Calibrated cosines of the prompts.
    skill : ndarray of float64, shape (n,)
        Mean over the datasets of the family; NaN where not all answers are stored.
    """

    names: tuple[str, ...]
    families: NDArray[np.str_]
    similarity: NDArray[np.float64]
    skill: NDArray[np.float64]


def known_paraphrases(store: "Store", recipe: Recipe, pair: bool, model: str) -> Paraphrases | None:
    """Take the shipped prompts from the gallery where the recipe is its own, else from the store.

    Parameters
    ----------
    store : Store
        Has what the model answered before; it is never asked.
    recipe : Recipe
        How prompts are embedded.
    pair : bool
        Prompts over text pairs; else those over single texts.
    model : str
        Packaged name of the language model.

    Returns
    -------
    Paraphrases or None
        None where fewer than `FEWEST` families have `FEWEST` prompts.
    """
    gallery = load_gallery(pair) if recipe == Recipe() else None
    if gallery is None:
        return stored_paraphrases(store, recipe, pair, model)
    shipped = [i for i in gallery.items if i.embedding.kind == "prompt" and i.facts["language_model"] == model]
    skills = [float(np.mean([found["skill"] for found in item.facts["accuracies"].values()])) for item in shipped]
    return _paraphrases([item.embedding for item in shipped], skills)


def stored_paraphrases(store: "Store", recipe: Recipe, pair: bool, model: str) -> Paraphrases | None:
    """Take the shipped prompts whose answers to all probe texts are stored.

    Parameters
    ----------
    store : Store
        Has what the model answered before; it is never asked.
    recipe : Recipe
        How prompts are embedded.
    pair : bool
        Prompts over text pairs; else those over single texts.
    model : str
        Packaged name of the language model.

    Returns
    -------
    Paraphrases or None
        None where fewer than `FEWEST` families have `FEWEST` of them.
    """
    probes = recipe.probes(pair)
    embeddings, skills = [], []
    for template in shipped_prompts().values():
        predictor = PromptedLM(template, model)
        if template.pair != pair or unanswered(store, predictor, probes.texts):
            continue
        embeddings.append(
            embed_model(predictor, recipe, store, name=template.name, pair=pair, kind="prompt", family=template.family)
        )
        skills.append(_stored_skill(store, predictor))
    return _paraphrases(embeddings, skills)


def _paraphrases(embeddings: Sequence[TaskEmbedding], skills: Sequence[float]) -> Paraphrases | None:
    families = np.array([str(e.family) for e in embeddings])
    if sum((families == family).sum() >= FEWEST for family in set(families)) < FEWEST:
        return None
    cosines = calibrated(embeddings).cosines().astype(np.float64)
    return Paraphrases(tuple(e.name for e in embeddings), families, cosines, np.array(skills))


def paraphrase_measures(found: Paraphrases) -> dict[str, Estimate]:
    """Measure how often the nearest prompt asks the same.

    Parameters
    ----------
    found : Paraphrases
        The prompts.

    Returns
    -------
    dict of str to Estimate
        Over all prompts, and over those of some skill among themselves.
    """
    able = np.flatnonzero(found.skill >= SKILLED)
    return {
        "paraphrase_nearest": _nearest(found, np.arange(len(found.names))),
        "skilled_paraphrase_nearest": _nearest(found, able),
    }


def paraphrase_table(found: Paraphrases) -> ResultTable:
    """Lay out how alike the prompts of each family are to one another, and to prompts of other families.

    Parameters
    ----------
    found : Paraphrases
        The prompts.

    Returns
    -------
    ResultTable
        One row a family.
    """
    rows = []
    for family in sorted(set(found.families)):
        own = np.flatnonzero(found.families == family)
        others = np.flatnonzero(found.families != family)
        if len(own) < 2:
            continue
        within = found.similarity[np.ix_(own, own)][~np.eye(len(own), dtype=bool)]
        able = own[found.skill[own] >= SKILLED]
        among = found.similarity[np.ix_(able, able)][~np.eye(len(able), dtype=bool)]
        across = found.similarity[np.ix_(own, others)]
        rows.append(
            (family, len(own), float(within.mean()), len(able), float(among.mean()) if len(able) > 1 else None,
             float(across.mean()))
        )  # fmt: skip
    columns = ("family", "prompts", "alike", f"of skill {SKILLED}", "alike among these", "alike to other families")
    return ResultTable("Prompts that ask the same in other words", columns, tuple(rows))


def _nearest(found: Paraphrases, members: NDArray[np.intp]) -> Estimate:
    """Share of prompts whose nearest among `members` is of their family, for families with another member."""
    hits, chances = [], []
    for i in members:
        others = np.array([j for j in members if j != i], np.intp)
        same = found.families[others] == found.families[i]
        if same.any():
            hits.append(float(same[found.similarity[i, others].argmax()]))
            chances.append(float(same.mean()))
    return estimate(hits, float(np.mean(chances)) if chances else None)


def _stored_skill(store: "Store", predictor: PromptedLM) -> float:
    """Mean skill over the family's datasets, NaN where not all answers are stored."""
    template, found = predictor.template, []
    for name in family_datasets(template.family):
        rows = test_rows(name, TEST_LIMIT)
        known = comparable_rows(rows, template.labels)
        if known is None:
            continue
        index, truth = known
        texts = tuple(rows.texts[i] for i in index)
        if unanswered(store, predictor, texts):
            return float("nan")
        asked = as_probes(name, texts, index.tolist(), rows.pair)
        proba = batch_calibration(predictor.proba(collect_answers(predictor, asked, store)))
        found.append(skill(relabelled_accuracy(proba, truth), len(np.unique(truth))))
    return float(np.mean(found)) if found else float("nan")
