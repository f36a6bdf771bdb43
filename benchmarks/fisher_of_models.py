"""Would Fisher vectors of models help, and Fisher freed of what the texts alone do?

    python benchmarks/fisher_of_models.py [--datasets N] [--json]

Models get no Fisher part in the shipped space. Here they do: datasets on their rows, black boxes of skill 0.3 and more
on the probe texts that they answered. `domain-normalised` subtracts the logarithms that the same texts give under
answers in another order, so that what is left is the answers' doing. Both stand alone, and at weights beside what
ships. About ten seconds an item; what is done is kept in the store.
"""

import argparse
import json
from dataclasses import replace

import numpy as np
from published_recipe import Answered, Part

from fute_core.embedding.pipelines import embed_dataset, embed_model
from fute_core.embedding.recipe import Recipe
from fute_core.evaluation.parts.rows import dataset_parts
from fute_core.space.blocks import scale_blocks
from fute_core.store.unnamed import UnnamedStore

FISHER = Recipe("fisher")
WEIGHTS = (0.25, 0.5, 1.0)


class Shuffled(Answered):
    """A black box that gives its answers to the wrong texts."""

    def __init__(self, item):
        super().__init__(item)
        order = np.random.default_rng(0).permutation(len(self._answers))
        rows = list(self._answers.values())
        self._answers = {text: rows[i] for text, i in zip(self._answers, order, strict=True)}

    def fingerprint(self):
        return f"{super().fingerprint()}, shuffled"


def fisher_vectors(bench: Part) -> tuple[np.ndarray, np.ndarray]:
    """Scaled logarithms (n, d) of every item's Fisher, and of that under shuffled answers."""
    store, rows = UnnamedStore(), {False: [], True: []}
    for count, item in enumerate(bench.items, 1):
        own = item.embedding
        for shuffled in rows:
            if own.kind == "dataset":
                data = dataset_parts(own.name).dte
                if shuffled:
                    order = np.random.default_rng(0).permutation(len(data.texts))
                    data = replace(data, targets=data.targets[order])
                made = embed_dataset(data, FISHER, store)
            else:
                made = embed_model((Shuffled if shuffled else Answered)(item), FISHER, store, name=own.name)
            rows[shuffled].append(scale_blocks(made.values, made.value_blocks))
        print(f"{own.name}: {count} of {len(bench.items)}", flush=True)
    return np.array(rows[False]), np.array(rows[True])


def centred_cosines(vectors: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Cosines (n, n) after each kind's mean is taken away."""
    rows = vectors.copy()
    for k in np.unique(kind):
        rows[kind == k] -= rows[kind == k].mean(0)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows @ rows.T


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--datasets", type=int)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    bench = Part(given.datasets)
    plain, shuffled = fisher_vectors(bench)
    table = {"as shipped": bench.figures(bench.ours)}
    for name, vectors in (("Fisher", plain), ("domain-normalised Fisher", plain - shuffled)):
        cosines = centred_cosines(vectors, bench.kind)
        table[f"{name} alone"] = bench.figures(cosines)
        for weight in WEIGHTS:
            table[f"as shipped + {weight} {name}"] = bench.figures(bench.ours + weight * cosines)
    if given.json:
        best = max(table, key=lambda name: table[name]["skilled_own_top1"])
        ratio = table[best]["skilled_own_top1"] / table["as shipped"]["skilled_own_top1"]
        print(json.dumps({"ratio": ratio, "rows": table}, indent=1))
        return
    for name, figures in table.items():
        print(f"{name:44s}" + "".join(f"{value:8.2f}" for value in figures.values()))
    print("columns: " + ", ".join(table["as shipped"]))


if __name__ == "__main__":
    main()
