"""What might tell kin from strangers better among newcomers: other means, another whitening, another similarity.

    python benchmarks/strangers.py [--counts 512,1024,2048 | --surrogates bge-small,minilm] [--json]

Read from the shipped gallery over single texts: datasets, and black boxes of skill 0.3 and more. *Strangers* are items
whose family is left out of the space, beside what stays. *Kin* are items whose own dataset is left out, beside the rest
of their family. The forms, each alone or together:

    nothing left out  an item loses the mean of its group whole; what ships leaves out the family that is most like it
    two left out      the two likest families are left out
    a fifth left out  families are, the likest first, up to a fifth of the references, to the nearest whole family
    items left out    the fifth of the references that are most like it are
    items alike       a mean counts every item alike; what ships counts every family alike
    roots             a mean counts a family as the square root of its items
    shrinkage .5      more of the whitening's scatter is spread evenly (0.3 ships)
    cross-fitted      references are whitened without a fifth of the families, their own among them, as newcomers are
    s-norm            a similarity is counted in standard deviations of what both items have to the lower nine tenths
                      of the references (as in speaker recognition)

By pair of kinds: the area under kin against strangers, the same with every family counted alike and the 95 % interval
(drawn over families) of how much that differs from what ships, the share of kin above the level of one in twenty
strangers, and *claims*, the share of items whose nearest of kin lies above what the nearest of one stranger in twenty
reaches, which is what a verdict rests on. Then how often a black box has its own dataset first, and an item whose
dataset is left out one of its family. The headline `ratio` is the mean area of the best row over that of the first.

    --counts N,N,... : judge the form that ships by so many probe texts instead, without Fisher, with black boxes of the
                       three cheap architectures trained anew (six minutes with 2,048)
    --surrogates A,B : judge it on these surrogate encoders instead, without Fisher; datasets are read anew (up to a
                       quarter of an hour each, once)
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from probe_counts import answered, at, with_labels
from sklearn.metrics import roc_auc_score

from fute_core.atlas.gallery import Item, load_gallery
from fute_core.datasets.probes import all_probes
from fute_core.embedding.recipe import Recipe
from fute_core.evaluation.parts.left_out import LeftOut
from fute_core.evaluation.parts.read_again import read_again
from fute_core.evaluation.parts.reference import recipe_basis, task_of
from fute_core.models.surrogate import load_surrogate
from fute_core.space.factors import Factors, centred_cosines
from fute_core.space.whitening import SHRINKAGE
from fute_core.store.session import chosen_store
from fute_core.store.store import Store

SKILL, ERROR, FOLDS, FIFTH, LOWER, DRAWS = 0.3, 0.05, 5, 0.2, 0.9, 2000
PAIRS = (("dataset", "dataset"), ("model", "dataset"), ("model", "model"))


@dataclass(frozen=True)
class Form:
    """One way to compare."""

    shrinkage: float = SHRINKAGE
    power: float = 1.0
    """A family of n items counts as n to the power of 1 less this in a mean."""
    left_out: str = "one"
    cross_fitted: bool = False
    s_norm: bool = False


FORMS = {
    "ships": Form(),
    "nothing left out": Form(left_out=""),
    "nothing left out, roots": Form(power=0.5, left_out=""),
    "nothing left out, items alike": Form(power=0.0, left_out=""),
    "roots": Form(power=0.5),
    "two left out": Form(left_out="two"),
    "a fifth left out": Form(left_out="fifth"),
    "a fifth left out, roots": Form(power=0.5, left_out="fifth"),
    "items left out, roots": Form(power=0.5, left_out="items"),
    "shrinkage .5": Form(0.5),
    "s-norm": Form(s_norm=True),
    "cross-fitted": Form(cross_fitted=True),
    "cross-fitted, .5": Form(0.5, cross_fitted=True),
    "cross-fitted, .5, s-norm": Form(0.5, cross_fitted=True, s_norm=True),
}


MEANS = (
    "ships", "nothing left out", "nothing left out, roots", "nothing left out, items alike", "roots", "two left out",
    "a fifth left out",
)  # fmt: skip
"""The forms that differ in the mean alone."""


class Bench:
    """Datasets and black boxes over single texts, compared by any form."""

    def __init__(self, items: Sequence[Item], basis: NDArray[np.float64]) -> None:
        self.texts = len(basis)
        self.read = LeftOut.of(items, basis, [self.texts])
        self.kind = np.array([i.embedding.kind for i in items])
        self.family = np.array([i.embedding.family for i in items])
        self.task = np.array([task_of(i) or "" for i in items])
        self.counts = np.array([i.facts.get("skill", 1.0) >= SKILL for i in items])

    def similarities(self, rest: NDArray[np.intp], form: Form) -> NDArray[np.float64]:
        """All with all, (n, n), in the space that `rest` has shaped."""
        read, factors = self.read, self.read.factors[self.texts]
        whitening = read._whitening(rest, form.shrinkage)
        whitened = [whitening @ factor for factor in factors]
        if form.cross_fitted:
            fold = {family: at % FOLDS for at, family in enumerate(sorted(set(self.family)))}
            folds = np.array([fold[family] for family in self.family])
            for one in range(FOLDS):
                other = read._whitening(rest[folds[rest] != one], form.shrinkage)
                for i in rest[folds[rest] == one]:
                    whitened[i] = other @ factors[i]
        whole = Factors.of(whitened)
        kernel = whole.inner(whole)
        plain = self._shared_out(read._weights(rest), form.power)
        weights = plain
        if (form.left_out, form.power) == (Form.left_out, Form.power):
            weights = read._weights(rest, kernel)
        elif form.left_out:
            weights = np.array([self._without(*row, form.left_out) for row in zip(plain, kernel, strict=True)])
        fisher = centred_cosines(read.fisher, plain, read.fisher, read.fisher)
        cosines = centred_cosines(kernel, weights, kernel, kernel)
        found = np.where(read.beside, read.share * cosines + (1 - read.share) * fisher, cosines)
        return self._standardised(found, rest) if form.s_norm else found

    def _shared_out(self, weights: NDArray[np.float64], power: float) -> NDArray[np.float64]:
        """Means (n, n) in which a family of s items has a share of s^(1 - power), in place of one share each."""
        out = np.zeros_like(weights)
        for kept, given in zip(out, weights, strict=True):
            own = np.flatnonzero(given)
            size = Counter(self.family[own])
            kept[own] = given[own] * np.array([size[family] ** (1.0 - power) for family in self.family[own]])
            kept *= given.sum() / (kept.sum() or 1.0)
        return out

    def _without(self, weights: NDArray[np.float64], like: NDArray[np.float64], what: str) -> NDArray[np.float64]:
        """What one item loses, (n,), without the references that are most like it."""
        own = np.flatnonzero(weights)
        families = {family: own[self.family[own] == family] for family in set(self.family[own])}
        order = sorted(families, key=lambda f: -like[families[f]].mean())
        sizes = np.array([len(families[family]) for family in order])
        fits = np.logical_and.accumulate(sizes.cumsum() - sizes / 2 <= FIFTH * len(own))
        many = {"one": 1, "two": 2, "fifth": int(fits.sum()), "items": 0}[what]
        left = [i for family in order[:many] for i in families[family]]
        if what == "items":
            left = list(own[np.argsort(-like[own])[: round(FIFTH * len(own))]])
        kept = weights.copy()
        kept[left] = 0.0
        return kept * weights.sum() / kept.sum()

    def _standardised(self, found: NDArray[np.float64], rest: NDArray[np.intp]) -> NDArray[np.float64]:
        mean, spread = np.zeros((2, len(found), len(found)))
        for kind in set(self.kind):
            beside = rest[self.kind[rest] == kind]
            for i, row in enumerate(found):
                values = np.sort(row[beside[beside != i]])
                values = values[: int(LOWER * len(values))]
                mean[i, self.kind == kind], spread[i, self.kind == kind] = values.mean(), values.std()
        return ((found - mean) / spread + (found - mean.T) / spread.T) / 2

    def judge(self, form: Form) -> dict:
        """All figures of one form, and the areas of each family and pair of kinds."""
        every = np.arange(len(self.kind))
        strangers: dict = {pair: [] for pair in PAIRS}
        kin: dict = {pair: [] for pair in PAIRS}
        own_first, family_first, datasets = [], [], np.flatnonzero(self.kind == "dataset")
        for family in sorted(set(self.family)):
            rest = every[self.family != family]
            found = self.similarities(rest, form)
            for i in every[(self.family == family) & self.counts]:
                for one, other in PAIRS:
                    if self.kind[i] == one:
                        strangers[one, other].append(found[i, rest[self.kind[rest] == other]])
        for task in sorted(set(self.task)):
            family, rest = self.family[self.task == task][0], every[self.task != task]
            found, known = self.similarities(rest, form), datasets[self.task[datasets] != task]
            for i in every[(self.task == task) & self.counts]:
                if self.kind[i] == "model":
                    own_first.append(self.task[datasets[found[i, datasets].argmax()]] == task)
                if family not in self.family[known]:
                    continue
                family_first.append(self.family[known[found[i, known].argmax()]] == family)
                for one, other in PAIRS:
                    alike = rest[(self.family[rest] == family) & (self.kind[rest] == other) & self.counts[rest]]
                    if self.kind[i] == one and len(alike):
                        kin[one, other].append((family, found[i, alike]))
        pairs = {f"{one} {other}": judged(kin[one, other], strangers[one, other]) for one, other in PAIRS}
        return {
            "pairs": pairs, "own_first": float(np.mean(own_first)), "of": len(own_first),
            "family_first": float(np.mean(family_first)), "of_kin": len(family_first),
            "area": float(np.mean([row["area"] for row in pairs.values()])),
        }  # fmt: skip


def judged(kin: list[tuple[str, NDArray[np.float64]]], strangers: list[NDArray[np.float64]]) -> dict:
    """Kin by family and strangers, an array an item, as areas and shares."""
    null, nearest = np.concatenate(strangers), np.quantile([v.max() for v in strangers], 1 - ERROR)
    values, families = np.concatenate([v for _, v in kin]), np.repeat([f for f, _ in kin], [len(v) for _, v in kin])
    areas = {str(f): area(values[families == f], null) for f in sorted(set(families))}
    return {
        "kin": len(values), "area": area(values, null), "alike": float(np.mean(list(areas.values()))),
        "power": float((values >= np.quantile(null, 1 - ERROR)).mean()), "areas": areas,
        "claims": float(np.mean([v.max() >= nearest for _, v in kin])), "items": len(kin),
    }  # fmt: skip


def area(kin: NDArray[np.float64], strangers: NDArray[np.float64]) -> float:
    """Under kin against strangers."""
    return float(roc_auc_score(np.r_[np.ones(len(kin)), np.zeros(len(strangers))], np.r_[kin, strangers]))


def compared(row: dict, ships: dict) -> tuple[float, float]:
    """The 95 % interval of how much the area differs, families drawn anew."""
    families = list(ships["areas"])
    differences = np.array([row["areas"][f] - ships["areas"][f] for f in families])
    drawn = np.random.default_rng(0).integers(len(families), size=(DRAWS, len(families)))
    low, high = np.percentile(differences[drawn].mean(1), [2.5, 97.5])
    return float(low), float(high)


def by_form() -> dict[str, dict]:
    """Figures of every form, on what ships."""
    gallery = load_gallery(False)
    bench = Bench([i for i in gallery.items if i.embedding.kind != "prompt"], gallery.basis)
    return {name: {**bench.judge(form), "form": asdict(form)} for name, form in FORMS.items()}


def by_count(counts: Sequence[int]) -> dict[str, dict]:
    """Figures of the form that ships by numbers of probe texts."""
    texts = all_probes(False).texts[: max(counts)]
    items, features = answered(texts, with_labels()), load_surrogate().features(texts)
    return {f"{n} texts": Bench(*at(n, items, features)[:2]).judge(Form()) for n in counts}


def by_surrogate(surrogates: Sequence[str]) -> dict[str, dict]:
    """Figures of the form that ships on several encoders, which read the datasets and make the basis."""
    store, found = chosen_store(None), {}
    for surrogate in surrogates:
        recipe = Recipe("functional", surrogate=surrogate)
        found[surrogate] = Bench(shipped_by(recipe, store), recipe_basis(recipe, False, store)).judge(Form())
    return found


def shipped_by(recipe: Recipe, store: Store) -> list[Item]:
    """The shipped datasets with labels and their black boxes as a recipe reads them."""
    shipped = [
        i for i in load_gallery(False).items if i.embedding.kind != "prompt" and len(i.facts.get("labels", ())) > 1
    ]  # fmt: skip
    return read_again(shipped, recipe, store, told=lambda sentence: print(sentence, file=sys.stderr))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", help="numbers of probe texts, what ships first")
    parser.add_argument("--surrogates", help="encoders, what ships first")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.surrogates:
        found = by_surrogate(arguments.surrogates.split(","))
    else:
        found = by_count([int(n) for n in arguments.counts.split(",")]) if arguments.counts else by_form()
    ships = next(iter(found.values()))
    for row in found.values():
        for pair, of in row["pairs"].items():
            of["alike_differs"] = compared(of, ships["pairs"][pair])
    if arguments.json:
        ratio = max(row["area"] for row in found.values()) / ships["area"]
        print(json.dumps({"ratio": ratio, "forms": found}, indent=1))
        return
    for name, row in found.items():
        print(f"{name}: own first {row['own_first']:.2f} of {row['of']}, family first {row['family_first']:.2f} of "
              f"{row['of_kin']}")  # fmt: skip
        for pair, of in row["pairs"].items():
            low, high = of["alike_differs"]
            print(f"    {pair:16s} area {of['area']:.2f}  alike {of['alike']:.2f} ({low:+.2f} to {high:+.2f})  power "
                  f"{of['power']:.2f} of {of['kin']}  claims {of['claims']:.2f} of {of['items']}")  # fmt: skip


if __name__ == "__main__":
    main()
