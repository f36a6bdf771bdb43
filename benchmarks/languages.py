"""Do datasets in other languages land beside the English ones that do their job, on an encoder that reads both?

    python benchmarks/languages.py FOLDER [--surrogates bge-small,e5-small] [--json]

FOLDER is laid out as `fute eval --data` wants it. Its datasets of single texts with labels that are not English are
compared with the shipped ones, all by the functional method, in the space that shipped datasets and classifiers shape
on each encoder. The probe texts are the English ones. Judged are datasets whose family ships: how often the nearest
shipped dataset is of their family, its mean reciprocal rank, and the area under kin against strangers. Features of each
encoder are kept, so that a second run takes seconds (the first a quarter of an hour).
"""

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from strangers import FORMS, Bench, shipped_by

from fute_core.datasets.catalog import shipped_datasets
from fute_core.embedding.recipe import Recipe
from fute_core.evaluation.parts.gallery_items import dataset_item
from fute_core.evaluation.parts.reference import recipe_basis
from fute_core.store.session import chosen_store


def foreign(folder: Path) -> dict[str, str]:
    """Datasets of single texts with labels in other languages than English, with their language."""
    return {
        name: card["language"]
        for name, card in shipped_datasets(folder).items()
        if card.get("language", "en") not in ("en", "code")
        and not (card.get("pair") or card.get("regression"))
        and (folder / "datasets" / f"{name}.jsonl").exists()
    }


def on(surrogate: str, folder: Path) -> dict:
    """Figures on one encoder, with a row for each dataset."""
    store, recipe = chosen_store(None), Recipe("functional", surrogate=surrogate)
    shipped = shipped_by(recipe, store)
    languages = foreign(folder)
    items = [*shipped, *(dataset_item(name, store, recipe, folder) for name in languages)]
    similarity = Bench(items, recipe_basis(recipe, False, store)).similarities(np.arange(len(shipped)), FORMS["ships"])
    known = [i for i, item in enumerate(shipped) if item.embedding.kind == "dataset"]
    families = np.array([items[i].embedding.family for i in known])
    rows, kin, strangers = [], [], []
    for i, (name, language) in enumerate(languages.items(), len(shipped)):
        to, own = similarity[i, known], items[i].embedding.family == families
        kin += list(to[own])
        strangers += list(to[~own])
        nearest = items[known[int(to.argmax())]].embedding
        rows.append({
            "dataset": name, "language": language, "family": items[i].embedding.family, "nearest": nearest.name,
            "similarity": float(to.max()), "rank": rank(to, own), "by_chance": float(own.mean()),
        })  # fmt: skip
    judged = [row for row in rows if row["rank"] is not None]
    return {
        "n": len(judged), "family_first": float(np.mean([row["rank"] == 1 for row in judged])),
        "family_first_by_chance": float(np.mean([row["by_chance"] for row in judged])),
        "family_mrr": float(np.mean([1 / row["rank"] for row in judged])),
        "area": float(roc_auc_score([1] * len(kin) + [0] * len(strangers), kin + strangers)), "datasets": rows,
    }  # fmt: skip


def rank(to: NDArray[np.float64], own: NDArray[np.bool_]) -> int | None:
    """Where the first of the family comes; None where none ships."""
    return 1 + int((to > to[own].max()).sum()) if own.any() else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--surrogates", default="bge-small,e5-small")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = {surrogate: on(surrogate, arguments.folder) for surrogate in arguments.surrogates.split(",")}
    if arguments.json:
        first, *_, last = found.values()
        print(json.dumps({"ratio": last["family_mrr"] / first["family_mrr"], "surrogates": found}, indent=1))
        return
    for surrogate, of in found.items():
        print(f"{surrogate}: family first {of['family_first']:.2f} of {of['n']} ({of['family_first_by_chance']:.2f} by "
              f"chance), MRR {of['family_mrr']:.2f}, area {of['area']:.2f}")  # fmt: skip
        for row in of["datasets"]:
            print(f"    {row['dataset']:24s} {row['language']:6s} {row['family']:24s} {row['nearest']:20s} "
                  f"{row['similarity']:.2f}  rank {row['rank'] or '-'}")  # fmt: skip


if __name__ == "__main__":
    main()
