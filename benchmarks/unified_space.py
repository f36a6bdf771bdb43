"""What makes the space unified: variants of the functional part judged on the shipped black boxes, each family's rows
with whitening learnt from the other families alone.

    python benchmarks/unified_space.py [--json]

Everything is read from the shipped gallery (answers on the probe texts), so it takes a minute or two and no model. The
Fisher part of datasets is left out here but for the rows that name it.
"""

import argparse
import json

import numpy as np

from fute_core.analysis.skill import WEAK
from fute_core.atlas.gallery import load_gallery
from fute_core.datasets.probes import load_probes
from fute_core.evaluation.retrieval.ranks import SKILLED
from fute_core.methods.functional import log_odds
from fute_core.space.whitening import SHRINKAGE, within_task_whitening

CHOSEN = "whitened, centred on other families (chosen)"


class Bench:
    """Datasets and black boxes over single texts, as centred answers on the probe texts."""

    def __init__(self):
        gallery = load_gallery(False)
        self.basis = gallery.basis
        self.items = [i for i in gallery.items if i.embedding.kind in ("dataset", "model")]
        self.answers = [log_odds(i.answers) for i in self.items]
        self.kind = np.array([i.embedding.kind for i in self.items])
        self.family = np.array([i.embedding.family for i in self.items])
        self.task = np.array([i.facts.get("dataset", i.embedding.name) for i in self.items])
        self.skill = np.array([i.facts.get("skill", np.nan) for i in self.items], float)

    def factors(self, rank=None, prepare=None, n_probes=None) -> list[np.ndarray]:
        """Unit-norm factors (r, k)."""
        basis = self.basis[:, :rank]
        answers = [prepare(a) for a in self.answers] if prepare else self.answers
        if n_probes is not None:
            cut = [a[:n_probes] - a[:n_probes].mean(0) for a in answers]
            basis, _ = np.linalg.qr(basis[:n_probes, : n_probes - 1])
            answers = cut
        found = [basis.T @ a for a in answers]
        return [f / np.linalg.norm(f) for f in found]

    def similarity(self, factors, shrinkage=SHRINKAGE, centring="others", skilled_only=False, fisher=0.0) -> np.ndarray:
        out = np.zeros((len(factors), len(factors)))
        for family in np.unique(self.family):
            used = factors
            if shrinkage is not None:
                whitening = self._whitening(factors, family, shrinkage, skilled_only)
                used = [whitening @ f for f in factors]
            cosines = _centred(_cka(used), self.kind, self.family, centring)
            rows = self.family == family
            out[rows] = cosines[rows]
        return out + fisher * self._fisher() if fisher else out

    def _whitening(self, factors, family, shrinkage, skilled_only):
        tasks = []
        for task in np.unique(self.task[self.family != family]):
            members = np.flatnonzero(self.task == task)
            if skilled_only:
                members = [i for i in members if not self.skill[i] < WEAK]
            if len(members) > 1:
                tasks.append([factors[i] for i in members])
        return within_task_whitening(tasks, shrinkage)

    def _fisher(self) -> np.ndarray:
        """Cosines of the datasets' Fisher parts, kind-centred; zero wherever a model is concerned."""
        from fute_core.space.blocks import scale_blocks

        out = np.zeros((len(self.items), len(self.items)))
        datasets = np.flatnonzero(self.kind == "dataset")
        embeddings = [self.items[i].embedding for i in datasets]
        rows = np.stack([scale_blocks(e.values, e.value_blocks) for e in embeddings])
        rows -= rows.mean(0)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        out[np.ix_(datasets, datasets)] = rows @ rows.T
        return out

    def figures(self, similarity, judged=None) -> dict[str, float]:
        """judged : bool (n,), the items that count (all); every dataset is a candidate."""
        judged = np.ones(len(self.items), bool) if judged is None else judged
        datasets = np.flatnonzero(self.kind == "dataset")
        reciprocal = []
        for d in datasets[judged[datasets]]:
            order = [o for o in datasets[np.argsort(-similarity[d, datasets])] if o != d]
            same = [rank for rank, o in enumerate(order, 1) if self.family[o] == self.family[d]]
            reciprocal += [1 / same[0]] if same else []
        models = np.flatnonzero((self.kind == "model") & judged)
        first = datasets[similarity[np.ix_(models, datasets)].argmax(1)]
        own = self.task[first] == self.task[models]
        family = self.family[first] == self.family[models]
        skilled = self.skill[models] >= SKILLED
        weak = (self.skill[models] >= WEAK) & ~skilled
        return {
            "dte_family_mrr": _mean(reciprocal),
            "skilled_own_top1": _mean(own[skilled]),
            "skilled_family_first": _mean(family[skilled]),
            "weak_family_first": _mean(family[weak]),
        }


def _mean(values) -> float:
    return float(np.mean(values)) if len(values) else float("nan")


def _cka(factors) -> np.ndarray:
    """Linear CKA of all pairs, (n, n)."""
    widths = [f.shape[1] for f in factors]
    starts = np.concatenate([[0], np.cumsum(widths)[:-1]])
    stacked = np.concatenate(factors, 1)
    squares = (stacked.T @ stacked) ** 2
    inner = np.add.reduceat(np.add.reduceat(squares, starts, 0), starts, 1)
    norms = np.sqrt(np.diag(inner))
    return inner / norms[:, None] / norms


def _centred(cka, kind, family, how) -> np.ndarray:
    """Cosines after each kind's mean is taken away, all in terms of inner products."""
    if how == "none":
        return cka
    weights = np.zeros((len(cka), len(cka)))
    for k in np.unique(kind):
        members = kind == k
        families = np.unique(family[members])
        shares = np.array([(members & (family == f)) / (members & (family == f)).sum() for f in families])
        if how == "kind":
            weights[members] = members / members.sum()
        elif how == "family":  # every family counts alike
            weights[members] = shares.mean(0)
        else:  # the same without the likest
            likest = (cka[members] @ shares.T).argmax(1)
            weights[members] = (shares.sum(0) - shares[likest]) / (len(families) - 1)
    cross = cka @ weights.T
    inner = cka - cross - cross.T + weights @ cross
    norms = np.sqrt(np.maximum(np.diag(inner), 1e-12))
    return inner / norms[:, None] / norms


def variants(bench: Bench):
    """(what, similarity matrix) of everything that is compared."""
    sources = np.array(load_probes(False).sources)
    one_hot = (sources[:, None] == np.unique(sources)).astype(float)
    by_source = np.eye(len(sources)) - one_hot @ np.linalg.pinv(one_hot)
    plain = bench.factors()
    yield "raw: no whitening, no centring", bench.similarity(plain, None, "none")
    yield "centred on other families only", bench.similarity(plain, None)
    yield (
        "answers centred within each source of probe texts",
        bench.similarity(bench.factors(prepare=by_source.dot), None),
    )
    for count in (5, 20):
        without = np.eye(len(sources)) - bench.basis[:, :count] @ bench.basis[:, :count].T
        factors = bench.factors(prepare=without.dot)
        yield f"without the {count} leading directions of the texts", bench.similarity(factors, None)
    yield "whitened, not centred", bench.similarity(plain, centring="none")
    yield "whitened, centred on the mean of the kind", bench.similarity(plain, centring="kind")
    yield "whitened, centred on the mean of all families", bench.similarity(plain, centring="family")
    yield "whitened on models of skill 0.3 and more only", bench.similarity(plain, skilled_only=True)
    for shrinkage in (0.02, 0.1, 0.7):
        yield f"whitened with shrinkage {shrinkage}", bench.similarity(plain, shrinkage)
    for rank in (128, 192, 256):
        yield f"whitened, rank {rank}", bench.similarity(bench.factors(rank))
    for count in (128, 256, 384):
        yield f"whitened, first {count} probe texts", bench.similarity(bench.factors(n_probes=count))
    yield CHOSEN, bench.similarity(plain)
    for weight in (0.25, 0.5, 1.0):
        yield f"chosen + {weight} Fisher between datasets", bench.similarity(plain, fisher=weight)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    bench = Bench()
    table = {}
    for what, similarity in variants(bench):
        table[what] = bench.figures(similarity)
        if not as_json:
            print(f"{what:58s}" + "".join(f"  {value:.2f}" for value in table[what].values()), flush=True)
    if as_json:
        raw, chosen = (table[what]["skilled_own_top1"] for what in ("raw: no whitening, no centring", CHOSEN))
        print(json.dumps({"ratio": chosen / raw, "variants": table}, indent=1))
    else:
        print("columns: " + ", ".join(next(iter(table.values()))))


if __name__ == "__main__":
    main()
