"""What the space is worth on data that had no say in it: datasets of your own folder, with classifiers trained on them.

    python benchmarks/outside.py FOLDER [--json]

FOLDER is laid out as `fute eval --data` wants it. Of each English dataset of single texts with labels that does not
ship, half of the training rows make its embedding, the other half three black boxes; those of skill 0.3 and more are
judged. Nothing of them shapes the space. Kin are items of one family but of other datasets. By pair of kinds, between
two outside items ("new") and an outside and a shipped one ("ref"): the area under kin against strangers, the same with
every family counted alike, the share of kin above the level that one in twenty strangers reach by the shipped scale,
and the share of strangers above it. Then how often a classifier has its own dataset first among all.
"""

import argparse
import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from fute_core.atlas.gallery import Item, load_gallery
from fute_core.datasets.catalog import shipped_datasets
from fute_core.embedding.recipe import Recipe
from fute_core.errors import BadInput
from fute_core.evaluation.parts.boxes import TRAINERS
from fute_core.evaluation.parts.gallery_items import box_items, dataset_item
from fute_core.evaluation.parts.left_out import LeftOut
from fute_core.evaluation.parts.reference import task_of
from fute_core.space.scale import CLAIM_ERROR
from fute_core.store.unnamed import UnnamedStore

SKILL = 0.3
PAIRS = (("dataset", "dataset"), ("model", "dataset"), ("model", "model"))


def outside_items(folder: Path) -> list[Item]:
    """Every usable dataset of a folder, and its skilled black boxes."""
    store, recipe, found = UnnamedStore(), Recipe(), []
    for name, card in shipped_datasets(folder).items():
        if (
            name in shipped_datasets()
            or card.get("pair")
            or card.get("regression")
            or card.get("language", "en") != "en"
        ):
            continue
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


def judged(similarity: np.ndarray, items: list[Item], chosen: list[tuple[int, int]], level: float) -> dict[str, float]:
    """Area, area with families alike, power and false alarms of some pairs."""
    values = np.array([similarity[p] for p in chosen])
    families = np.array([items[i].embedding.family for i, _ in chosen])
    kin = np.array([items[i].embedding.family == items[j].embedding.family for i, j in chosen])
    strangers = values[~kin]
    each = [
        roc_auc_score(np.r_[np.ones(own.sum()), np.zeros(len(strangers))], np.r_[values[own], strangers])
        for own in (kin & (families == family) for family in sorted(set(families[kin])))
    ]
    return {
        "kin": int(kin.sum()), "area": float(roc_auc_score(kin, values)), "families_alike": float(np.mean(each)),
        "power": float((values[kin] >= level).mean()), "false_alarms": float((strangers >= level).mean()),
    }  # fmt: skip


def study(folder: Path) -> dict:
    """All figures."""
    gallery = load_gallery(False)
    items = [*gallery.items, *outside_items(folder)]
    shipped, m = len(gallery.items), len(gallery.basis)
    similarity = LeftOut.of(items, gallery.basis, [m]).similarities(range(shipped), [m])[m]
    new = list(range(shipped, len(items)))
    known = [i for i, item in enumerate(gallery.items) if item.embedding.kind != "prompt"]
    found: dict = {"outside": len(new), "pairs": {}}
    for kinds in PAIRS:
        for what, beside, newcomers in (("new", new, 2), ("ref", known, 1)):
            level = float(np.quantile(gallery.scale.reference(*kinds, newcomers), 1 - CLAIM_ERROR))
            chosen = list(pairs(items, new, beside, kinds))
            found["pairs"][f"{kinds[0]} {kinds[1]} {what}"] = judged(similarity, items, chosen, level)
    datasets = [i for i, item in enumerate(items) if item.embedding.kind == "dataset"]
    first = {i: datasets[int(similarity[i, datasets].argmax())] for i in new if items[i].embedding.kind == "model"}
    own = [task_of(items[i]) == items[j].embedding.name for i, j in first.items()]
    found["own_first"] = {"value": float(np.mean(own)), "n": len(own), "among": len(datasets)}
    found["ratio"] = float(np.mean([row["area"] for row in found["pairs"].values()]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = study(arguments.folder)
    if arguments.json:
        print(json.dumps(found, indent=1))
        return
    print(f"{'pair':24s} {'kin':>5s} {'area':>6s} {'alike':>6s} {'power':>6s} {'false':>6s}")
    for name, row in found["pairs"].items():
        numbers = " ".join(f"{row[k]:6.3f}" for k in ("area", "families_alike", "power", "false_alarms"))
        print(f"{name:24s} {row['kin']:5d} {numbers}")
    own = found["own_first"]
    print(f"Own dataset first among {own['among']}: {own['value']:.3f} of {own['n']} classifiers of skill {SKILL}.")
    print(f"Mean area: {found['ratio']:.3f}")


if __name__ == "__main__":
    main()
