"""What the settings are worth on families that had no part in choosing them.

    python benchmarks/held_out.py [--json]

The families are halved at random, again and again. On one half the setting with the best mean of the four figures is
chosen; it is then judged on the other half, beside the shipped setting and the published-style plain cosine. Over
single texts; black boxes come from the shipped gallery, the datasets' heads are fitted here (three minutes).
"""

import argparse
import json
from itertools import product

import numpy as np
from unified_space import Bench

from fute_core.datasets.probes import load_probes
from fute_core.evaluation.parts.rows import dataset_parts
from fute_core.methods.functional import Functional, centre, joined
from fute_core.methods.fused import Fused
from fute_core.methods.heads import fit_head
from fute_core.methods.spelling import spelling_answers
from fute_core.models.surrogate import load_surrogate
from fute_core.space.whitening import SHRINKAGE

HEAD_C = (0.001, 0.003, 0.01, 0.03)
SPELLING = (0.0, 0.5, 1.0)
SHRINKAGES = (0.1, 0.3, 0.5)
FISHER = (0.0, 0.5, 1.0)
SHIPPED = (Functional.C, Functional.spelling, SHRINKAGE, Fused.fisher_weight)
SPLITS = 40


class Refitted(Bench):
    """The bench with datasets' heads fitted anew, for any C and weight of spelling."""

    def __init__(self):
        super().__init__()
        surrogate, probes = load_surrogate(), load_probes(False)
        asked = surrogate.features(probes.texts)
        self.meaning, self.spelling = {}, {}
        for place in np.flatnonzero(self.kind == "dataset"):
            rows = dataset_parts(self.task[place]).dte
            features, scores = surrogate.features(rows.texts), rows.regression
            for C in HEAD_C:
                head = fit_head(features, rows.targets, C=C, regression=scores)
                self.meaning[place, C] = centre(head.logits(asked))
            self.spelling[place] = centre(spelling_answers(rows.texts, rows.targets, probes.texts, scores))

    def answering(self, C: float, weight: float) -> list[np.ndarray]:
        answers = list(self.answers)
        for place, others in self.spelling.items():
            answers[place] = joined(self.meaning[place, C], others, weight)
        factors = [self.basis.T @ a for a in answers]
        return [f / np.linalg.norm(f) for f in factors]

    def on(self, similarity: np.ndarray, families: np.ndarray) -> dict[str, float]:
        """Figures of the items of these families; all datasets stay candidates."""
        return self.figures(similarity, np.isin(self.family, families))


def study(bench: Refitted, splits: int = SPLITS) -> dict:
    fisher = bench._fisher()
    found = {}
    for C, weight in product(HEAD_C, SPELLING):
        factors = bench.answering(C, weight)
        for shrinkage in SHRINKAGES:
            plain = bench.similarity(factors, shrinkage)
            for share in FISHER:
                found[C, weight, shrinkage, share] = plain + share * fisher
    published = bench.similarity(bench.answering(0.03, 0.0), None, "none")
    rng, families = np.random.default_rng(0), np.unique(bench.family)
    rows: dict[str, list[dict[str, float]]] = {"chosen on the other half": [], "shipped": [], "plain cosine": []}
    picks: dict[str, int] = {}
    for _ in range(splits):
        order = rng.permutation(families)
        tuned, held = order[: len(order) // 2], order[len(order) // 2 :]
        best = max(found, key=lambda setting: np.nanmean(list(bench.on(found[setting], tuned).values())))
        picks[str(best)] = picks.get(str(best), 0) + 1
        for name, similarity in (("chosen on the other half", found[best]), ("shipped", found[SHIPPED]),
                                 ("plain cosine", published)):  # fmt: skip
            rows[name].append(bench.on(similarity, held))
    table = {
        name: {figure: float(np.nanmean([r[figure] for r in each])) for figure in each[0]}
        for name, each in rows.items()
    }
    return {"splits": splits, "table": table, "picked": dict(sorted(picks.items(), key=lambda kv: -kv[1]))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    report = study(Refitted())
    if as_json:
        chosen, plain = (report["table"][n]["skilled_own_top1"] for n in ("chosen on the other half", "plain cosine"))
        print(json.dumps({"ratio": chosen / plain, **report}, indent=1))
        return
    figures = list(next(iter(report["table"].values())))
    print(f"{'on the half not chosen on':28s}" + "".join(f"{figure:>24s}" for figure in figures))
    for name, values in report["table"].items():
        print(f"{name:28s}" + "".join(f"{values[figure]:24.3f}" for figure in figures))
    print("\npicked (C, spelling, shrinkage, Fisher weight):")
    for setting, count in list(report["picked"].items())[:8]:
        print(f"{count:4d}  {setting}")


if __name__ == "__main__":
    main()
