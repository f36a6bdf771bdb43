"""Which datasets' jobs do classifiers of other datasets do, as measured on rows, and does the similarity tell?

    python benchmarks/jobs_of_classifiers.py FOLDER [--json]

A family says that two datasets ask the same; it does not say that a model of one does the job of the other. Word models
that learnt sentiment from 260 headlines about companies know no word of a film review. So each classifier answers the
test rows of datasets that it was not trained on; from half of its answers a logistic regression reads their labels, and
the skill on the other half (both ways) by that of the dataset's own head, read the same way, is the share of the job
that the classifier does (`benchmarks/shared_jobs.py`). It does the job from half of it on.

Classifiers are of the three kinds that train in seconds, of skill 0.3 and more: those of the shipped datasets, and
those of FOLDER's English datasets that do not ship, which shaped nothing. Datasets are those that ship, with labels
over single texts, whose own head has a skill of 0.5 and more: of less, half is soon read by luck. Printed for both:
how many pairs of one family there are and how many of them do the job; then, of all pairs, the area of those that do
it against those that do not, and the share of them that pass the level which one in twenty newcomers for another job
pass (`closer than 19 in 20`). The headline `ratio` is the power at that level where the job is done over the power
among pairs of one family, for newcomers. Ten minutes.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from outside import usable
from probe_counts import with_labels
from scipy.stats import spearmanr
from shared_jobs import ROWS, SHARED, read_skill
from sklearn.metrics import roc_auc_score
from strangers import FORMS, SKILL, Bench

from fute_core.atlas.gallery import Gallery, load_gallery
from fute_core.embedding.recipe import Recipe
from fute_core.errors import BadInput
from fute_core.evaluation.parts.boxes import TRAINERS, Box, train_box
from fute_core.evaluation.parts.gallery_items import box_item
from fute_core.evaluation.parts.rows import dataset_parts, test_rows
from fute_core.home import DATA
from fute_core.methods.fused import Fused
from fute_core.methods.heads import fit_head
from fute_core.models.surrogate import load_surrogate
from fute_core.space.scale import CLAIM_ERROR
from fute_core.store.unnamed import UnnamedStore
from fute_core.tasks import TaskDataset

FLOOR, ABLE = 1e-4, 0.5
"""Probabilities below say no more than that a label is not meant; the least skill of a dataset's own head."""


def boxes_of(names: list[str], folder: Path) -> list[Box]:
    """The skilled classifiers of some datasets."""
    found = []
    for name in names:
        try:
            parts = dataset_parts(name, folder)
            found += [box for kind in TRAINERS if (box := train_box(kind, parts)).skill >= SKILL]
        except BadInput as error:
            print(f"{name} is left out: {error}")
    return found


def own_skills(datasets: dict[str, TaskDataset]) -> dict[str, float]:
    """Of each dataset's own head on its test rows."""
    surrogate, found = load_surrogate(), {}
    for name, test in datasets.items():
        rows = dataset_parts(name).dte
        head = fit_head(surrogate.features(rows.texts), rows.targets, C=Fused.functional_C)
        found[name] = read_skill(head.logits(surrogate.features(test.texts)), test.targets.argmax(1))
    return found


def done(box: Box, test: TaskDataset, own: float) -> float:
    """The share of a dataset's job that a classifier does."""
    answers = np.log(np.maximum(box.predictor.predict_proba(test.texts), FLOOR))
    return max(0.0, read_skill(answers, test.targets.argmax(1)) / own)


def judged(
    similarity: NDArray[np.float64], share: NDArray[np.float64], kin: NDArray[np.bool_], level: float
) -> dict[str, float]:
    """Figures of some pairs, each (n,)."""
    does = share >= SHARED
    above = similarity >= level
    return {
        "pairs": len(share), "does": int(does.sum()), "kin": int(kin.sum()), "kin_that_do": int((does & kin).sum()),
        "area": float(roc_auc_score(does, similarity)), "power": float(above[does].mean()),
        "power_of_kin": float(above[kin].mean()), "power_of_kin_that_do": float(above[kin & does].mean()),
        "spearman": float(spearmanr(similarity, share)[0]),
    }  # fmt: skip


def study(folder: Path) -> dict:
    """All figures."""
    gallery: Gallery = load_gallery(False)
    items = [item for item in gallery.items if item.embedding.kind != "prompt"]
    shaping, store, recipe = len(items), UnnamedStore(), Recipe()
    level = float(np.quantile(gallery.scale.reference("model", "dataset", 1), 1 - CLAIM_ERROR))
    tests = {name: test_rows(name, ROWS) for name in with_labels()}
    own = {name: skill for name, skill in own_skills(tests).items() if skill >= ABLE}
    boxes = {"classifiers that ship": boxes_of(with_labels(), DATA), "newcomers": boxes_of(usable(folder), folder)}
    families = {item.embedding.name: item.embedding.family for item in items if item.embedding.kind == "dataset"}
    for box in boxes["newcomers"]:
        items.append(box_item(box, dataset_parts(box.dataset, folder).train, store, recipe, folder))
    at = {(item.embedding.kind, item.embedding.name): k for k, item in enumerate(items)}
    similarity = Bench(items, gallery.basis).similarities(np.arange(shaping), FORMS["ships"])
    found: dict = {"level": level, "datasets": len(own), "of": {}}
    for what, those in boxes.items():
        rows = []
        for box in those:
            item = items[at["model", box.name]]
            for name, skill in own.items():
                if name != box.dataset:
                    share = done(box, tests[name], skill)
                    alike = float(similarity[at["model", box.name], at["dataset", name]])
                    rows.append((alike, share, families[name] == item.embedding.family, box.name, name))
        alike, share, kin = (np.array([row[k] for row in rows]) for k in range(3))
        found["of"][what] = {
            "classifiers": len(those), **judged(alike, share, kin, level),
            "rows": rows,
        }  # fmt: skip
    new = found["of"]["newcomers"]
    return {"ratio": new["power"] / max(new["power_of_kin"], 1e-9), **found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = study(arguments.folder)
    if arguments.json:
        print(json.dumps(found, indent=1))
        return
    for what, row in found["of"].items():
        print(f"{what}: {row['classifiers']}, beside {found['datasets']} datasets of other names: {row['pairs']} "
              f"pairs, {row['does']} do the job; of {row['kin']} of one family {row['kin_that_do']} do")  # fmt: skip
        print(f"    area of those that do it {row['area']:.2f}, above the level {row['power']:.2f}; of one family "
              f"above it {row['power_of_kin']:.2f}, of those that do it {row['power_of_kin_that_do']:.2f}; Spearman "
              f"{row['spearman']:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
