"""Builds the shipped gallery from nothing: every vector from the shipped data and packaged models, resumably.

Whatever was computed before comes from the store, so a build that was stopped goes on where it was.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from fute_core.atlas.atlas import stored_answers
from fute_core.atlas.gallery import FOLDER, Item
from fute_core.atlas.gallery_writing import rebuilt, write_gallery
from fute_core.datasets.catalog import shipped_datasets
from fute_core.datasets.probes import ProbeSet
from fute_core.embedding.pipelines import Recipe, collect_answers, embed_dataset, embed_model
from fute_core.evaluation.parts.boxes import ARCHITECTURES, Box, dataset_parts, describe, skill, test_rows, train_box
from fute_core.evaluation.parts.encoder import encoder_trainer
from fute_core.evaluation.parts.matching import accuracy, comparable_rows, relabelled_accuracy
from fute_core.evaluation.parts.reference import basis_of, fit_reference, left_out_similarity
from fute_core.home import DATA
from fute_core.models.language import LanguageModel, read_language_model
from fute_core.predictors.scoring import contextual_calibration
from fute_core.space.scale import different_jobs
from fute_core.store.store import Store
from fute_core.tasks import PromptTemplate, TaskDataset, TaskEmbedding

LANGUAGE_MODEL = "smollm2"
TEST_LIMIT = 100
SAME = 0.999
ROUNDING = 2.0
Told = Callable[[str], None]


def dataset_item(name: str, store: Store, recipe: Recipe, folder: Path = DATA) -> Item:
    """The DTE of the first half of a dataset's training rows, and its head's answers on the probe texts."""
    rows = dataset_parts(name, folder).dte
    embedding = embed_dataset(rows, recipe, store)
    answers = stored_answers(store, embedding.key)
    card = shipped_datasets(folder)[name]
    facts = {k: card[k] for k in ("title", "source", "licence", "cite", "language", "labels") if k in card}
    where = {} if folder == DATA else {"folder": str(folder)}
    return Item(embedding, {**facts, **where, "rows": len(rows.texts), "shipped": folder == DATA}, answers)


def box_items(
    name: str, store: Store, recipe: Recipe, folder: Path = DATA, architectures: Sequence[str] = ARCHITECTURES
) -> list[Item]:
    """MTEs of the black boxes trained on the other half, one an architecture."""
    parts = dataset_parts(name, folder)
    encoder = encoder_trainer(store)
    items = []
    for architecture in architectures:
        box = train_box(architecture, parts, encoder)
        items.append(_box_item(box, parts.train, store, recipe, folder))
    return items


def _box_item(box: Box, rows: TaskDataset, store: Store, recipe: Recipe, folder: Path) -> Item:
    embedding = embed_model(box.predictor, recipe, store, name=box.name, pair=rows.pair, family=rows.family)
    answers = collect_answers(box.predictor, recipe.probes(rows.pair), store)
    return Item(embedding, {**describe(box), "shipped": folder == DATA}, answers)


def prompt_item(template: PromptTemplate, store: Store, recipe: Recipe, model: str = LANGUAGE_MODEL) -> Item:
    """MTE of a prompt on a language model, with its accuracy on its family's datasets."""
    from fute_core.predictors.prompted_lm import PromptedLM

    predictor = PromptedLM(template, model)
    embedding = embed_model(
        predictor, recipe, store, name=template.name, pair=template.pair, kind="prompt", family=template.family
    )
    scores = collect_answers(predictor, recipe.probes(template.pair), store)
    raw = predictor.proba(scores)
    measured = {name: prompt_accuracy(predictor, template, name, store) for name in family_datasets(template.family)}
    measured = {name: value for name, value in measured.items() if value}
    best = max((value["skill"] for value in measured.values()), default=None)
    facts = {
        "language_model": model,
        "template": template.source,
        "choices": [list(c) for c in template.choices],
        "labels": list(template.labels),
        "label_prior": [round(float(p), 4) for p in raw.mean(0)],
        "outside_mass": round(float(np.mean(predictor.outside_mass(scores))), 4),
        "accuracies": measured,
        "accuracy": max((value["accuracy"] for value in measured.values()), default=None),
        "skill": best,
        "shipped": True,
    }
    return Item(embedding, facts, contextual_calibration(raw))


def family_datasets(family: str | None) -> list[str]:
    return [name for name, card in shipped_datasets().items() if card["family"] == family]


def prompt_accuracy(predictor, template: PromptTemplate, name: str, store: Store) -> dict[str, float] | None:
    """Balanced accuracy on a dataset, label priors removed; None where its labels are not the prompt's.

    best_reading : the same under the best one-to-one renaming of its answers; skill is made from it: what the prompt
    can tell apart, whatever its answer words mean.
    """
    rows = test_rows(name, TEST_LIMIT)
    known = comparable_rows(rows, template.labels) if rows.pair == template.pair else None
    if known is None:
        return None
    index, truth = known
    texts = tuple(rows.texts[i] for i in index)
    asked = ProbeSet("eval", tuple(map(str, index)), texts, rows.pair, (name,) * len(texts))
    proba = contextual_calibration(predictor.proba(collect_answers(predictor, asked, store)))
    told_apart = relabelled_accuracy(proba, truth)
    return {
        "accuracy": round(accuracy(proba, truth), 4),
        "best_reading": round(told_apart, 4),
        "skill": round(skill(told_apart, len(np.unique(truth))), 4),
        "rows": len(truth),
    }


def build_gallery(
    store: Store,
    recipe: Recipe | None = None,
    *,
    prompts: Mapping[str, PromptTemplate] | None = None,
    folder: Path = FOLDER,
    told: Told = print,
) -> dict[str, Any]:
    """Compute everything that ships and write it to `folder`; returns counts. `told` hears of each item."""
    from fute_core.maps.projection import project
    from fute_core.space.space import TaskSpace

    recipe = recipe or Recipe()
    parts, counts = {}, {}
    for pair in (False, True):
        items: list[Item] = []
        for name, card in shipped_datasets().items():
            if card["pair"] == pair:
                items += [dataset_item(name, store, recipe), *box_items(name, store, recipe)]
                boxes = items[-len(ARCHITECTURES) :]
                told(f"{name}: {', '.join(format(box.facts['accuracy'], '.2f') for box in boxes)}")
        for template in (prompts or {}).values():
            if template.pair == pair:
                items.append(prompt_item(template, store, recipe))
                told(f"{template.name}: skill {items[-1].facts['skill']}")
        basis = basis_of(recipe, pair, store)
        items = list(rebuilt(items, basis))
        calibrator = fit_reference(items, basis)
        space = TaskSpace([i.embedding for i in items], calibrator=calibrator)
        coordinates = project(space).coordinates
        name = "pairs" if pair else "single"
        unseen = left_out_similarity(items, basis)
        null = different_jobs([i.embedding for i in items], (unseen + unseen.T) / 2)
        parts[name] = {
            "items": items, "calibrator": calibrator, "basis": basis, "coordinates": coordinates, "null": null
        }  # fmt: skip
        counts[name] = len(items)
    write_gallery(parts, folder)
    return counts


def answered_before(template: PromptTemplate, store: Store, recipe: Recipe | None = None) -> bool:
    """Whether the store has the language model's answers to this prompt on every probe text."""
    from fute_core.predictors.prompted_lm import PromptedLM

    probes = (recipe or Recipe()).probes(template.pair)
    _, missing = store.get_answers(PromptedLM(template, LANGUAGE_MODEL).score_fingerprint(), probes.texts)
    return not missing.any()


def verify_gallery(count: int, seed: int = 0, folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Recompute `count` shipped items of any kind in an empty store and compare them with what ships.

    Returns a row an item. cosine : of the shipped vector with the recomputed one. same : whether it is above 0.999.

    A prompt's answers in bfloat16 carry a rounding that differs from processor to processor. Where it shows, float32
    is the judge: shipped, the cosine of the shipped vector with float32's, and recomputed, that of the recomputed one,
    both None where nobody had to judge. Then the two are the same if the first angle is at most twice the second.
    """
    import tempfile

    from fute_core.atlas.gallery import load_gallery

    read = cache(read_language_model)
    items = [i for pair in (False, True) if (g := load_gallery(pair, folder)) for i in g.items]
    rows = []
    with tempfile.TemporaryDirectory() as empty:
        store = Store(empty)
        for index in np.sort(np.random.default_rng(seed).permutation(len(items))[:count]):
            item = items[index]
            old, model = item.embedding, item.facts.get("language_model")
            new = _prompt_again(old, read(model, "bfloat16"), store) if model else _again(item, store)
            cosine, shipped, recomputed = _cosine(old, new), None, None
            same = cosine > SAME
            if model and not same:
                exact = _prompt_again(old, read(model, "float32"), store)
                shipped, recomputed = _cosine(old, exact), _cosine(new, exact)
                same = bool(np.arccos(shipped) <= ROUNDING * np.arccos(recomputed))
            rows.append({"name": old.name, "kind": old.kind, "cosine": cosine, "shipped": shipped,
                         "recomputed": recomputed, "same_key": old.key == new.key, "same": same})  # fmt: skip
    return rows


def _cosine(one: TaskEmbedding, other: TaskEmbedding) -> float:
    cosine = one.vector @ other.vector / (np.linalg.norm(one.vector) * np.linalg.norm(other.vector))
    return round(min(1.0, float(cosine)), 6)


def _again(item: Item, store: Store) -> TaskEmbedding:
    """A dataset's or a black box's embedding, computed anew."""
    if item.embedding.kind == "dataset":
        return dataset_item(item.embedding.name, store, Recipe()).embedding
    parts = dataset_parts(item.facts["dataset"])
    box = train_box(item.facts["architecture"], parts, encoder_trainer(store))
    return _box_item(box, parts.train, store, Recipe(), DATA).embedding


def _prompt_again(old: TaskEmbedding, model: LanguageModel, store: Store) -> TaskEmbedding:
    """A prompt's embedding, its answers asked anew."""
    from fute_core.predictors.prompted_lm import PromptedLM
    from fute_core.templates.loading import shipped_prompts

    predictor = PromptedLM(shipped_prompts()[old.name], model)
    return embed_model(predictor, Recipe(), store, name=old.name, pair=old.provenance.pair, kind="prompt")
