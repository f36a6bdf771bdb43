"""Why some datasets of one family do not lie together: how far one dataset's head does the other's job.

    python benchmarks/relatives.py [--json]

For every dataset that has relatives (same family, single texts): the skill of its own head, which reads surrogate
features, on its own test rows; the best skill that the same head, its answers renamed at best, has on a relative's test
rows; and the rank of the nearest relative among datasets in the space.
"""

import argparse
import json

import numpy as np
from scipy.stats import spearmanr
from unified_space import Bench

from fute_core.evaluation.parts.boxes import skill
from fute_core.evaluation.parts.matching import relabelled_accuracy
from fute_core.evaluation.parts.rows import dataset_parts, test_rows
from fute_core.methods.fused import Fused
from fute_core.methods.heads import fit_head
from fute_core.models.surrogate import load_surrogate

ROWS = 200


def told_apart(scores: np.ndarray, truth: np.ndarray) -> float:
    """Skill of scores (n, k) at labels (n,) under the best one-to-one renaming."""
    k = len(np.unique(truth))
    if scores.shape[1] < k:
        return float("nan")
    return skill(relabelled_accuracy(scores - scores.mean(0), truth), k)


def study() -> list[dict]:
    bench, surrogate = Bench(), load_surrogate()
    datasets = np.flatnonzero(bench.kind == "dataset")
    similarity = bench.similarity(bench.factors(), fisher=Fused.fisher_weight)[np.ix_(datasets, datasets)]
    names, families = bench.task[datasets], bench.family[datasets]
    features, truths, heads = {}, {}, {}
    for name in names:
        if (families == families[list(names).index(name)]).sum() > 1:
            test, rows = test_rows(name, ROWS), dataset_parts(name).dte
            features[name], truths[name] = surrogate.features(test.texts), test.targets.argmax(1)
            heads[name] = fit_head(surrogate.features(rows.texts), rows.targets, C=Fused.functional_C)
    found = []
    for i, name in enumerate(names):
        if name not in heads:
            continue
        relatives = [other for other in names[families == families[i]] if other != name]
        order = [names[j] for j in np.argsort(-similarity[i]) if j != i]
        skills = [told_apart(heads[name].logits(features[r]), truths[r]) for r in relatives]
        best = max((s for s in skills if not np.isnan(s)), default=float("nan"))
        found.append(
            {
                "dataset": str(name),
                "family": str(families[i]),
                "own": told_apart(heads[name].logits(features[name]), truths[name]),
                "relative": float(best),
                "rank": 1 + min(order.index(r) for r in relatives),
            }
        )
    return sorted(found, key=lambda row: -np.nan_to_num(row["relative"], nan=-1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    rows = study()
    known = [r for r in rows if not np.isnan(r["relative"])]
    link = float(spearmanr([r["relative"] for r in known], [r["rank"] for r in known])[0])
    if as_json:
        print(json.dumps({"ratio": link, "rows": rows}, indent=1))
        return
    print(f"{'dataset':20s} {'family':16s} {'own skill':>10s} {'on relative':>12s} {'its rank':>9s}")
    for r in rows:
        print(f"{r['dataset']:20s} {r['family']:16s} {r['own']:10.2f} {r['relative']:12.2f} {r['rank']:9d}")
    print(f"Spearman of skill on a relative and its rank: {link:.2f}")


if __name__ == "__main__":
    main()
