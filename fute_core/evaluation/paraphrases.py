"""Prompts that ask the same in other words: do they lie together, as far as the language model understands them?

No model is asked: prompts are those of the gallery, or those whose answers the store has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fute_core.atlas.gallery import load_gallery
from fute_core.datasets.catalog import shipped_datasets
from fute_core.datasets.probes import ProbeSet
from fute_core.embedding.pipelines import Recipe, collect_answers, embed_model
from fute_core.evaluation.metrics import Estimate, estimate
from fute_core.evaluation.parts.boxes import skill, test_rows
from fute_core.evaluation.parts.matching import comparable_rows, relabelled_accuracy
from fute_core.evaluation.parts.reference import calibrated
from fute_core.evaluation.results import Table
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.predictors.scoring import contextual_calibration
from fute_core.tasks import TaskEmbedding, Text
from fute_core.templates.loading import shipped_prompts

if TYPE_CHECKING:
    from fute_core.store.store import Store

SKILLED = 0.3
FEWEST = 3
"""Prompts of a family, and families, below which nothing is said."""
ROWS = 100


@dataclass(frozen=True)
class Paraphrases:
    """Prompts of one arity. similarity : float (n, n). skill : float (n,) over their family's datasets, NaN where not
    all answers are stored."""

    names: tuple[str, ...]
    families: np.ndarray
    similarity: np.ndarray
    skill: np.ndarray


def known_paraphrases(store: "Store", recipe: Recipe, pair: bool, model: str) -> Paraphrases | None:
    """The shipped prompts where the recipe is that of the gallery, else those whose answers are stored."""
    gallery = load_gallery(pair) if recipe == Recipe() else None
    if gallery is None:
        return stored_paraphrases(store, recipe, pair, model)
    shipped = [i for i in gallery.items if i.embedding.kind == "prompt" and i.facts["language_model"] == model]
    skills = [np.mean([found["skill"] for found in item.facts["accuracies"].values()]) for item in shipped]
    return _paraphrases([item.embedding for item in shipped], skills)


def stored_paraphrases(store: "Store", recipe: Recipe, pair: bool, model: str) -> Paraphrases | None:
    """The prompts whose answers to all probe texts are stored; None where fewer than `FEWEST` families have
    `FEWEST` of them."""
    probes = recipe.probes(pair)
    embeddings, skills = [], []
    for template in shipped_prompts().values():
        predictor = PromptedLM(template, model)
        if template.pair != pair or _unanswered(store, predictor, probes.texts):
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
    vectors = calibrated(embeddings).vectors.astype(np.float64)
    return Paraphrases(tuple(e.name for e in embeddings), families, vectors @ vectors.T, np.array(skills))


def paraphrase_measures(found: Paraphrases) -> dict[str, Estimate]:
    """Whether the nearest prompt asks the same, over all prompts and over those of some skill among themselves."""
    able = np.flatnonzero(found.skill >= SKILLED)
    return {
        "paraphrase_nearest": _nearest(found, np.arange(len(found.names))),
        "skilled_paraphrase_nearest": _nearest(found, able),
    }


def paraphrase_table(found: Paraphrases) -> Table:
    """By family: how alike its prompts are to one another, and to prompts of other families."""
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
    return Table("Prompts that ask the same in other words", columns, tuple(rows))


def _nearest(found: Paraphrases, members: Sequence[int]) -> Estimate:
    """Share of prompts whose nearest among `members` is of their family, for families with another member."""
    hits, chances = [], []
    for i in members:
        others = np.array([j for j in members if j != i], int)
        same = found.families[others] == found.families[i]
        if same.any():
            hits.append(float(same[found.similarity[i, others].argmax()]))
            chances.append(float(same.mean()))
    return estimate(hits, float(np.mean(chances)) if chances else None)


def _stored_skill(store: "Store", predictor: PromptedLM) -> float:
    template, found = predictor.template, []
    for name, card in shipped_datasets().items():
        if card["family"] != template.family:
            continue
        rows = test_rows(name, ROWS)
        known = comparable_rows(rows, template.labels)
        if known is None:
            continue
        index, truth = known
        texts = tuple(rows.texts[i] for i in index)
        if _unanswered(store, predictor, texts):
            return float("nan")
        asked = ProbeSet("eval", tuple(map(str, index)), texts, rows.pair, (name,) * len(texts))
        proba = contextual_calibration(predictor.proba(collect_answers(predictor, asked, store)))
        found.append(skill(relabelled_accuracy(proba, truth), len(np.unique(truth))))
    return float(np.mean(found)) if found else float("nan")


def _unanswered(store: "Store", predictor: PromptedLM, texts: Sequence[Text]) -> bool:
    return bool(store.get_answers(predictor.score_fingerprint(), texts)[1].any())
