"""How often a winner is named among candidates that do equally well, and how often the better one is found.

    python benchmarks/false_winners.py [--trials 40] [--texts 512] [--json]

Each trial draws fresh probe texts, a dataset that answers them by one direction of their features, and n candidates
whose answers are the dataset's with noise of their own and a share that all of them have in common, as paraphrases
have. The truth is known: how often a candidate gives the dataset's label depends on its noise alone. All get 70 of 100
right; or one gets 80 or 90. `fute_core.analysis.ranking.select` is asked for a winner.
"""

import argparse
import json

import numpy as np

from fute_core.analysis.ranking import Rankable, select
from fute_core.gram import gram_factor, triangle_length
from fute_core.methods.functional import centre, probe_basis
from fute_core.space.calibration import Calibrator
from fute_core.tasks import Kind
from fute_core.vectors import Block, Provenance, TaskEmbedding

FEATURES = 384
SIGNAL = 40
"""Leading directions of the features that the dataset's job depends on."""
SHARED = 0.3
"""Share of the noise that all candidates have in common."""
BASE = 0.7


def noise_for(accuracy: float) -> float:
    """Noise beside a normal score of unit variance under which its sign is kept so often."""
    return float(np.tan((1 - accuracy) * np.pi))


def rankable(name: str, kind: Kind, score: np.ndarray, basis: np.ndarray) -> Rankable:
    answers = centre(np.column_stack([score, -score]))
    factor, _ = gram_factor(answers, basis)
    made = Provenance("simulated", "0", "functional", {}, name, len(score), False, 0, probes="simulated")
    blocks = (Block("gram", 0, triangle_length(len(factor)), part="functional"),)
    embedding = TaskEmbedding(name, kind, np.zeros(0, np.float32), blocks, name, made, factor=factor)
    return Rankable(embedding, answers, ("yes", "no"))


def winner(seed: int, n: int, texts: int, best: float) -> str | None:
    """Name of the winner among n candidates of which the first gets `best` right and all others `BASE`."""
    draw = np.random.default_rng(seed)
    features = draw.normal(size=(texts, FEATURES)) * np.linspace(1, 0.1, FEATURES)
    basis = probe_basis(features, FEATURES)
    score = features[:, :SIGNAL] @ draw.normal(size=SIGNAL)
    score, common = score / score.std(), draw.normal(size=texts)
    target = rankable("dataset", "dataset", score + 0.2 * draw.normal(size=texts), basis)
    items = []
    for i in range(n):
        noise = np.sqrt(SHARED) * common + np.sqrt(1 - SHARED) * draw.normal(size=texts)
        items.append(rankable(str(i), "prompt", score + noise_for(BASE if i else best) * noise, basis))
    calibrator = Calibrator("none").fit([target.embedding, *(i.embedding for i in items)])
    return select(target, items, basis, calibrator, level=-1.0, seed=seed).winner


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--texts", type=int, nargs="+", default=[512, 128])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    for texts in options.texts:
        for n in (2, 5, 20):
            for best in (BASE, 0.8, 0.9):
                named = [winner(seed, n, texts, best) for seed in range(options.trials)]
                false = sum(name is not None and (best == BASE or name != "0") for name in named)
                right = sum(name == "0" for name in named) if best > BASE else None
                rows.append({"texts": texts, "candidates": n, "best": best, "false": false, "right": right})
                if not options.json:
                    told = "" if right is None else f", right winner in {right}"
                    print(
                        f"{texts} texts, {n:>2} candidates, the best at {best:.0%}: of {options.trials} trials "
                        f"a false winner in {false}{told}",
                        flush=True,
                    )
    if options.json:
        print(json.dumps({"trials": options.trials, "rows": rows}))


if __name__ == "__main__":
    main()
