"""How the Fisher part should be weighed where one side has none: three rules, judged on lists that mix kinds.

    python benchmarks/kinds_of_pairs.py [--json]

Datasets have a functional and a Fisher part, black boxes a functional one alone. With both parts at their share of the
unit norm a dataset and a black box that answer alike are sqrt(1 / 1.5) = 0.816 alike at most (`norm`). Beside it stand
`pair by pair`, what ships: two datasets are (functional + 0.5 Fisher) / 1.5 alike and every other pair as its answers
are; and `functional`, where Fisher counts nowhere. Read from the shipped gallery over single texts, black boxes of
skill 0.3 and more; each row of similarities is in the space that the item's family, or its task alone, had no part in.

Kin are items of one family but of other tasks. Power is the share of kin above the level that one in twenty strangers
reach, those of the same kinds of pairs or of all kinds. A mixed list holds all datasets and black boxes but the item.
"""

import argparse
import json
from dataclasses import replace

import numpy as np
from sklearn.metrics import roc_auc_score

from fute_core.atlas.gallery import load_gallery
from fute_core.evaluation.parts.left_out import LeftOut
from fute_core.evaluation.parts.reference import task_of
from fute_core.methods.fused import Fused

SKILL = 0.3
TOP = 5
WEIGHT = Fused().fisher_weight
KINDS = (("dataset", "dataset"), ("dataset", "model"), ("model", "dataset"), ("model", "model"))


class Judged:
    """Datasets and skilled black boxes with both kinds of similarity, row by row in a space that did not know the row.

    functional, fisher : (n, n); the second counts only between two datasets.
    """

    def __init__(self, left_out: str):
        gallery = load_gallery(False)
        read = LeftOut.of(gallery.items, gallery.basis, [len(gallery.basis)])
        parts = [replace(read, share=share) for share in (1.0, 0.0)]
        group = [i.embedding.family if left_out == "family" else task_of(i) for i in read.items]
        chosen = [
            i for i, item in enumerate(read.items)
            if item.embedding.kind != "prompt" and item.facts.get("skill", 1.0) >= SKILL
        ]  # fmt: skip
        items = [read.items[i] for i in chosen]
        self.kind = np.array([i.embedding.kind for i in items])
        self.family = np.array([i.embedding.family for i in items])
        self.task = np.array([task_of(i) for i in items])
        found = np.zeros((2, len(items), len(items)))
        for one in {group[i] for i in chosen}:
            rest = [i for i, own in enumerate(group) if own != one]
            rows = np.array([group[i] == one for i in chosen])
            for at, part in enumerate(parts):
                (cosines,) = part.similarities(rest, list(read.factors)).values()
                found[at, rows] = cosines[np.ix_(chosen, chosen)][rows]
        self.functional, self.fisher = found

    def rules(self) -> dict[str, np.ndarray]:
        """Similarities (n, n) by rule."""
        dataset = self.kind == "dataset"
        both = np.outer(dataset, dataset)
        fused = np.where(both, (self.functional + WEIGHT * self.fisher) / (1 + WEIGHT), self.functional)
        mixed = dataset[:, None] != dataset[None, :]
        return {
            "norm": np.where(mixed, fused / np.sqrt(1 + WEIGHT), fused),
            "pair by pair": fused,
            "functional": self.functional,
        }

    def figures(self, similarity: np.ndarray) -> dict[str, float]:
        """Everything that the table shows of one rule."""
        other = self.task[:, None] != self.task[None, :]
        kin = (self.family[:, None] == self.family[None, :]) & other
        strangers = self.family[:, None] != self.family[None, :]
        of_kinds = {kinds: np.outer(self.kind == kinds[0], self.kind == kinds[1]) for kinds in KINDS}
        found: dict[str, float] = {}
        for kinds, mask in (*of_kinds.items(), (("all", "kinds"), np.ones_like(other))):
            values, judged = similarity[mask & other], kin[mask & other]
            level = np.quantile(similarity[mask & strangers], 0.95)
            found[f"area {' '.join(kinds)}"] = float(roc_auc_score(judged, values))
            found[f"power {' '.join(kinds)}"] = float((similarity[mask & kin] >= level).mean())
        level = np.quantile(similarity[strangers], 0.95)
        for kinds, mask in of_kinds.items():
            found[f"false alarms at one level {' '.join(kinds)}"] = float(
                (similarity[mask & strangers] >= level).mean()
            )
        return found | self._lists(similarity)

    def _lists(self, similarity: np.ndarray) -> dict[str, float]:
        datasets, models = (np.flatnonzero(self.kind == kind) for kind in ("dataset", "model"))
        ahead = similarity - 4 * np.eye(len(similarity))
        first = datasets[similarity[np.ix_(models, datasets)].argmax(1)]
        found = {"own dataset first among datasets": float((self.task[first] == self.task[models]).mean())}
        for kind, rows in (("model", models), ("dataset", datasets)):
            order = np.argsort(-ahead[rows], axis=1)[:, :-1]
            own = self.task[order] == self.task[rows][:, None]
            wanted = own & ((self.kind[order] == "dataset") | (kind == "dataset"))
            seen = wanted.any(1)  # a dataset may have no skilled black box
            found[f"mixed list of a {kind}: mean rank of its own"] = float(wanted[seen].argmax(1).mean() + 1)
            found[f"mixed list of a {kind}: own in the first {TOP}"] = float(wanted[seen, :TOP].any(1).mean())
            top = order[:, :TOP]
            same = self.family[top] == self.family[rows][:, None]
            found[f"mixed list of a {kind}: family in the first {TOP}"] = float(same.mean())
            found[f"mixed list of a {kind}: datasets in the first {TOP}"] = float((self.kind[top] == "dataset").mean())
        return found


def whole_space() -> dict[str, float]:
    """By rule the smallest eigenvalue of all similarities in the space as it ships, over the largest."""
    gallery = load_gallery(False)
    read = LeftOut.of(gallery.items, gallery.basis, [len(gallery.basis)])
    whole = object.__new__(Judged)
    whole.kind = np.array([i.embedding.kind for i in read.items])
    every, counts = range(len(read.items)), list(read.factors)
    for name, share in (("functional", 1.0), ("fisher", 0.0)):
        (cosines,) = replace(read, share=share).similarities(every, counts).values()
        setattr(whole, name, cosines)
    values = {rule: np.linalg.eigvalsh((s + s.T) / 2) for rule, s in whole.rules().items()}
    return {rule: float(found[0] / found[-1]) for rule, found in values.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    table = {}
    for left_out in ("family", "task"):
        judged = Judged(left_out)
        table[left_out] = {rule: judged.figures(similarity) for rule, similarity in judged.rules().items()}
    smallest = whole_space()
    if as_json:
        mean = "mixed list of a model: mean rank of its own"
        ratio = table["family"]["norm"][mean] / table["family"]["pair by pair"][mean]
        print(json.dumps({"ratio": ratio, "left out": table, "smallest eigenvalue": smallest}, indent=1))
        return
    for left_out, rules in table.items():
        print(f"\nWithout the item's {left_out}:".ljust(60) + "".join(f"{rule:>14s}" for rule in rules))
        for name in rules["norm"]:
            print(f"{name:59s}" + "".join(f"{figures[name]:14.3f}" for figures in rules.values()))
    print(
        "\n"
        + "smallest eigenvalue over the largest, as it ships".ljust(59)
        + "".join(f"{v:14.1e}" for v in smallest.values())
    )


if __name__ == "__main__":
    main()
