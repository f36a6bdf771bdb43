"""How many probe texts a black box has to answer until the verdict on it is settled.

Texts are asked in the order of the probe set, which is random within each round over its sources. What stops early is
embedded as from a probe set of so many texts, under that set's key: the answers stay in the store, so going on to all
texts asks none of them again.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fute_core.atlas.atlas import Atlas, open_atlas
from fute_core.atlas.gallery import load_gallery
from fute_core.atlas.same_texts import scale_on_texts, similar_on_same_texts
from fute_core.embedding.answering import Progress, collect_answers
from fute_core.embedding.how_read import language_model_of
from fute_core.embedding.opening import Facts
from fute_core.embedding.recipe import Recipe, recipe_space
from fute_core.predictors import Predictor
from fute_core.predictors.answers import ProbeAnswers, answers_from
from fute_core.space.kinds import scale_kind
from fute_core.space.settling import LOOKS, SETTLING, Standing, looks

if TYPE_CHECKING:
    from fute_core.store.store import Store


def texts_until_settled(
    predictor: Predictor,
    recipe: Recipe,
    store: "Store",
    facts: Facts,
    confidence: float,
    progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> int:
    """Ask probe texts until more of them would hardly change the verdict on the nearest shipped dataset.

    Parameters
    ----------
    predictor : Predictor
        The black box.
    recipe : Recipe
        How its vector is made; its probe texts are the most that are asked.
    store : Store
        Where answers are looked up and kept.
    facts : Facts
        What is known of the black box.
    confidence : float
        How often the verdict has to be that of all texts, 0.5 to 0.999.
    progress : callable, optional
        Called after every chunk with (probe texts answered, probe texts in all); once settled, these are all.
    should_stop : callable, optional
        Asked before every chunk; on true the work ends.

    Returns
    -------
    int
        Probe texts that settle it: one of `space.settling.LOOKS`, answered; or all of them, where nothing short of
        these does, or where nothing can be claimed in its space.

    Raises
    ------
    BadInput, Unavailable
        For answers that cannot be used, and for a confidence outside.
    Cancelled
        Where `should_stop` said so; the answers that were given stay in the store.
    """
    probes = recipe.probes(facts["pair"])
    m = len(probes.texts)
    atlas = _judging(recipe, facts)
    if atlas is None:
        return m
    told = None if progress is None else _of_all(progress, m)
    model = language_model_of(predictor)
    for n in looks(m)[:-1]:
        raw = collect_answers(predictor, probes.subset(n), store, progress=told, should_stop=should_stop)
        answers = answers_from(predictor, raw)
        if len(answers.index) >= LOOKS[0] and SETTLING.settled(standing(atlas, answers, facts, m, model), confidence):
            if progress is not None:
                progress(n, n)
            return n
    return m


def standing(atlas: Atlas, answers: ProbeAnswers, facts: Facts, m: int, language_model: str = "") -> Standing:
    """Judge something by what it has answered so far.

    Parameters
    ----------
    atlas : Atlas
        What ships.
    answers : ProbeAnswers
        Answers to some of the probe texts.
    facts : Facts
        What is known of the black box.
    m : int
        Probe texts in all.
    language_model : str
        That a prompt is put to, if known.

    Returns
    -------
    Standing
        Its greatest similarity to a dataset, the level of claims, and by how much the nearest family leads.
    """
    assert atlas.gallery is not None, "only what ships has levels"
    n, kind = len(answers.index), facts["kind"]
    datasets = [i for i, item in enumerate(atlas.items) if item.embedding.kind == "dataset"]
    found = similar_on_same_texts(
        atlas,
        answers,
        atlas.gallery.basis,
        np.ones((1, n)),
        kind=kind,
        calibrate=facts["calibrate"],
        language_model=language_model,
        among=datasets,
    )[0]
    greatest: dict[str, float] = {}
    for i, cosine in zip(datasets, found, strict=True):
        family = atlas.items[i].embedding.family or atlas.items[i].embedding.name
        greatest[family] = max(float(cosine), greatest.get(family, -1.0))
    first, second = sorted([*greatest.values(), -1.0, -1.0], reverse=True)[:2]
    level = scale_on_texts(atlas, n).claim_level(scale_kind(kind, language_model), "dataset")
    return Standing(first, level, first - second, n, m)


def _judging(recipe: Recipe, facts: Facts) -> Atlas | None:
    """What ships, where it lies in the recipe's space but for the number of texts, and something may be claimed."""
    pair = facts["pair"]
    gallery = load_gallery(pair)
    if gallery is None or gallery.scale.claim_level(facts["kind"], "dataset") == float("inf"):
        return None
    whole, m = len(gallery.basis), len(recipe.probes(pair).texts)
    if m > whole or recipe_space(replace(recipe, n_probes=whole), pair) != gallery.items[0].embedding.space():
        return None
    return open_atlas(pair, store=False)


def _of_all(progress: Progress, m: int) -> Progress:
    def told(done: int, _: int) -> None:
        progress(done, m)

    return told
