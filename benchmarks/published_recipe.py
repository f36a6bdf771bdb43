"""The published recipe on the same items: prefixes at the paper's settings, averaged over layers, plain cosine.

    python benchmarks/published_recipe.py [--datasets N] [--json]

DTEs of the shipped single-text datasets and MTEs of their black boxes of skill 0.3 and more, by the prefix method with
its preset "paper" on the default surrogate, compared by cosine as they are; beside them the shipped vectors in the
shipped way. Training takes about a minute a dataset and core; what is done is kept in the store.
"""

import argparse
import json

import numpy as np
from unified_space import Bench

from fute_core.analysis.skill import WEAK
from fute_core.datasets.probes import load_probes
from fute_core.embedding.pipelines import embed_dataset, embed_model
from fute_core.embedding.recipe import Recipe
from fute_core.evaluation.parts.rows import dataset_parts
from fute_core.methods.fused import Fused
from fute_core.store.unnamed import UnnamedStore

PUBLISHED_NAME, OURS = "published recipe", "whitened, centred by kind, Fisher"
PUBLISHED = Recipe(method="prefix", params={"preset": "paper"})


class Answered:
    """A black box whose answers on the probe texts are known."""

    def __init__(self, item):
        self.labels = tuple(map(str, item.facts["labels"]))
        self._answers = dict(zip(load_probes(False).texts, item.answers, strict=True))
        self._known_as = item.embedding.key

    def predict_proba(self, texts):
        rows = np.array([self._answers[text] for text in texts], np.float32)
        return rows / rows.sum(1, keepdims=True)

    def fingerprint(self):
        return f"answers of {self._known_as}"


class Part(Bench):
    """The bench with its first `count` datasets and their black boxes that can do something."""

    def __init__(self, count: int | None):
        super().__init__()
        everything = self.similarity(self.factors(), fisher=Fused.fisher_weight)
        names = list(dict.fromkeys(self.task[self.kind == "dataset"]))[:count]
        keep = [
            i for i, task in enumerate(self.task)
            if task in names and (self.kind[i] == "dataset" or self.skill[i] >= WEAK)
        ]  # fmt: skip
        self.ours = everything[np.ix_(keep, keep)]
        self.items = [self.items[i] for i in keep]
        self.answers = [self.answers[i] for i in keep]
        self.kind, self.family, self.task, self.skill = (
            a[keep] for a in (self.kind, self.family, self.task, self.skill)
        )

    def published(self) -> np.ndarray:
        """Cosines (n, n) of vectors by the published recipe."""
        store, vectors = UnnamedStore(), []
        for item in self.items:
            own = item.embedding
            if own.kind == "dataset":
                vectors.append(embed_dataset(dataset_parts(own.name).dte, PUBLISHED, store).vector)
                print(f"{own.name}: {len(vectors)} of {len(self.items)}", flush=True)
            else:
                vectors.append(embed_model(Answered(item), PUBLISHED, store, name=own.name).vector)
        stacked = np.array(vectors, np.float64)
        stacked /= np.linalg.norm(stacked, axis=1, keepdims=True)
        return stacked @ stacked.T


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--datasets", type=int)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    bench = Part(given.datasets)
    rows = {PUBLISHED_NAME: bench.figures(bench.published()), OURS: bench.figures(bench.ours)}
    if given.json:
        ratio = rows[OURS]["skilled_own_top1"] / max(rows[PUBLISHED_NAME]["skilled_own_top1"], 1e-9)
        print(json.dumps({"ratio": ratio, "rows": rows}, indent=1))
        return
    print("columns: " + ", ".join(rows[OURS]))
    for name, figures in rows.items():
        print(f"{name:42s}" + "".join(f"{value:8.2f}" for value in figures.values()))


if __name__ == "__main__":
    main()
