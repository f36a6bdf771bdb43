"""One model, one place? What the place of a classifier loses when its answers are harder, rounded or cut off.

    python benchmarks/sharpness.py [FOLDER] [--json]

The answers of black boxes are changed as files of outputs come in practice, and placed beside the datasets anew:

    labels alone          one-hot
    likeliest, rest even  the probability of the likeliest label, and what it lacks of 1 spread evenly over the others
    two, rest even        the same of the two likeliest
    two, scaled           the two likeliest scaled to sum to 1, so that what they lacked is lost
    two decimals, one     rounded, and scaled to sum to 1
    temperature 0.1, ...  sharpened or softened

For the shipped boxes of skill 0.5 and more, which have shaped the space by their own answers, and with FOLDER (laid out
as `fute eval --data` wants it) for those of its English datasets that do not ship, of skill 0.3 and more, whose own
datasets are added: how often the nearest dataset is the one that the answers as they are have, how often it is their
own, and how many would be told to do or to be kin to a job that ships. Each reading loses the mean of the models that
ship, and beside it that of the same models read in the same way (*own mean*). The headline `ratio` is the share of own
datasets found by labels alone over that by answers as they are, of newcomers where there are any.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from outside import outside_items

from fute_core.atlas.gallery import Gallery, Item, load_gallery
from fute_core.evaluation.parts.left_out import LeftOut
from fute_core.evaluation.parts.reference import task_of
from fute_core.predictors.probabilities import normalised, with_rest_spread
from fute_core.space.factors import Factors, centred_cosines
from fute_core.space.verdict import judge

SKILLED, SKILL = 0.5, 0.3
Answers = NDArray[np.float64]


def labels_alone(p: Answers) -> Answers:
    """One-hot."""
    return np.eye(p.shape[1])[p.argmax(1)]


def likeliest(p: Answers, k: int, scaled: bool = False) -> Answers:
    """The k likeliest labels: scaled to sum to 1, or with what they lack spread evenly."""
    known = np.where(np.argsort(np.argsort(-p, 1, kind="stable"), 1) < k, p, np.nan)
    return np.asarray(normalised(np.nan_to_num(known)) if scaled else with_rest_spread(known), np.float64)


def tempered(p: Answers, temperature: float) -> Answers:
    """Sharper below 1, softer above."""
    return np.asarray(normalised(np.maximum(p, 1e-12) ** (1 / temperature)), np.float64)


READINGS: dict[str, Callable[[Answers], Answers]] = {
    "as they are": lambda p: p,
    "labels alone": labels_alone,
    "likeliest, rest even": lambda p: likeliest(p, 1),
    "two, rest even": lambda p: likeliest(p, 2),
    "two, scaled": lambda p: likeliest(p, 2, scaled=True),
    "two decimals": lambda p: np.asarray(normalised(p.round(2)), np.float64),
    "one decimal": lambda p: np.asarray(normalised(p.round(1)), np.float64),
    "temperature 0.1": lambda p: tempered(p, 0.1),
    "temperature 0.3": lambda p: tempered(p, 0.3),
    "temperature 3": lambda p: tempered(p, 3.0),
}


def read(box: Item, reading: Callable[[Answers], Answers]) -> Item:
    """A black box with its answers read in another way, as a newcomer on no known language model."""
    assert box.answers is not None
    changed = reading(box.answers.astype(np.float64)).astype(np.float32)
    return Item(replace(box.embedding, key=f"{box.embedding.key} again"), box.facts, changed)


def beside_datasets(
    shipped: Sequence[Item], datasets: Sequence[Item], boxes: Sequence[Item], means: Sequence[Item], basis: Answers
) -> Answers:
    """Similarities (boxes, datasets) in the space that the shipped items shape, the boxes centred on models `means`."""
    others = [item for item in datasets if item not in shipped]
    items = [*shipped, *others, *boxes, *means]
    rest = list(range(len(shipped)))
    found = LeftOut.of(items, basis, [len(basis)])
    kernel = (whole := Factors.of(found.factors[len(basis)], found._whitening(rest))).inner(whole)
    weights = found._weights(rest, kernel)
    if means:
        start = len(shipped) + len(others)
        alone = [i for i, item in enumerate(items[: len(shipped)]) if item.embedding.kind != "model"]
        own = [*alone, *range(start + len(boxes), len(items))]
        weights[start : start + len(boxes)] = found._weights(own, kernel)[start : start + len(boxes)]
    cosines = centred_cosines(kernel, weights, kernel, kernel)
    columns = [items.index(item) for item in datasets]
    first = len(shipped) + len(others)
    return np.asarray(cosines[first : first + len(boxes)][:, columns])


def judged(found: Answers, usual: Answers, boxes: Sequence[Item], datasets: Sequence[Item], gallery: Gallery) -> dict:
    """Figures of some boxes, (n, datasets) both."""
    nearest, ships = found.argmax(1), np.array([item in gallery.items for item in datasets])
    own = [task_of(box) == datasets[d].embedding.name for box, d in zip(boxes, nearest, strict=True)]
    known = np.where(ships, found, -np.inf).argmax(1)
    claims = [
        judge(gallery.scale, "model", datasets[d].embedding, float(row[d])).job in ("same", "kin")
        for row, d in zip(found, known, strict=True)
    ]
    return {
        "n": len(boxes), "same_nearest": float((nearest == usual.argmax(1)).mean()), "own_first": float(np.mean(own)),
        "told_kin": float(np.mean(claims)),
    }  # fmt: skip


def study(folder: Path | None) -> dict:
    """All figures by group of boxes, reading and mean."""
    gallery = load_gallery(False)
    shipped = [item for item in gallery.items if item.embedding.kind != "prompt"]
    models = [item for item in shipped if item.embedding.kind == "model"]
    outside = outside_items(folder) if folder else []
    groups = {"shipped": [item for item in models if item.facts["skill"] >= SKILLED]}
    if outside:
        groups["newcomers"] = [i for i in outside if i.embedding.kind == "model" and i.facts["skill"] >= SKILL]
    datasets = [item for item in (*shipped, *outside) if item.embedding.kind == "dataset"]
    boxes = [box for group in groups.values() for box in group]
    usual = beside_datasets(shipped, datasets, [read(b, READINGS["as they are"]) for b in boxes], (), gallery.basis)
    at = np.repeat(list(groups), [len(group) for group in groups.values()])
    found: dict = {}
    for name, reading in READINGS.items():
        for mean in ("", "own mean"):
            means = [read(model, reading) for model in models] if mean else []
            now = beside_datasets(shipped, datasets, [read(b, reading) for b in boxes], means, gallery.basis)
            for group, of in groups.items():
                mine = at == group
                row = judged(now[mine], usual[mine], of, datasets, gallery)
                found.setdefault(group, {}).setdefault(name, {})[mean or "mean of models"] = row
    last = list(found.values())[-1]
    hard, soft = (last[name]["mean of models"]["own_first"] for name in ("labels alone", "as they are"))
    return {"ratio": hard / soft, "groups": found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = study(arguments.folder)
    if arguments.json:
        print(json.dumps(found, indent=1))
        return
    for group, readings in found["groups"].items():
        print(f"{group}: nearest dataset the same, own dataset nearest, told to have kin")
        for name, means in readings.items():
            for mean, row in means.items():
                print(f"    {name:22s} {mean:15s} {row['same_nearest']:.2f}  {row['own_first']:.2f}  "
                      f"{row['told_kin']:.2f}  of {row['n']}")  # fmt: skip


if __name__ == "__main__":
    main()
