"""What the space is worth on data that had no say in it: datasets of your own folder, with classifiers trained on them.

    python benchmarks/outside.py FOLDER [--counts 512,1024,2048] [--json]

FOLDER is laid out as `fute eval --data` wants it. Of each English dataset of single texts with labels that does not
ship, half of the training rows make its embedding, the other half three black boxes; those of skill 0.3 and more are
judged. Nothing of them shapes the space. Kin are items of one family but of other datasets. By pair of kinds, between
two outside items ("new") and an outside and a shipped one ("ref"): the area under kin against strangers, the same with
every family counted alike, the share of kin above the level that one in twenty strangers reach by the shipped scale,
and the share of strangers above it. Then how often a classifier has its own dataset first among all. The same with
every item, and with every family, counted alike in the means (`benchmarks/strangers.py`); there the level is that of
these strangers.

    --counts N,N,... : by so many probe texts instead, without Fisher, with the three cheap kinds of classifiers on both
                       sides trained anew (a quarter of an hour, less where texts were read before)
"""

import argparse
import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
from probe_counts import answered, at, with_labels
from sklearn.metrics import roc_auc_score
from strangers import FORMS, MEANS, Bench

from fute_core.atlas.gallery import Item, load_gallery
from fute_core.datasets.catalog import shipped_datasets
from fute_core.datasets.probes import all_probes
from fute_core.embedding.recipe import Recipe
from fute_core.errors import BadInput
from fute_core.evaluation.parts.boxes import TRAINERS
from fute_core.evaluation.parts.gallery_items import box_items, dataset_item
from fute_core.evaluation.parts.reference import task_of
from fute_core.models.surrogate import load_surrogate
from fute_core.space.scale import CLAIM_ERROR, Scale
from fute_core.store.unnamed import UnnamedStore

SKILL = 0.3
PAIRS = (("dataset", "dataset"), ("model", "dataset"), ("model", "model"))


def usable(folder: Path) -> list[str]:
    """English datasets of single texts with labels that do not ship, and whose rows are there."""
    shipped = shipped_datasets()
    return [
        name
        for name, card in shipped_datasets(folder).items()
        if name not in shipped
        and not (card.get("pair") or card.get("regression"))
        and card.get("language", "en") == "en"
        and (folder / "datasets" / f"{name}.jsonl").exists()
    ]


def outside_items(folder: Path) -> list[Item]:
    """Every usable dataset of a folder, and its skilled black boxes."""
    store, recipe, found = UnnamedStore(), Recipe(), []
    for name in usable(folder):
        try:
            boxes = box_items(name, store, recipe, folder, tuple(TRAINERS))
            found += [dataset_item(name, store, recipe, folder), *(b for b in boxes if b.facts["skill"] >= SKILL)]
        except BadInput as error:
            print(f"{name} is left out: {error}")
    return found


def pairs(items: list[Item], new: list[int], beside: list[int], kinds: tuple[str, str]) -> Iterator[tuple[int, int]]:
    """Pairs of other datasets, the newcomer first; two newcomers once."""
    for i, j in product(new, beside):
        of = (items[i].embedding.kind, items[j].embedding.kind)
        twice = beside is new and of[0] == of[1] and j >= i
        if of == kinds and not twice and task_of(items[i]) != task_of(items[j]):
            yield i, j


def judged(
    similarity: np.ndarray, items: list[Item], chosen: list[tuple[int, int]], level: float | None
) -> dict[str, float]:
    """Area, area with families alike, power and false alarms of some pairs."""
    values = np.array([similarity[p] for p in chosen])
    families = np.array([items[i].embedding.family for i, _ in chosen])
    kin = np.array([items[i].embedding.family == items[j].embedding.family for i, j in chosen])
    strangers = values[~kin]
    level = float(np.quantile(strangers, 1 - CLAIM_ERROR)) if level is None else level
    each = [
        roc_auc_score(np.r_[np.ones(own.sum()), np.zeros(len(strangers))], np.r_[values[own], strangers])
        for own in (kin & (families == family) for family in sorted(set(families[kin])))
    ]
    return {
        "kin": int(kin.sum()), "area": float(roc_auc_score(kin, values)), "families_alike": float(np.mean(each)),
        "power": float((values[kin] >= level).mean()), "false_alarms": float((strangers >= level).mean()),
    }  # fmt: skip


def figures(similarity: np.ndarray, items: list[Item], shipped: int, scale: Scale | None) -> dict:
    """All figures of one form; without a scale the level is what one in twenty of these strangers reach."""
    new, known, found = list(range(shipped, len(items))), list(range(shipped)), {}
    for kinds in PAIRS:
        for what, beside, newcomers in (("new", new, 2), ("ref", known, 1)):
            level = None
            if scale is not None:
                level = float(np.quantile(scale.reference(*kinds, newcomers), 1 - CLAIM_ERROR))
            found[f"{kinds[0]} {kinds[1]} {what}"] = judged(
                similarity, items, list(pairs(items, new, beside, kinds)), level
            )
    datasets = [i for i, item in enumerate(items) if item.embedding.kind == "dataset"]
    first = {i: datasets[int(similarity[i, datasets].argmax())] for i in new if items[i].embedding.kind == "model"}
    own = [task_of(items[i]) == items[j].embedding.name for i, j in first.items()]
    return {
        "pairs": found, "own_first": {"value": float(np.mean(own)), "n": len(own), "among": len(datasets)},
        "area": float(np.mean([row["area"] for row in found.values()])),
    }  # fmt: skip


def by_form(folder: Path) -> dict[str, dict]:
    """What ships, and other means."""
    gallery = load_gallery(False)
    shipped = [item for item in gallery.items if item.embedding.kind != "prompt"]
    items = [*shipped, *outside_items(folder)]
    bench, found = Bench(items, gallery.basis), {}
    for name in MEANS:
        similarity = bench.similarities(np.arange(len(shipped)), FORMS[name])
        found[name] = figures(similarity, items, len(shipped), gallery.scale if name == "ships" else None)
    return found


def by_count(folder: Path, counts: list[int]) -> dict[str, dict]:
    """What ships by numbers of probe texts, without Fisher."""
    texts = all_probes(False).texts[: max(counts)]
    shipped = answered(texts, with_labels())
    outside = [item for name in usable(folder) for item in answered(texts, [name], folder)]
    items = [*shipped, *(i for i in outside if i.facts.get("skill", 1.0) >= SKILL)]
    features = load_surrogate().features(texts)
    found = {}
    for n in counts:
        made, basis, _ = at(n, items, features)
        similarity = Bench(made, basis).similarities(np.arange(len(shipped)), FORMS["ships"])
        found[f"{n} texts"] = figures(similarity, made, len(shipped), None)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--counts", help="numbers of probe texts, what ships first")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    counts = [int(n) for n in arguments.counts.split(",")] if arguments.counts else []
    found = by_count(arguments.folder, counts) if counts else by_form(arguments.folder)
    first, *others = found.values()
    if arguments.json:
        print(json.dumps({"ratio": first["area"] / max(row["area"] for row in others), "forms": found}, indent=1))
        return
    for form, of in found.items():
        own = of["own_first"]
        print(f"{form}: own dataset first among {own['among']} {own['value']:.3f} of {own['n']}")
        print(f"    {'pair':20s} {'kin':>5s} {'area':>6s} {'alike':>6s} {'power':>6s} {'false':>6s}")
        for name, row in of["pairs"].items():
            numbers = " ".join(f"{row[k]:6.3f}" for k in ("area", "families_alike", "power", "false_alarms"))
            print(f"    {name:20s} {row['kin']:5d} {numbers}")


if __name__ == "__main__":
    main()
