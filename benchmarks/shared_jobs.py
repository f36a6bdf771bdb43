"""Which datasets do each other's job, as measured on their rows, and does the similarity tell?

    python benchmarks/shared_jobs.py [FOLDER] [--json]

Families are names that people gave. This asks the rows: the head of one dataset answers the test rows of another; from
half of these answers a logistic regression learns what the other's labels are, and its skill on the other half (both
ways) is held against that of the other's own head, read the same way. The mean of both directions is how far two do
each other's job; they share it from 0.5 on. Datasets of single texts with labels whose own head has a skill of 0.2 and
more. With FOLDER, laid out as `fute eval --data` wants it, its English datasets that do not ship are newcomers.

By form of the similarity (of `benchmarks/strangers.py`; *agreement* is linear CKA of the answers as they are, between
two heads of one encoder): the area of pairs that share a job against those that do not, the share of them above one in
twenty of the others, and Spearman's correlation with how far they do. Then the same area for families, which pairs of
two families share a job, and which of one family do not. The headline `ratio` is the area of what ships over that with
every item alike in the means.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from outside import usable
from probe_counts import with_labels
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from strangers import FORMS, MEANS, Bench

from fute_core.atlas.gallery import load_gallery
from fute_core.embedding.recipe import Recipe
from fute_core.errors import BadInput
from fute_core.evaluation.parts.boxes import skill
from fute_core.evaluation.parts.gallery_items import dataset_item
from fute_core.evaluation.parts.rows import dataset_parts, test_rows
from fute_core.home import DATA
from fute_core.methods.fused import Fused
from fute_core.methods.heads import fit_head
from fute_core.models.surrogate import load_surrogate
from fute_core.space.factors import Factors
from fute_core.store.unnamed import UnnamedStore

ROWS, SHARED, SKILLED, ERROR, SHOWN = 400, 0.5, 0.2, 0.05, 12


def read_skill(answers: NDArray[np.float64], truth: NDArray[np.intp]) -> float:
    """Skill of what a logistic regression reads off answers (n, k), learnt on one half and judged on the other."""
    half = np.random.default_rng(0).permutation(len(truth)) % 2
    found = []
    for learnt in (half == 0, half == 1):
        if len(np.unique(truth[learnt])) < 2:
            return 0.0
        scaled = (answers - answers[learnt].mean(0)) / (answers[learnt].std(0) + 1e-9)
        reader = LogisticRegression(class_weight="balanced", max_iter=200).fit(scaled[learnt], truth[learnt])
        right = balanced_accuracy_score(truth[~learnt], reader.predict(scaled[~learnt]))
        found.append(skill(float(right), len(np.unique(truth))))
    return float(np.mean(found))


def jobs_done(names: list[tuple[str, Path]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far each two do each other's job (n, n), and the skill of each own head (n,)."""
    surrogate = load_surrogate()
    heads, features, truths = [], [], []
    for name, folder in names:
        test, rows = test_rows(name, ROWS, folder), dataset_parts(name, folder).dte
        features.append(surrogate.features(test.texts))
        truths.append(test.targets.argmax(1))
        heads.append(fit_head(surrogate.features(rows.texts), rows.targets, C=Fused.functional_C))
    skills = np.array([[read_skill(h.logits(x), y) for x, y in zip(features, truths, strict=True)] for h in heads])
    own = np.diag(skills)
    share = np.clip(skills / np.maximum(own, SKILLED / 2), 0.0, None)
    return (share + share.T) / 2, own


def judged(similarity: NDArray[np.float64], done: NDArray[np.float64], kin: NDArray[np.bool_]) -> dict[str, float]:
    """Figures of some pairs, each (n,)."""
    share = done >= SHARED
    level = np.quantile(similarity[~share], 1 - ERROR)
    return {
        "area": float(roc_auc_score(share, similarity)), "power": float((similarity[share] >= level).mean()),
        "spearman": float(spearmanr(similarity, done)[0]), "of_families": float(roc_auc_score(kin, similarity)),
    }  # fmt: skip


def study(folder: Path | None) -> dict:
    """All figures."""
    gallery, store, recipe = load_gallery(False), UnnamedStore(), Recipe()
    items = [i for i in gallery.items if i.embedding.kind != "prompt"]
    shaping = len(items)
    names = [(name, DATA) for name in with_labels()]
    for name in usable(folder) if folder else ():
        try:
            items.append(dataset_item(name, store, recipe, folder))
        except BadInput as error:
            print(f"{name} is left out: {error}")
            continue
        names.append((name, folder))
    done, own = jobs_done(names)
    bench = Bench(items, gallery.basis)
    where = {item.embedding.name: k for k, item in enumerate(items) if item.embedding.kind == "dataset"}
    at = [where[name] for name, _ in names]
    plain = Factors.of(bench.read.factors[bench.texts])
    forms = {name: bench.similarities(np.arange(shaping), FORMS[name]) for name in MEANS}
    forms["agreement"] = plain.inner(plain)
    family, new = bench.family[at], np.array(at) >= shaping
    left, right = np.tril_indices(len(at), -1)
    able = (own[left] >= SKILLED) & (own[right] >= SKILLED)
    left, right = left[able], right[able]
    among = {"two that ship": ~new[left] & ~new[right], "a newcomer and one that ships": new[left] != new[right]}
    found: dict = {"datasets": len(at), "skilled": int((own >= SKILLED).sum()), "pairs": {}, "strange": [], "apart": []}
    for what, chosen in among.items():
        if not chosen.any():
            continue
        one, other = left[chosen], right[chosen]
        kin = family[one] == family[other]
        found["pairs"][what] = {
            "pairs": int(chosen.sum()), "shared": int((done[one, other] >= SHARED).sum()), "kin": int(kin.sum()),
            "shared_kin": int((done[one, other] >= SHARED)[kin].sum()),
            "forms": {
                name: judged(s[np.ix_(at, at)][one, other], done[one, other], kin) for name, s in forms.items()
            },
        }  # fmt: skip
    for i, j in sorted(zip(left, right, strict=True), key=lambda pair: -done[pair]):
        pair = (names[i][0], names[j][0], float(done[i, j]), float(forms["ships"][at[i], at[j]]))
        if family[i] != family[j] and len(found["strange"]) < SHOWN:
            found["strange"].append(pair)
        if family[i] == family[j] and done[i, j] < SHARED:
            found["apart"].append(pair)
    ships = found["pairs"]["two that ship"]["forms"]
    return {"ratio": ships["ships"]["area"] / ships["nothing left out, items alike"]["area"], **found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = study(arguments.folder)
    if arguments.json:
        print(json.dumps(found, indent=1))
        return
    print(f"{found['skilled']} of {found['datasets']} datasets whose own head has a skill of {SKILLED} and more.")
    for what, row in found["pairs"].items():
        print(f"{what}: {row['pairs']} pairs, {row['shared']} share a job; of {row['kin']} of one family "
              f"{row['shared_kin']} do")  # fmt: skip
        for name, of in row["forms"].items():
            print(f"    {name:16s} area {of['area']:.2f}  power {of['power']:.2f}  Spearman {of['spearman']:.2f}  "
                  f"area of families {of['of_families']:.2f}")  # fmt: skip
    for title, which in (
        ("Of two families, doing each other's job most:", "strange"),
        ("Of one family, and apart:", "apart"),
    ):
        print(title)
        for one, other, done, similarity in found[which]:
            print(f"    {one:22s} {other:22s} {done:.2f}  similarity {similarity:.2f}")


if __name__ == "__main__":
    main()
